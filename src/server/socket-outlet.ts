/**
 * What is sent to a socket. It goes to the socket's handle at once, without the bookkeeping of the
 * stream above, which costs as much as the system call. What the system does not take at once the handle
 * keeps; what comes after that goes through the stream, and waits in a queue here until that is free.
 */
import type { Socket } from 'node:net'
import type { Outlet } from '../engine/index.ts'
import { OutputQueue } from './output-queue.ts'

/** A write that a handle has not finished yet. */
interface WriteRequest {
  oncomplete: (status: number) => void
  /** What it writes, which would be collected if nobody had it. */
  buffer?: Uint8Array
}

/** The part of a socket's handle that writes. */
export interface WritableHandle {
  /** @returns 0, or the error's number. Whether it goes on is told in the state of the streams. */
  writeBuffer?(request: WriteRequest, bytes: Uint8Array): number
}

/** What Node's own streams are made of. */
interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  /** Told of the last write of any handle. */
  readonly streamBaseState: Int32Array
  readonly kLastWriteWasAsync: number
}

const binding = streamBinding()
/** For the next write to any handle. Only one that is not done at once uses it up. */
let request = binding && new binding.WriteWrap()
/** The view that was made last, and of what: a message goes to many in the same bytes. */
let view: Uint8Array = new Uint8Array(0)
let viewedBytes: Uint8Array | undefined
let viewedFrom = 0
/** No larger buffer is kept for the sake of its view. */
const VIEWED_BYTES_MAX = 1 << 20

export class SocketOutlet implements Outlet {
  readonly socket: Socket
  readonly #handle: Required<WritableHandle> | undefined
  /**
   * Whether nothing waits, and the handle takes what comes next. Of all that could be asked for this only
   * one field is: what goes to many clients mostly waits for the memory of each object that it looks at.
   */
  #isFree: boolean
  readonly #queue = new OutputQueue()
  /** How many bytes the handle was given, of which some may not have left yet. */
  #inFlight = 0

  /** `handle` is the socket's own, if it can be written to directly. */
  constructor(socket: Socket, handle?: WritableHandle) {
    this.socket = socket
    this.#isFree = binding !== undefined && handle?.writeBuffer !== undefined
    if (this.#isFree) this.#handle = handle as Required<WritableHandle>
  }

  get pendingBytes(): number {
    return this.#isFree ? 0 : this.#waitingBytes()
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isFree) {
      const piece = rangeOf(bytes, start, end)
      if (this.#handle!.writeBuffer(request!, piece) === 0) return this.#isWritten(piece)
      // Ended or broken: the stream knows, or meets the same error and knows what to do about it.
      this.#isFree = false
    }
    const { socket } = this
    if (socket.destroyed || socket.writableEnded) return true
    const isCopied = this.#queue.push(bytes, start, end)
    this.#pump()
    return isCopied
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.socket.pause()
    else this.socket.resume()
  }

  close(how: 'flushed' | 'now'): void {
    const { socket } = this
    this.#isFree = false
    if (how === 'now') {
      this.#queue.clear()
      socket.destroy()
      return
    }
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      socket.write(chunk)
    }
    if (socket.writableLength === 0) socket.destroySoon()
    else socket.end()
  }

  #waitingBytes(): number {
    return this.socket.writableLength + this.#queue.size + this.#inFlight
  }

  /** Whether the last write, of this piece, is done. Else the piece must stay as it is until it is. */
  #isWritten(piece: Uint8Array): boolean {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding!
    if (streamBaseState[kLastWriteWasAsync] === 0) return true
    this.#isFree = false
    this.#inFlight = piece.length
    const used = request!
    used.buffer = piece
    used.oncomplete = () => {
      this.#inFlight = 0
      this.#settle()
    }
    request = new WriteWrap()
    return false
  }

  /** Gives the socket the next chunk once it has taken the one before. */
  #pump(): void {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded || socket.writableLength > 0) return
    const chunk = this.#queue.shift()
    if (chunk !== undefined) socket.write(chunk, () => this.#pump())
    else this.#settle()
  }

  /** The handle is written to again when nothing waits any more. */
  #settle(): void {
    const { socket } = this
    if (this.#handle === undefined || socket.destroyed || socket.writableEnded) return
    this.#isFree = this.#waitingBytes() === 0
  }
}

/** `bytes[start, end)` without copying. */
function rangeOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (bytes === viewedBytes && start === viewedFrom && end - start === view.length) return view
  view = bytes.subarray(start, end)
  viewedBytes = bytes.length <= VIEWED_BYTES_MAX ? bytes : undefined
  viewedFrom = start
  return view
}

/**
 * The streams' binding, which Node gives to those who ask by name. It is not documented: where it is
 * missing or has changed, everything goes through the streams themselves.
 */
function streamBinding(): StreamBinding | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => Partial<StreamBinding> }
  try {
    const found = binding?.('stream_wrap')
    const isWhole =
      typeof found?.WriteWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kLastWriteWasAsync === 'number'
    return isWhole ? (found as StreamBinding) : undefined
  } catch {
    return undefined
  }
}
