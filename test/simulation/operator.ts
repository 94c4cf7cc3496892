/** Who changes settings while the store runs, and asks for saves and rewrites. */
import type { Seeded } from '../../src/host/index.ts'
import type { Store } from '../../src/store/index.ts'
import { encode } from '../support/link.ts'

export class Operator {
  readonly #store: Store
  readonly #hasLog: boolean

  constructor(store: Store, hasLog: boolean) {
    this.#store = store
    this.#hasLog = hasLog
  }

  /** Says one thing. @returns what. */
  operate(random: Seeded): string {
    const argv = random.pick(this.#possible(random))
    const client = this.#store.connect({ send: () => true, close: () => {}, pendingBytes: 0 })
    const bytes = encode(argv)
    this.#store.engine.receive(client, bytes, 0, bytes.length)
    return argv.join(' ')
  }

  #possible(random: Seeded): string[][] {
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
