/**
 * Whether a command may run at all. One ordered list of guards, each answering a refusal or nothing;
 * the order is visible to clients and is the reference's. A guard is asked only while it is armed:
 * in an ordinary hour none is, and a command pays nothing for them.
 */
import type { Request } from '../resp/index.ts'
import type { Client } from './client.ts'
import type { Command } from './command.ts'
import { natureOfCall } from './nature.ts'

/** @returns the error for the client, code first, or `undefined` to let the command pass. */
export type Guard = (command: Command, client: Client, request: Request) => string | undefined

/** What the guards look at. Whoever changes a field calls `Admission.rearm`. */
export interface AdmissionState {
  /** A password is set, so clients start unauthenticated. */
  isPasswordSet: boolean
  /** The data is being loaded. */
  isLoading: boolean
  /** The memory limit in bytes; 0 is none. */
  maxmemoryBytes: number
  /** Why writes cannot be kept, in the wire's words, while that is so. */
  misconf: string | undefined
  /** Fewer replicas follow than writes are to be copied to at once. */
  lacksReplicas: boolean
  /** A client has subscribed to something. */
  hasSubscribers: boolean
  /** While a script runs for too long: what everyone is told who wants more than to end it. */
  busy: string | undefined
  /** A client monitors. */
  hasMonitors: boolean
}

/** The refusal of writes where too few replicas follow. */
export const LACKS_REPLICAS = 'NOREPLICAS Not enough good replicas to write.'

/** What a client that speaks RESP2 may send while it is subscribed: replies look like messages there. */
const SUBSCRIBER_COMMANDS = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'unsubscribe',
  'sunsubscribe',
  'psubscribe',
  'punsubscribe',
  'quit',
  'reset',
])

/** The memory that data and clients take. */
export interface Memory {
  /** How many bytes it is now. */
  usedBytes(): number
  /** Gives data up where that must be. @returns false when there is too much and nothing to give up. */
  makeRoom(): boolean
}

export class Admission {
  readonly state: AdmissionState = {
    isPasswordSet: false,
    isLoading: false,
    maxmemoryBytes: 0,
    misconf: undefined,
    lacksReplicas: false,
    hasSubscribers: false,
    busy: undefined,
    hasMonitors: false,
  }
  /** More memory was used than may be, and nothing could be given up, when last a command was asked about. */
  isOutOfMemory = false
  /** While writes cannot be kept: a command was let pass that tells of the data. Others set it back. */
  hasTold = false
  readonly #memory: Memory
  #armed: Guard[] = []

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** Changes what the guards look at. */
  update(change: Partial<AdmissionState>): void {
    Object.assign(this.state, change)
    const { state } = this
    // Perhaps it was not looked at until now.
    this.hasTold = true
    const guards: readonly [boolean, Guard][] = [
      [state.isPasswordSet, authenticated],
      [
        // A script that is busy has the memory that it has.
        state.maxmemoryBytes > 0 && state.busy === undefined,
        (command, client, request) => this.#withinMemory(command, client, request),
      ],
      [
        state.misconf !== undefined,
        (command, client, request) => this.#writesKept(command, client, request),
      ],
      [state.lacksReplicas, replicated],
      [state.hasSubscribers, subscribersOnly],
      [state.isLoading, loaded],
      [state.busy !== undefined, (command) => (command.isBusyAllowed ? undefined : state.busy)],
      [state.hasMonitors, monitorsOnlyLook],
    ]
    if (state.maxmemoryBytes === 0) this.isOutOfMemory = false
    this.#armed = guards.filter(([isArmed]) => isArmed).map(([, guard]) => guard)
  }

  /** @returns why the command may not run, or `undefined`. */
  refusal(command: Command, client: Client, request: Request): string | undefined {
    const armed = this.#armed
    for (let i = 0; i < armed.length; i++) {
      const text = armed[i]!(command, client, request)
      if (text !== undefined) return text
    }
    return undefined
  }

  /** Whether the data takes more memory than it may. */
  get isOverMemory(): boolean {
    const { maxmemoryBytes } = this.state
    return maxmemoryBytes > 0 && this.#memory.usedBytes() > maxmemoryBytes
  }

  #withinMemory(command: Command, client: Client, request: Request): string | undefined {
    this.isOutOfMemory = !this.#memory.makeRoom()
    if (!this.isOutOfMemory || !natureOfCall(command, client, request).isDenyOom) return undefined
    return "OOM command not allowed when used memory > 'maxmemory'."
  }

  #writesKept(command: Command, client: Client, request: Request): string | undefined {
    const isAsked = command.fullName === 'ping' || natureOfCall(command, client, request).isWrite
    if (isAsked) return this.state.misconf
    this.hasTold ||= tellsOfData(command)
    return undefined
  }
}

/** Whether the reply may show what writes have made, libraries of functions included. */
function tellsOfData({ group, isExec, mayReplicate, spec }: Command): boolean {
  return isExec || mayReplicate || group === 'scripting' || spec.flags.includes('readonly')
}

function authenticated(command: Command, client: Client): string | undefined {
  return client.isAuthenticated || command.isNoAuth ? undefined : 'NOAUTH Authentication required.'
}

function replicated(command: Command, client: Client, request: Request): string | undefined {
  if (!natureOfCall(command, client, request).isWrite) return undefined
  return LACKS_REPLICAS
}

function loaded(command: Command, client: Client, request: Request): string | undefined {
  const nature = natureOfCall(command, client, request)
  if (command.isLoadingAllowed && nature.isLoadingAllowed) return undefined
  return 'LOADING Redis is loading the dataset in memory'
}

function subscribersOnly({ fullName }: Command, client: Client): string | undefined {
  if (!client.isSubscriber || client.isResp3 || SUBSCRIBER_COMMANDS.has(fullName)) return undefined
  return (
    `ERR Can't execute '${fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
    'are allowed in this context'
  )
}

/** The reference takes clients that monitor for replicas, and says so. */
function monitorsOnlyLook(command: Command, client: Client, request: Request) {
  if (!client.isMonitor) return undefined
  const isRead = command.spec.flags.includes('readonly')
  if (!isRead && !natureOfCall(command, client, request).mayReplicate) return undefined
  return "ERR Replica can't interact with the keyspace"
}
