/**
 * A connection's bytes, over a Node socket, in one of two ways:
 *
 * - `SharedReads`: all sockets read into one buffer, which Node hands to us as it was filled. Reads
 *   are synchronous, so nobody else can overwrite it meanwhile, and nothing is allocated for a read.
 * - `EventReads`: `data` events, a buffer each. For TLS, and where sockets have no handle to wrap.
 *
 * Replies are written to the file descriptor at once, as far as the socket takes them; the rest, and
 * everything where there is no descriptor, waits in a queue that goes through `socket.write`.
 */
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Outlet } from '../engine/index.ts'
import { OutputQueue } from './output-queue.ts'

/** What a transport tells of. */
export interface TransportEvents {
  received(bytes: Uint8Array, start: number, end: number): void
  /** There may be more to read at once, before others are read. */
  filled(): void
  /** The other end sends no more, but may still read. */
  ended(): void
  /** Once, when the connection is gone, for whatever reason. */
  closed(): void
}

const READ_BYTES = 64 * 1024
const shared = new Uint8Array(READ_BYTES)

interface WithHandle {
  _handle: { readonly fd?: number } | null
}

/** Sends to a socket. */
export class SocketOutlet implements Outlet {
  readonly socket: Socket
  readonly #fileDescriptor: number
  readonly #queue = new OutputQueue()
  /** `fileDescriptor` is the socket's own, or -1 where it cannot be written to directly. */
  constructor(socket: Socket, fileDescriptor: number) {
    this.socket = socket
    this.#fileDescriptor = fileDescriptor
  }

  get pendingBytes(): number {
    return this.socket.writableLength + this.#queue.size
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded) return true
    if (this.#fileDescriptor >= 0 && this.pendingBytes === 0) {
      start += this.#writeNow(bytes, start, end)
      if (start === end) return true
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

  /** Gives the socket the next chunk once it has taken the one before. */
  #pump(): void {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded || socket.writableLength > 0) return
    const chunk = this.#queue.shift()
    if (chunk !== undefined) socket.write(chunk, () => this.#pump())
  }

  /**
   * One system call without the stream's bookkeeping, which costs as much again. The socket does not
   * block: what it does not take is left to the stream. @returns bytes written.
   */
  #writeNow(bytes: Uint8Array, start: number, end: number): number {
    try {
      return writeSync(this.#fileDescriptor, bytes, start, end - start)
    } catch {
      // Full, or broken: the stream meets the same error and knows what to do about it.
      return 0
    }
  }
}

/**
 * Takes an accepted socket over. `accepted` must not have begun to read (`pauseOnConnect`).
 * @returns the socket that is used from now on.
 */
export function attach(
  accepted: Socket,
  events: (socket: Socket, fileDescriptor: number) => TransportEvents,
): Socket {
  const holder = accepted as unknown as WithHandle
  const handle = holder._handle
  if (handle === null || handle === undefined) return attachEvents(accepted, events(accepted, -1))
  let told: TransportEvents | undefined
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: shared,
      callback: (count: number, bytes: Uint8Array): boolean => {
        told!.received(bytes, 0, count)
        if (count === READ_BYTES) told!.filled()
        return true
      },
    },
  }
  // The handle changes hands: the first socket must not close it when it is collected.
  holder._handle = null
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0])
  told = events(socket, handle.fd ?? -1)
  watchEnd(socket, told)
  socket.resume()
  return socket
}

function attachEvents(socket: Socket, events: TransportEvents): Socket {
  watchEnd(socket, events)
  socket.on('data', (bytes: Uint8Array) => events.received(bytes, 0, bytes.length))
  socket.resume()
  return socket
}

function watchEnd(socket: Socket, events: TransportEvents): void {
  socket.on('end', () => events.ended())
  socket.on('close', () => events.closed())
  // An error is always followed by `close`; a broken link is ordinary.
  socket.on('error', () => {})
}
