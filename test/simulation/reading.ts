/** What a store holds, asked for by commands, in the words of the history. */
import type { Client } from '../../src/engine/index.ts'
import type { Reply } from '../../src/resp/reply.ts'
import { ReplyReader } from '../../src/resp/reply-reader.ts'
import type { Store } from '../../src/store/index.ts'
import { encode } from '../support/link.ts'
import { hashText } from './history.ts'
import { wordsOf } from './session.ts'
import type { LoopTimers } from './timers.ts'

/** Answers come within so many rounds of the loop, also while the data is being loaded. */
const ROUNDS_MAX = 2000

/** A connection for asking, which is told everything at once. */
export class Reader {
  readonly #store: Store
  readonly #timers: LoopTimers
  readonly #client: Client
  #replies: Reply[] = []

  constructor(store: Store, timers: LoopTimers) {
    this.#store = store
    this.#timers = timers
    const reader = new ReplyReader()
    this.#client = store.connect({
      send: (bytes, start, end) => {
        reader.push(bytes.subarray(start, end))
        for (let reply = reader.next(); reply; reply = reader.next()) this.#replies.push(reply)
        return true
      },
      close: () => {},
      pendingBytes: 0,
    })
  }

  /** Asks all of it at once. @returns an answer for each. */
  ask(commands: readonly (readonly string[])[]): Reply[] {
    this.#replies = []
    const bytes = Buffer.concat(commands.map((argv) => encode(argv)))
    this.#store.engine.receive(this.#client, bytes, 0, bytes.length)
    // Nobody else has asked anything yet, and without a log nothing has to be awaited.
    this.#store.engine.outbox.flushTurn()
    const count = commands.length
    for (let i = 0; this.#replies.length < count && i < ROUNDS_MAX; i++) this.#timers.round()
    if (this.#replies.length < count) throw new Error(`no answer to ${commands[0]!.join(' ')}`)
    return this.#replies
  }

  /** Everything in both databases, by database and key. */
  all(): Map<string, string> {
    const found = new Map<string, string>()
    for (const database of ['0', '1']) {
      const select = ['SELECT', database]
      const keys = wordList(this.ask([select, ['KEYS', '*']])[1]!)
      if (keys.length === 0) continue
      const facts = this.ask(
        keys.flatMap((key) => [
          ['TYPE', key],
          ['PEXPIRETIME', key],
        ]),
      )
      for (const [i, key] of keys.entries()) {
        const text = this.#text(key, wordsOf(facts[2 * i]!).slice(1))
        const expiresMs = wordsOf(facts[2 * i + 1]!).slice(1)
        if (text === undefined) continue
        found.set(`${database}:${key}`, expiresMs === '-1' ? text : `${text} !${expiresMs}`)
      }
    }
    return found
  }

  /** The words of a key in the database that was selected. */
  #text(key: string, type: string): string | undefined {
    const words = (...argv: string[]) => wordList(this.ask([argv])[0]!)
    switch (type) {
      case 'string':
        return `string ${wordsOf(this.ask([['GET', key]])[0]!).slice(1)}`
      case 'list':
        return `list ${words('LRANGE', key, '0', '-1').join(' ')}`
      case 'set':
        return `set ${words('SMEMBERS', key).sort().join(' ')}`
      case 'hash':
        return this.#hash(key, words('HGETALL', key))
      case 'zset':
        return `zset ${inPairs(words('ZRANGE', key, '0', '-1', 'WITHSCORES'))
          .map(([member, score]) => `${member}=${score}`)
          .join(' ')}`
      case 'stream':
        return this.#stream(key)
      default:
        return undefined
    }
  }

  #hash(key: string, words: readonly string[]): string | undefined {
    const pairs = inPairs(words)
    if (pairs.length === 0) return undefined
    const names = pairs.map(([name]) => name)
    const argv = ['HPEXPIRETIME', key, 'FIELDS', String(names.length), ...names]
    const times = wordList(this.ask([argv])[0]!)
    return hashText(
      pairs.map(([name, value], i) => [name, value, times[i] === '-1' ? Infinity : +times[i]!]),
    )
  }

  #stream(key: string): string {
    const [info, range, groups] = this.ask([
      ['XINFO', 'STREAM', key],
      ['XRANGE', key, '-', '+'],
      ['XINFO', 'GROUPS', key],
    ])
    const facts = new Map(inPairs(wordList(info!)))
    const lines = itemsOf(range!).map((entry) => {
      const [id, words] = itemsOf(entry) as [Reply, Reply]
      return `${wordsOf(id).slice(1)}:${wordList(words).join(',')}`
    })
    const groupLines = itemsOf(groups!)
      .map((group) => this.#group(key, new Map(inPairs(wordList(group)))))
      .sort()
    return `stream last=${facts.get('last-generated-id')} ${lines.join(' ')} ${groupLines.join(' ')}`
  }

  #group(key: string, facts: ReadonlyMap<string, string>): string {
    const name = facts.get('name')!
    const pending = this.ask([['XPENDING', key, name, '-', '+', '1000']])[0]!
    const lines = itemsOf(pending).map((one) => {
      const [id, consumer] = wordList(one)
      return `${id}/${consumer}`
    })
    return `${name}>${facts.get('last-delivered-id')}[${lines.join(' ')}]`
  }
}

function itemsOf(reply: Reply): readonly Reply[] {
  if (reply.kind !== 'array') throw new Error(`expected a list, got ${wordsOf(reply)}`)
  return reply.items
}

function wordList(reply: Reply): string[] {
  return itemsOf(reply).map((item) => wordsOf(item).slice(1))
}

function inPairs(words: readonly string[]): [string, string][] {
  return Array.from({ length: words.length / 2 }, (_, i) => [words[i * 2]!, words[i * 2 + 1]!])
}
