/**
 * Clients that wait for a key: one mechanism for every blocking command. A handler that finds nothing
 * to serve asks to wait; whenever one of its keys is changed, the whole command runs again with the
 * same arguments, so that it looks again, and either answers or goes on waiting in its old place.
 *
 * Clients that wait for a key are served in the order in which they began to wait, and keys in the
 * order in which they became ready, after the command that made them so and before the next one.
 */
import { NONE } from '../arena/index.ts'
import { fromLatin1, latin1, type Slice, sliceOf } from '../bytes/index.ts'
import type { Timer } from '../host/index.ts'
import type { Database, Keyspace } from '../keyspace/index.ts'
import { Request } from '../resp/index.ts'
import type { Client } from './client.ts'
import type { Command } from './command.ts'

/** What a handler waits for. */
export interface Wait {
  /** Any of these keys of the client's database. They are copied. */
  readonly keys: readonly Slice[]
  /** The type of the values that can serve it. Others leave it waiting. */
  readonly type: number
  /** How long, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number
  /** What it answers when the time is over. */
  readonly timeoutReply: 'null' | 'nullArray'
  /** What who may not wait gets at once; the timeout's reply unless it is named. */
  readonly refusedReply?: 'null'
  /** It also runs again when a key is removed, or gets a value of another type. */
  readonly wakesOnRemoval?: boolean
  /** By position, arguments to run again with in the place of those that came. */
  readonly instead?: ReadonlyMap<number, Uint8Array>
}

/** A client that waits, and what it runs when it is woken. */
export interface Waiter {
  readonly client: Client
  readonly command: Command
  readonly request: Request
  readonly db: Database
  readonly keys: readonly string[]
  readonly wait: Wait
  timer: Timer | undefined
}

/** Who serves those that wait. */
export interface BlockingEvents {
  /** The time of a client is over: it is to be answered and taken out. */
  timedOut(client: Client): void
  /** A first key has become ready. */
  isReady(): void
}

/** What a timer can wait for at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

export class Blocking {
  readonly #keyspace: Keyspace
  readonly #tell: BlockingEvents
  readonly #waiters = new Map<Client, Waiter>()
  /** By database and key, in the order in which they began to wait. */
  readonly #byKey = new Map<Database, Map<string, Set<Waiter>>>()
  /** Keys at which somebody has something to do, in the order in which that came to be. */
  #ready = new Map<Database, Set<string>>()

  /** Hears of changes from `keyspace` for as long as anyone waits. */
  constructor(keyspace: Keyspace, tell: BlockingEvents) {
    this.#keyspace = keyspace
    this.#tell = tell
  }

  /** How many clients wait. */
  get count(): number {
    return this.#waiters.size
  }

  /** How many keys are waited for. */
  get keyCount(): number {
    let count = 0
    for (const keys of this.#byKey.values()) count += keys.size
    return count
  }

  /** How many of the clients that wait do so for a time only. */
  get timedCount(): number {
    let count = 0
    for (const { wait } of this.#waiters.values()) if (wait.timeoutMs > 0) count++
    return count
  }

  /** How many keys are waited for by commands that also want to know of their removal. */
  get removalKeyCount(): number {
    let count = 0
    for (const keys of this.#byKey.values()) {
      for (const waiters of keys.values()) {
        if ([...waiters].some(({ wait }) => wait.wakesOnRemoval)) count++
      }
    }
    return count
  }

  /** Whether a key is ready that someone waits for. */
  get isReady(): boolean {
    return this.#ready.size > 0
  }

  /** What a client waits with, or `undefined` when it does not. */
  waiterOf(client: Client): Waiter | undefined {
    return this.#waiters.get(client)
  }

  /** Lets a client wait, behind those who do already. The request is copied. */
  add(client: Client, command: Command, request: Request, wait: Wait): void {
    const keys = wait.keys.map((key) => latin1(key.bytes, key.start, key.end))
    const waiter: Waiter = {
      client,
      command,
      request: copyOf(request, wait.instead),
      db: client.db,
      keys,
      wait,
      timer: undefined,
    }
    this.#waiters.set(client, waiter)
    const byKey = this.#byKey.get(client.db) ?? new Map<string, Set<Waiter>>()
    this.#byKey.set(client.db, byKey)
    for (const key of keys) {
      const waiters = byKey.get(key) ?? new Set()
      byKey.set(key, waiters)
      waiters.add(waiter)
    }
    if (wait.timeoutMs > 0) this.#startTimer(waiter, wait.timeoutMs)
    this.#keyspace.waiting = this
  }

  /** Takes a waiter out, for whatever reason it waits no more. */
  remove(waiter: Waiter): void {
    waiter.timer?.stop()
    this.#waiters.delete(waiter.client)
    const byKey = this.#byKey.get(waiter.db)
    for (const key of waiter.keys) {
      const waiters = byKey?.get(key)
      waiters?.delete(waiter)
      if (waiters?.size === 0) byKey?.delete(key)
    }
    if (byKey?.size === 0) this.#byKey.delete(waiter.db)
    if (this.#waiters.size === 0) this.#keyspace.waiting = undefined
  }

  /** A key was changed or removed. */
  touched(db: Database, key: Slice): void {
    const byKey = this.#byKey.get(db)
    if (byKey === undefined) return
    const name = latin1(key.bytes, key.start, key.end)
    const waiters = byKey.get(name)
    if (waiters !== undefined) this.#look(db, name, waiters)
  }

  /** All keys of a database may have changed. */
  replaced(db: Database): void {
    const byKey = this.#byKey.get(db)
    if (byKey === undefined) return
    for (const [name, waiters] of byKey) this.#look(db, name, waiters)
  }

  /** Whether the command of a waiter has something to do at a key. */
  canServe({ db, wait }: Waiter, key: string): boolean {
    const entry = db.peek(sliceOf(fromLatin1(key)))
    return wait.wakesOnRemoval === true || (entry !== NONE && db.typeOf(entry) === wait.type)
  }

  /** Takes the keys that are ready, oldest first, each with those who wait for it now. */
  takeReady(): { readonly key: string; readonly waiters: Waiter[] }[] {
    const ready = this.#ready
    this.#ready = new Map()
    return [...ready].flatMap(([db, names]) =>
      [...names].map((key) => ({ key, waiters: [...(this.#byKey.get(db)?.get(key) ?? [])] })),
    )
  }

  /**
   * A change that leaves nothing to do does not put a key before others. `find`, since whoever made
   * the change may go on with what `peek` told it.
   */
  #look(db: Database, name: string, waiters: Iterable<Waiter>): void {
    const entry = db.find(sliceOf(fromLatin1(name)))
    const type = entry === NONE ? -1 : db.typeOf(entry)
    for (const { wait } of waiters) {
      if (wait.wakesOnRemoval !== true && wait.type !== type) continue
      this.#makeReady(db, name)
      return
    }
  }

  #makeReady(db: Database, name: string): void {
    const names = this.#ready.get(db) ?? new Set()
    const isFirst = this.#ready.size === 0
    this.#ready.set(db, names)
    names.add(name)
    if (isFirst) this.#tell.isReady()
  }

  #startTimer(waiter: Waiter, leftMs: number): void {
    const stepMs = Math.min(leftMs, TIMER_MS_MAX)
    waiter.timer = this.#keyspace.host.timers.after(stepMs, () => {
      if (leftMs > stepMs) this.#startTimer(waiter, leftMs - stepMs)
      else this.#tell.timedOut(waiter.client)
    })
  }
}

/** The request in a buffer of its own: the one that it was read in is used again. */
function copyOf(request: Request, instead: Wait['instead']): Request {
  const argv = Array.from(
    { length: request.count },
    (_, i) => instead?.get(i) ?? request.bytes.slice(request.starts[i]!, request.ends[i]!),
  )
  const copy = new Request()
  copy.assign(argv)
  return copy
}
