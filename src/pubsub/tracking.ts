/**
 * Tracking, for clients that keep what they have read: they are told which keys have changed since.
 * Either the keys that a client reads are remembered, or it hears of every change below prefixes.
 *
 * What is told is told once: a client that reads a key again is remembered again. Changes below
 * prefixes are told together at the end of the turn.
 */
import { latin1, type Slice } from '../bytes/index.ts'
import {
  type Client,
  type Command,
  keyPlaces,
  type Message,
  type Outbox,
  type Pushes,
} from '../engine/index.ts'
import { EVENTS_WITHOUT_CHANGE, type Keyspace, type KeyspaceObserver } from '../keyspace/index.ts'
import type { Request } from '../resp/index.ts'
import { BrokenRedirect, Invalidation } from './invalidation.ts'
import { type Prefix, Prefixes } from './prefixes.ts'
import { TrackedKeys } from './tracked-keys.ts'

/** How a client wants to track. */
export interface TrackingOptions {
  /** The number of the client that is told instead; 0 is none. */
  readonly redirectTo: number
  readonly isBroadcast: boolean
  readonly isOptIn: boolean
  readonly isOptOut: boolean
  readonly isNoLoop: boolean
  /** One character a byte. */
  readonly prefixes: readonly string[]
}

/** How a client tracks. */
export interface TrackingState extends Omit<TrackingOptions, 'prefixes'> {
  readonly prefixes: Set<string>
  /** CLIENT CACHING was said: it holds for the next command. */
  isCaching: boolean
  isRedirectBroken: boolean
}

/** What the engine does for tracking. */
export interface TrackingEngine {
  readonly pushes: Pushes
  readonly outbox: Outbox
  readonly clients: ReadonlyMap<number, Client>
  readonly execution: { readonly isInside: boolean }
  readonly serving: { isWaiting(client: Client): boolean }
  readonly onClientClosed: ((client: Client) => void)[]
  readonly clientMemory: { readonly names: ((client: Client) => number)[] }
  onTracked: ((client: Client, command: Command | undefined, request: Request) => void) | undefined
}

/** At most so many keys are given up at once when the table is too large. */
const GIVEN_UP_AT_ONCE = 100

export class Tracking implements KeyspaceObserver {
  readonly #engine: TrackingEngine
  readonly #keyspace: Keyspace
  readonly #states = new Map<Client, TrackingState>()
  readonly #invalidation = new Invalidation()
  readonly keys = new TrackedKeys()
  readonly prefixes = new Prefixes()
  /** `tracking-table-max-keys`; 0 is no limit. */
  keysMax = 0
  #isObserving = false
  #isGivingUp = false

  constructor(engine: TrackingEngine, keyspace: Keyspace) {
    this.#engine = engine
    this.#keyspace = keyspace
    engine.onTracked = (client, command, request) => this.#hasRun(client, command, request)
    engine.onClientClosed.push((client) => this.disable(client))
    engine.clientMemory.names.push((client) => this.#states.get(client)?.prefixes.size ?? 0)
    engine.outbox.beforeFlush = () => this.#broadcast()
  }

  /** How many clients track. */
  get clientCount(): number {
    return this.#states.size
  }

  /** How a client tracks, or `undefined` when it does not. */
  stateOf(client: Client): TrackingState | undefined {
    return this.#states.get(client)
  }

  /** A client tracks from now on, or in another way. Prefixes add to those that it has. */
  enable(client: Client, options: TrackingOptions): void {
    const before = this.#states.get(client)
    const prefixes = before?.prefixes ?? new Set<string>()
    const added = options.isBroadcast && options.prefixes.length === 0 ? [''] : options.prefixes
    for (const text of added) {
      prefixes.add(text)
      this.prefixes.add(text, client)
    }
    const isCaching = before?.isCaching ?? false
    this.#states.set(client, { ...options, prefixes, isCaching, isRedirectBroken: false })
    client.isTracking = !options.isBroadcast
    this.#observe()
  }

  /** A client tracks no more. What it has read is forgotten when it changes. */
  disable(client: Client): void {
    const state = this.#states.get(client)
    if (state === undefined) return
    for (const text of state.prefixes) this.prefixes.remove(text, client)
    this.#states.delete(client)
    client.isTracking = false
    this.#observe()
  }

  /** All keys may have changed: every client that tracks is to forget everything. */
  invalidateAll(): void {
    this.keys.clear()
    this.#invalidation.fillAll()
    for (const [client, state] of this.#states) this.#tell(client, state, this.#invalidation)
    this.#observe()
  }

  changed(_: unknown, key: Slice, event: string): void {
    if (EVENTS_WITHOUT_CHANGE.has(event)) return
    this.#invalidate(textOf(key), this.#engine.pushes.answering)
  }

  removed(_: unknown, key: Slice): void {
    this.#invalidate(textOf(key), undefined)
  }

  #remember(client: Client, command: Command, request: Request): void {
    const state = this.#states.get(client)
    if (state === undefined || state.isBroadcast) return
    if (state.isOptIn ? !state.isCaching : state.isOptOut && state.isCaching) return
    const { flags } = command.spec
    // A script is no reading: the commands that it calls are.
    if (!flags.includes('readonly') || command.group === 'scripting') return
    if (flags.includes('pubsub')) return
    for (const { position } of keyPlaces(command, request) ?? []) {
      const { bytes, starts, ends } = request
      this.keys.add(latin1(bytes, starts[position]!, ends[position]!), client.id)
    }
    this.limit()
  }

  /** Gives keys up, any of them, while there are more than allowed. Their readers are told. */
  limit(): void {
    const { keys, keysMax } = this
    if (keysMax === 0 || this.#isGivingUp) return
    for (let count = 0; keys.count > keysMax; count++) {
      if (count === GIVEN_UP_AT_ONCE) {
        this.#isGivingUp = true
        this.#keyspace.host.timers.later(() => {
          this.#isGivingUp = false
          this.limit()
        })
        return
      }
      this.#forget(keys.pick(this.#keyspace.host.random.uint32()), undefined)
    }
  }

  /** Whoever tracks hears from the keyspace; while there is nobody, it tells nobody. */
  #observe(): void {
    const isWanted = this.#states.size > 0 || this.keys.count > 0
    if (isWanted === this.#isObserving) return
    this.#isObserving = isWanted
    if (isWanted) this.#keyspace.observers.add(this)
    else this.#keyspace.observers.remove(this)
  }

  #hasRun(client: Client, command: Command | undefined, request: Request): void {
    if (command !== undefined) this.#remember(client, command, request)
    // CLIENT CACHING holds for a whole transaction.
    if (client.transaction !== undefined || this.#engine.execution.isInside) return
    if ((command?.parent ?? command)?.spec.name === 'CLIENT') return
    // Nor is it used up while a client waits for a key.
    if (this.#engine.serving.isWaiting(client)) return
    const state = this.#states.get(client)
    if (state !== undefined) state.isCaching = false
  }

  #invalidate(key: string, by: Client | undefined): void {
    if (this.prefixes.count > 0 && this.prefixes.note(key, by)) this.#engine.outbox.schedule()
    if (this.keys.count > 0) this.#forget(key, by)
    else if (this.#states.size === 0) this.#observe()
  }

  #forget(key: string, by: Client | undefined): void {
    const { clients } = this.#engine
    const readers = this.keys.take(key)
    if (readers.length === 0) return
    this.#invalidation.fill([key])
    for (const id of readers) {
      const client = clients.get(id)
      const state = client === undefined ? undefined : this.#states.get(client)
      if (client === undefined || state === undefined || state.isBroadcast) continue
      if (state.isNoLoop && client === by) continue
      this.#tell(client, state, this.#invalidation)
    }
  }

  /** Tells of all changes below prefixes since the last time. */
  #broadcast(): void {
    for (const prefix of this.prefixes.takeChanged()) {
      const { keys } = prefix
      prefix.keys = new Map()
      this.#broadcastTo(prefix, [...keys.keys()].sort(), keys)
    }
  }

  #broadcastTo(
    { clients }: Prefix,
    names: readonly string[],
    keys: ReadonlyMap<string, Client | undefined>,
  ): void {
    const invalidation = this.#invalidation
    invalidation.fill(names)
    for (const client of clients) {
      const state = this.#states.get(client)!
      if (state.isNoLoop) {
        const others = names.filter((name) => keys.get(name) !== client)
        if (others.length === 0) continue
        invalidation.fill(others)
        this.#tell(client, state, invalidation, true)
        invalidation.fill(names)
      } else this.#tell(client, state, invalidation, true)
    }
  }

  /** Sends a message to a client, or to the one that is told instead. */
  #tell(client: Client, state: TrackingState, message: Invalidation, isTurnOver = false): void {
    const { clients } = this.#engine
    const target = state.redirectTo === 0 ? client : clients.get(state.redirectTo)
    if (target === undefined || target.isClosing) {
      state.isRedirectBroken = true
      if (client.isResp3)
        this.#send(client, client, new BrokenRedirect(state.redirectTo), isTurnOver)
      message.isBegun = false
      return
    }
    // In RESP2 only who has subscribed to something can be told anything unasked.
    if (!target.isResp3 && (state.redirectTo === 0 || !target.isSubscriber)) return
    this.#send(client, target, message, isTurnOver)
  }

  #send(
    client: Client,
    target: Client,
    message: Message & { isBegun: boolean },
    isTurnOver: boolean,
  ): void {
    const { pushes } = this.#engine
    if (!message.isBegun) pushes.begin(message)
    message.isBegun = true
    if (isTurnOver) pushes.toNow(target)
    else pushes.to(target, target === client ? 'invalidations' : 'messages')
  }
}

function textOf({ bytes, start, end }: Slice): string {
  return latin1(bytes, start, end)
}
