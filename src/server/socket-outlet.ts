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

export class SocketOutlet implements Outlet {
  readonly socket: Socket
  readonly #handle: Required<WritableHandle> | undefined
  readonly #queue = new OutputQueue()
  /** For the next write. Only one that is not done at once uses it up. */
  #request: WriteRequest | undefined
  /** How many bytes the handle was given, of which some may not have left yet. */
  #inFlight = 0

  /** `handle` is the socket's own, if it can be written to directly. */
  constructor(socket: Socket, handle?: WritableHandle) {
    this.socket = socket
    if (binding === undefined || handle?.writeBuffer === undefined) return
    this.#handle = handle as Required<WritableHandle>
    this.#request = new binding.WriteWrap()
  }

  get pendingBytes(): number {
    return this.socket.writableLength + this.#queue.size + this.#inFlight
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded) return true
    const handle = this.#handle
    if (handle !== undefined && this.pendingBytes === 0) {
      const piece = bytes.subarray(start, end)
      if (handle.writeBuffer(this.#request!, piece) === 0) return this.#isWritten(piece)
      // Broken: the stream meets the same error and knows what to do about it.
    }
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

  /** Whether the last write, of this piece, is done. Else the piece must stay as it is until it is. */
  #isWritten(piece: Uint8Array): boolean {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding!
    if (streamBaseState[kLastWriteWasAsync] === 0) return true
    this.#inFlight = piece.length
    const request = this.#request!
    request.buffer = piece
    request.oncomplete = () => {
      this.#inFlight = 0
    }
    this.#request = new WriteWrap()
    return false
  }

  /** Gives the socket the next chunk once it has taken the one before. */
  #pump(): void {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded || socket.writableLength > 0) return
    const chunk = this.#queue.shift()
    if (chunk !== undefined) socket.write(chunk, () => this.#pump())
  }
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
