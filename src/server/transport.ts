/**
 * A connection's bytes, over a Node socket, in one of two ways:
 *
 * - `SharedReads`: all sockets read into one buffer, which Node hands to us as it was filled. Reads
 *   are synchronous, so nobody else can overwrite it meanwhile, and nothing is allocated for a read.
 * - `EventReads`: `data` events, a buffer each. For TLS, and where sockets have no handle to wrap.
 *
 * Both write with `socket.write`. What left the process at once lets its buffer be used again.
 */
import { Socket } from 'node:net'
import type { Outlet } from '../engine/index.ts'

/** What a transport tells of. */
export interface TransportEvents {
  received(bytes: Uint8Array, start: number, end: number): void
  /** Once, when the connection is gone, for whatever reason. */
  closed(): void
}

const READ_BYTES = 64 * 1024
const shared = new Uint8Array(READ_BYTES)

interface WithHandle {
  _handle: { readonly fd?: number; readStop(): void } | null
}

/** Sends to a socket, and gives up what has left. */
export class SocketOutlet implements Outlet {
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  get pendingBytes(): number {
    return this.socket.writableLength
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded) return true
    socket.write(bytes.subarray(start, end))
    return socket.writableLength === 0
  }

  close(how: 'flushed' | 'now'): void {
    if (how === 'now' || this.socket.writableLength === 0) this.socket.destroySoon()
    else this.socket.end()
    if (how === 'now') this.socket.destroy()
  }
}

/**
 * Takes an accepted socket over. `accepted` must not have begun to read (`pauseOnConnect`).
 * @returns the socket that is used from now on.
 */
export function attach(accepted: Socket, events: (socket: Socket) => TransportEvents): Socket {
  const holder = accepted as unknown as WithHandle
  const handle = holder._handle
  if (handle === null || handle === undefined) return attachEvents(accepted, events(accepted))
  let told: TransportEvents | undefined
  const options = {
    handle,
    onread: {
      buffer: shared,
      callback: (count: number, bytes: Uint8Array): boolean => {
        told!.received(bytes, 0, count)
        return true
      },
    },
  }
  // The handle changes hands: the first socket must not close it when it is collected.
  holder._handle = null
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0])
  told = events(socket)
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
  socket.on('close', () => events.closed())
  // An error is always followed by `close`; a broken link is ordinary.
  socket.on('error', () => {})
}
