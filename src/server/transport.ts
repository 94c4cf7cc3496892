/**
 * A connection's bytes, over a Node socket, in one of two ways:
 *
 * - `SharedReads`: all sockets read into one buffer, which Node hands to us as it was filled. Reads
 *   are synchronous, so nobody else can overwrite it meanwhile, and nothing is allocated for a read.
 * - `EventReads`: `data` events, a buffer each. For TLS, and where sockets have no handle to wrap.
 *
 * How replies leave is the outlet's matter.
 */
import { Socket } from 'node:net'
import { SocketOutlet, type WritableHandle } from './socket-outlet.ts'

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
  _handle: WritableHandle | null
}

/**
 * Takes an accepted socket over. `accepted` must not have begun to read (`pauseOnConnect`).
 * @returns the socket that is used from now on.
 */
export function attach(
  accepted: Socket,
  events: (outlet: SocketOutlet) => TransportEvents,
): Socket {
  const holder = accepted as unknown as WithHandle
  const handle = holder._handle
  if (handle === null || handle === undefined)
    return attachEvents(accepted, events(new SocketOutlet(accepted)))
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
  told = events(new SocketOutlet(socket, handle))
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
