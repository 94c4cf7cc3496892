/**
 * The state of one connection made to us, without the connection: which database it has selected,
 * which protocol it speaks, what of a request has arrived. What it is sent goes through its `Outlet`.
 */
import type { Database } from '../keyspace/index.ts'
import { Request, RequestParser } from '../resp/index.ts'
import type { Command } from './command.ts'
import type { CommandQueue } from './queue.ts'

/** The way back to a client: a socket's connection, or a callback in the same process. */
export interface Outlet {
  /**
   * Sends `bytes[start, end)`.
   * @returns whether the bytes were copied or have left; if not, the buffer must not be reused.
   */
  send(bytes: Uint8Array, start: number, end: number): boolean
  /** Ends the connection, after what was sent before has left, or at once. */
  close(how: 'flushed' | 'now'): void
  /** Bytes sent that have not left yet. */
  readonly pendingBytes: number
  /** Leaves what the client sends where it is, until it is held no more; some may still come. */
  hold?(isHeld: boolean): void
}

/** What CLIENT REPLY has asked for, as bits that may stand side by side: no replies from now on, */
export const NO_REPLIES = 1
/** none to the command that runs, */
export const NO_REPLY = 2
/** none to the command after it. */
export const NO_NEXT_REPLY = 4
/** A transaction that began without replies has left out itself what is not wanted. */
const HAS_LEFT_OUT = 8

/** Where a connection came from, for CLIENT LIST and the log. */
export interface ClientOrigin {
  /** `127.0.0.1:50312`, or `/path:0` for a Unix socket. */
  readonly address: string
  /** Our own end. */
  readonly localAddress: string
  /** The number of the connection in the operating system, or -1. */
  readonly fileDescriptor: number
  readonly isUnixSocket: boolean
}

/** A request whose bytes have not all arrived. */
export class PendingRequest {
  readonly request = new Request()
  bytes: Uint8Array
  size = 0

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes)
  }

  /** Makes room for `size` more bytes; exactly, when that is how many are known to come. */
  reserve(size: number): void {
    if (this.size + size <= this.bytes.length) return
    const wider = new Uint8Array(Math.max(this.size + size, Math.min(this.size * 2, 1 << 20)))
    wider.set(this.bytes.subarray(0, this.size))
    this.bytes = wider
  }
}

export class Client {
  // First what is looked at for each message, side by side: with thousands of subscribers none of it is
  // in the processor's cache.
  readonly outlet: Outlet
  /** No more requests are read; the connection ends when its replies have left. */
  isClosing = false
  /** Gone. Nothing may be sent. */
  isClosed = false
  /** For the outbox: the batch in which it has a range, and the place of that if it was pushed, or -1. */
  batch = 0
  lastPush = -1
  /** Bytes it was sent. */
  sentBytes = 0
  /** Since when its output has been above the soft limit, or 0. */
  overSoftLimitSinceMs = 0
  readonly id: number
  readonly origin: ClientOrigin
  readonly createdMs: number
  readonly parser = new RequestParser()
  db: Database
  name = ''
  libName = ''
  libVersion = ''
  user = 'default'
  isAuthenticated = false
  isResp3 = false
  /** Which replies are left out, in bits as above. */
  muting = 0
  /** It stands for scripts, and not for a connection. */
  isScript = false
  /** Set by CLIENT NO-EVICT and CLIENT NO-TOUCH. */
  isNoEvict = false
  isNoTouch = false
  /** Its requests wait: a blocking command, or a pause. They are kept in `backlog`. */
  isBlocked = false
  /** Its turn was long: it goes on in the next with what is in `backlog`. */
  isLate = false
  /** Bytes that arrived while it was blocked or late. */
  backlog: Uint8Array[] = []
  pending: PendingRequest | undefined
  /** There between MULTI and EXEC. */
  transaction: CommandQueue | undefined
  /** How many keys it watches. */
  watchCount = 0
  /** A key that it watched was changed. */
  isWatchSpoilt = false
  lastCommand: Command | undefined
  lastUsedMs: number
  /** Commands and bytes it has sent. */
  commandCount = 0
  receivedBytes = 0
  /** It is shown every command, see MONITOR. */
  isMonitor = false
  /** It has subscribed to channels or patterns. */
  isSubscriber = false
  /** The keys that its commands read are remembered, to tell it when they change. */
  isTracking = false

  constructor(
    id: number,
    db: Database,
    options: { readonly origin: ClientOrigin; readonly outlet: Outlet; readonly nowMs: number },
  ) {
    this.id = id
    this.db = db
    this.origin = options.origin
    this.outlet = options.outlet
    this.createdMs = options.nowMs
    this.lastUsedMs = options.nowMs
  }

  /** Whether what commands reply to it is left out. */
  get isMuted(): boolean {
    return isMute(this.muting)
  }

  /** What a transaction replies is seen to by itself from here on: what is there when it ends, stays. */
  leaveOutInside(): void {
    if (this.isMuted) this.muting |= HAS_LEFT_OUT
  }

  /** Whether the reply of a command that has run is to be left out; `before` is what `muting` was then. */
  leavesOut(before: number): boolean {
    return isMute(before) && isMute(this.muting) && (this.muting & HAS_LEFT_OUT) === 0
  }

  /** A command is over, and the next one has come nearer. */
  endMuting(): void {
    const { muting } = this
    this.muting = (muting & NO_REPLIES) | ((muting & NO_NEXT_REPLY) === 0 ? 0 : NO_REPLY)
  }
}

function isMute(muting: number): boolean {
  return (muting & (NO_REPLIES | NO_REPLY)) !== 0
}

/** A client without a connection, for commands that nobody sends. `address` is what MONITOR shows. */
export function clientOfNoOne(db: Database, address = ''): Client {
  return new Client(0, db, {
    origin: { address, localAddress: '', fileDescriptor: -1, isUnixSocket: false },
    outlet: { send: () => true, close: () => {}, pendingBytes: 0 },
    nowMs: 0,
  })
}
