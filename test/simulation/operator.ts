/** Who changes settings while the store runs, and asks for saves and rewrites. */
import type { Seeded } from '../../src/host/index.ts'
import type { Store } from '../../src/store/index.ts'
import { encode } from '../support/link.ts'

export class Operator {
  readonly #store: Store
  readonly #hasLog: boolean
  readonly #savesOften: boolean

  constructor(
    store: Store,
    { hasLog, savesOften }: { readonly hasLog: boolean; readonly savesOften: boolean },
  ) {
    this.#store = store
    this.#hasLog = hasLog
    this.#savesOften = savesOften
  }

  /** Says one thing. @returns what, and what was answered at once. */
  operate(random: Seeded): { said: string; answer: string } {
    const argv = random.pick(this.#possible(random))
    let answer = ''
    const client = this.#store.connect({
      send: (sent, start, end) => {
        answer += Buffer.from(sent.subarray(start, end)).toString('latin1')
        return true
      },
      close: () => {},
      pendingBytes: 0,
    })
    const bytes = encode(argv)
    this.#store.engine.receive(client, bytes, 0, bytes.length)
    this.#store.engine.outbox.flushTurn()
    return { said: argv.join(' '), answer }
  }

  /** What comes behind the words of a client: one or two things that are answered without a save. */
  asides(random: Seeded): string[][] {
    const possible = this.#all(random).filter(([name]) => !name!.endsWith('SAVE'))
    return Array.from({ length: random.between(1, 2) }, () => random.pick(possible))
  }

  #possible(random: Seeded): string[][] {
    if (this.#savesOften && random.chance(0.7)) return [[this.#hasLog ? 'BGREWRITEAOF' : 'BGSAVE']]
    return this.#all(random)
  }

  #all(random: Seeded): string[][] {
    const has = (name: string) => this.#store.engine.table.get(name) !== undefined
    const policy = random.pick(['always', 'everysec', 'no'])
    const possible = [['CONFIG', 'SET', 'appendfsync', policy]]
    if (this.#hasLog) possible.push(['CONFIG', 'SET', 'appendonly', random.pick(['yes', 'no'])])
    if (has('BGREWRITEAOF')) possible.push(['BGREWRITEAOF'], ['BGREWRITEAOF'])
    if (has('BGSAVE')) possible.push(['BGSAVE'])
    if (has('SAVE')) possible.push(['SAVE'])
    return possible
  }
}
