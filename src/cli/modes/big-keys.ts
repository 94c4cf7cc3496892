/**
 * `--bigkeys` and `--memkeys`: walks the keyspace and says which key of each type is the largest,
 * by elements or by memory, with sums and averages.
 */
import { type Reply, replyText } from '../reply.ts'
import type { Session } from '../session.ts'
import { binary, quote, unbinary } from '../words.ts'
import { must, Rounds, refuse } from './rounds.ts'
import { scanKeys } from './scan.ts'

/** What counts as size for a type, and what has been seen of it. */
interface TypeTally {
  readonly name: string
  /** The command that tells the size; unknown for types of modules. */
  readonly sizeCommand: string | undefined
  readonly unit: string
  biggest: number
  biggestKey: string | undefined
  count: number
  total: number
}

const TYPES: readonly (readonly [name: string, sizeCommand: string, unit: string])[] = [
  ['string', 'STRLEN', 'bytes'],
  ['list', 'LLEN', 'items'],
  ['set', 'SCARD', 'members'],
  ['hash', 'HLEN', 'fields'],
  ['zset', 'ZCARD', 'members'],
  ['stream', 'XLEN', 'entries'],
]

/** SCAN calls between two pauses of `-i`. */
const SCANS_PER_PAUSE = 100
const KEYS_PER_NOTE = 1_000_000

/** Walks and reports. @returns the exit status. */
export async function runBigKeys(session: Session, isMemory: boolean): Promise<number> {
  if (!(await session.connect())) return 1
  await new Walk(session, isMemory).run()
  return 0
}

class Walk {
  readonly #session: Session
  readonly #isMemory: boolean
  readonly #types: TypeTally[]
  readonly #isTerminal: boolean
  #sampled = 0
  #keyBytes = 0
  #total = 0

  constructor(session: Session, isMemory: boolean) {
    this.#session = session
    this.#isMemory = isMemory
    this.#isTerminal = session.io.stdout.isTTY === true
    this.#types = TYPES.map(([name, sizeCommand, unit]) => tally(name, sizeCommand, unit))
  }

  async run(): Promise<void> {
    const session = this.#session
    this.#total = Number(replyText(await must(session, "Couldn't determine DBSIZE", 'DBSIZE')) ?? 0)
    await session.print(
      '\n# Scanning the entire keyspace to find biggest keys as well as\n' +
        '# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n' +
        '# per 100 SCAN commands (not usually needed).\n\n',
    )
    const rounds = new Rounds(session)
    let scans = 0
    for await (const keys of scanKeys(session)) {
      await this.#look(keys)
      if (++scans % SCANS_PER_PAUSE === 0) await rounds.pause(session.options.intervalMs)
      if (rounds.isOver) break
    }
    if (this.#isTerminal) await session.print('\r\x1b[0K')
    await session.print(unbinary(this.#summary(rounds.isOver)))
    rounds.end()
  }

  async #look(keys: readonly Uint8Array[]): Promise<void> {
    const percent = percentOf(this.#sampled, this.#total)
    const types = await this.#typesOf(keys)
    const sizes = await this.#sizesOf(keys, types)
    let text = ''
    keys.forEach((key, at) => {
      const type = types[at]
      if (type === undefined) return
      this.#sampled++
      this.#keyBytes += key.length
      type.count++
      type.total += sizes[at]!
      if (sizes[at]! > type.biggest) {
        type.biggest = sizes[at]!
        type.biggestKey = quote(binary(key))
        text += `[${percent}%] Biggest ${type.name.padEnd(6)} found so far ${type.biggestKey} with ${type.biggest} ${this.#unit(type)}\n`
      }
      if (this.#sampled % KEYS_PER_NOTE === 0) {
        text += `[${percent}%] Sampled ${this.#sampled} keys so far\n`
      }
    })
    if (this.#isTerminal) text = `\r\x1b[0K${percent}% of ${this.#total} keys`
    await this.#session.print(unbinary(text))
  }

  /** Types of keys; `undefined` for one that is gone. Asked for in one go. */
  async #typesOf(keys: readonly Uint8Array[]): Promise<(TypeTally | undefined)[]> {
    const { connection } = this.#session
    for (const key of keys) connection.send(['TYPE', key])
    const types: (TypeTally | undefined)[] = []
    for (const _ of keys) {
      const reply = refuse(this.#session, 'TYPE returned an error', await connection.read())
      types.push(this.#typeNamed(replyText(reply) ?? 'none'))
    }
    return types
  }

  #typeNamed(name: string): TypeTally | undefined {
    if (name === 'none') return undefined
    const known = this.#types.find((type) => type.name === name)
    if (known !== undefined) return known
    const added = tally(name, undefined, '?')
    this.#types.push(added)
    return added
  }

  async #sizesOf(
    keys: readonly Uint8Array[],
    types: readonly (TypeTally | undefined)[],
  ): Promise<number[]> {
    const commands = keys.map((key, at) => this.#sizeCommand(key, types[at]))
    for (const command of commands) {
      if (command !== undefined) this.#session.connection.send(command)
    }
    const sizes: number[] = []
    for (const [at, command] of commands.entries()) {
      if (command === undefined) sizes.push(0)
      else sizes.push(this.#sizeFrom(await this.#session.connection.read(), keys[at]!, command))
    }
    return sizes
  }

  #sizeCommand(key: Uint8Array, type: TypeTally | undefined): (string | Uint8Array)[] | undefined {
    if (type === undefined) return undefined
    if (!this.#isMemory) return type.sizeCommand === undefined ? undefined : [type.sizeCommand, key]
    const { memorySamples } = this.#session.options
    const samples = memorySamples === undefined ? [] : ['SAMPLES', String(memorySamples)]
    return ['MEMORY', 'USAGE', key, ...samples]
  }

  #sizeFrom(reply: Reply, key: Uint8Array, command: readonly (string | Uint8Array)[]): number {
    if (reply.kind === 'integer') return Number(reply.value)
    const name = this.#isMemory ? 'MEMORY USAGE' : String(command[0])
    const warning = `Warning:  ${name} on '${binary(key)}' failed (may have changed type)\n`
    this.#session.io.stderr.write(unbinary(warning))
    return 0
  }

  #unit(type: TypeTally): string {
    return this.#isMemory ? 'bytes' : type.unit
  }

  #summary(isCut: boolean): string {
    const sampled = this.#sampled
    const average = sampled === 0 ? 0 : this.#keyBytes / sampled
    const cut = isCut ? `[${percentOf(sampled, this.#total)}%] ` : ''
    const biggest = this.#types
      .filter((type) => type.biggestKey !== undefined)
      .map((type) => {
        const name = type.name.padStart(6)
        return `Biggest ${name} found ${type.biggestKey} has ${type.biggest} ${this.#unit(type)}\n`
      })
    const sums = this.#types.map((type) => {
      const share = percentOf(type.count, sampled)
      const mean = (type.count === 0 ? 0 : type.total / type.count).toFixed(2)
      return `${type.count} ${type.name}s with ${type.total} ${this.#unit(type)} (${share}% of keys, avg size ${mean})\n`
    })
    return [
      '\n-------- summary -------\n\n',
      `${cut}Sampled ${sampled} keys in the keyspace!\n`,
      `Total key length in bytes is ${this.#keyBytes} (avg len ${average.toFixed(2)})\n\n`,
      ...biggest,
      '\n',
      ...sums,
    ].join('')
  }
}

function tally(name: string, sizeCommand: string | undefined, unit: string): TypeTally {
  return { name, sizeCommand, unit, biggest: 0, biggestKey: undefined, count: 0, total: 0 }
}

function percentOf(part: number, whole: number): string {
  return (whole === 0 ? 0 : (100 * part) / whole).toFixed(2).padStart(5, '0')
}
