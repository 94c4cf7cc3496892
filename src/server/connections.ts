/**
 * The store's clients over sockets: accepts them within limits, feeds the engine what they send, and
 * closes those that idle too long or do not read what they are sent.
 */
import type { Socket } from 'node:net'
import type { OutputLimit } from '../config/index.ts'
import { type Client, type ClientOrigin, ReplyError } from '../engine/index.ts'
import type { Logger, Store } from '../store/index.ts'
import type { SocketOutlet } from './socket-outlet.ts'
import { attach, type TransportEvents } from './transport.ts'

const TOO_MANY = '-ERR max number of clients reached\r\n'
const PROTECTED =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password ' +
  'is set for the default user. In this mode connections are only accepted from the loopback ' +
  'interface. If you want to connect from external computers, either set a password with ' +
  "'requirepass' or run 'CONFIG SET protected-mode no' from this machine.\r\n"

/**
 * What fits in here never ends a connection, however low the limit: in the reference each client has
 * such a buffer, and only what goes beyond it counts. So INFO can be read, and the limit be raised again.
 */
const FREE_BYTES = 16 * 1024
/** How often idle and slow clients are looked at. */
const PERIOD_MS = 1000

export class Connections {
  readonly #store: Store
  readonly #logger: Logger
  readonly #sockets = new Set<Socket>()

  constructor(store: Store, logger: Logger) {
    this.#store = store
    this.#logger = logger
    const { outbox, reply } = store.engine
    outbox.afterSend = (client) => this.#checkOutput(client)
    outbox.admits = (client, size) => this.#admits(client, size)
    reply.beforeGrowth = (comingBytes) => this.#checkGrowth(comingBytes)
    store.config.onChange('client-output-buffer-limit', () => this.#setLimit())
    this.#setLimit()
    store.host.timers.every(PERIOD_MS, () => this.#checkAll())
  }

  /** Takes an accepted socket, which has not begun to read. */
  accept(accepted: Socket, isUnixSocket: boolean): void {
    const refusal = this.#refusal(accepted, isUnixSocket)
    if (refusal !== undefined) {
      this.#store.engine.stats.rejectedConnections++
      accepted.on('error', () => {})
      accepted.end(refusal)
      accepted.resume()
      return
    }
    const { values } = this.#store.config
    const origin = originOf(accepted, isUnixSocket)
    const socket = attach(accepted, (outlet) => this.#serve(outlet, origin))
    if (!isUnixSocket) {
      socket.setNoDelay(true)
      if (values.tcpKeepalive > 0) socket.setKeepAlive(true, values.tcpKeepalive * 1000)
    }
    this.#sockets.add(socket)
  }

  /** Ends all connections after what was sent to them has left. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.destroySoon()
  }

  #serve(outlet: SocketOutlet, origin: ClientOrigin): TransportEvents {
    const { engine } = this.#store
    const client = engine.connect(origin, outlet)
    this.#logger.log('verbose', `Accepted ${origin.address}`)
    return {
      received: (bytes, start, end) => engine.receive(client, bytes, start, end),
      filled: () => engine.endTurn(client),
      ended: () => engine.endInput(client),
      closed: () => {
        this.#sockets.delete(outlet.socket)
        engine.disconnect(client)
      },
    }
  }

  #refusal(socket: Socket, isUnixSocket: boolean): string | undefined {
    const { values } = this.#store.config
    if (this.#store.engine.clients.size >= values.maxclients) return TOO_MANY
    const isOpen = values.protectedMode && values.requirepass === ''
    if (isOpen && !isUnixSocket && !isLoopback(socket.remoteAddress ?? '')) return PROTECTED
    return undefined
  }

  #checkAll(): void {
    const { engine, config, host } = this.#store
    const nowMs = host.clock.nowMs()
    const idleMs = config.values.timeout * 1000
    if (engine.clientMemory.isOn) engine.clientMemory.countAll()
    for (const client of engine.clients.values()) {
      this.#checkOutput(client)
      if (idleMs === 0 || client.isBlocked || client.isSubscriber) continue
      if (nowMs - client.lastUsedMs <= idleMs) continue
      this.#logger.log('verbose', 'Closing idle client')
      engine.close(client, 'now')
    }
  }

  /** Shorter replies are sent without a question: no class has a lower limit. */
  #setLimit(): undefined {
    const { normal, pubsub } = this.#store.config.values.clientOutputBufferLimit
    const limits = [normal.hardBytes, pubsub.hardBytes].filter((bytes) => bytes > 0)
    const least = Math.min(Number.MAX_SAFE_INTEGER, ...limits)
    this.#store.engine.outbox.admittedBytesMax = Math.max(least, FREE_BYTES + 1)
  }

  /** A reply may be longer than its client may be sent, even where the socket would take it at once. */
  #admits(client: Client, size: number): boolean {
    const { hardBytes } = this.#limitOf(client)
    const unsent = client.outlet.pendingBytes + size
    if (hardBytes === 0 || unsent < hardBytes || unsent <= FREE_BYTES) return true
    this.#cutOff(client, unsent)
    return false
  }

  /**
   * A reply is getting long. A command that only reads is given up when it is too long for its client;
   * one that changes something is whole, whoever hears of it.
   */
  #checkGrowth(comingBytes: number): void {
    const { engine } = this.#store
    const client = engine.pushes.answering
    const isReading = client?.lastCommand?.spec.flags.includes('readonly') === true
    if (client === undefined || !isReading) return
    if (this.#admits(client, engine.unsentBytes + comingBytes)) return
    throw new ReplyError('ERR the reply is longer than what may wait for this client')
  }

  #limitOf(client: Client): OutputLimit {
    const { normal, pubsub } = this.#store.config.values.clientOutputBufferLimit
    return client.isSubscriber ? pubsub : normal
  }

  /** Cuts a client off whose output has grown past the limits of its class. */
  #checkOutput(client: Client): void {
    const { clientMemory } = this.#store.engine
    if (clientMemory.isOn) clientMemory.count(client)
    const pending = client.outlet.pendingBytes
    if (pending <= FREE_BYTES) {
      if (client.overSoftLimitSinceMs > 0) client.overSoftLimitSinceMs = 0
      return
    }
    const nowMs = this.#store.host.clock.nowMs()
    if (isOver(client, pending, this.#limitOf(client), nowMs)) this.#cutOff(client, pending)
  }

  #cutOff(client: Client, pending: number): void {
    const { engine } = this.#store
    if (client.isClosed) return
    const text = `Client id=${client.id} addr=${client.origin.address} omem=${pending}`
    this.#logger.log(
      'warning',
      `${text} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    )
    engine.stats.outputLimitDisconnections++
    engine.close(client, 'now')
    // It is gone for everyone from here on, though the operating system tells us later.
    engine.disconnect(client)
  }
}

function isOver(client: Client, pending: number, limit: OutputLimit, nowMs: number): boolean {
  if (limit.hardBytes > 0 && pending >= limit.hardBytes) return true
  if (limit.softBytes === 0 || pending < limit.softBytes) {
    client.overSoftLimitSinceMs = 0
    return false
  }
  if (client.overSoftLimitSinceMs === 0) client.overSoftLimitSinceMs = nowMs
  return nowMs - client.overSoftLimitSinceMs > limit.softSeconds * 1000
}

function originOf(socket: Socket, isUnixSocket: boolean): ClientOrigin {
  const handle = (socket as unknown as { _handle?: { fd?: number } | null })._handle
  const fileDescriptor = handle?.fd ?? -1
  if (isUnixSocket) {
    const path = (socket.address() as unknown as { path?: string }).path ?? ''
    return { address: `${path}:0`, localAddress: `${path}:0`, fileDescriptor, isUnixSocket }
  }
  return {
    address: addressText(socket.remoteAddress, socket.remotePort),
    localAddress: addressText(socket.localAddress, socket.localPort),
    fileDescriptor,
    isUnixSocket,
  }
}

function addressText(address: string | undefined, port: number | undefined): string {
  const plain = (address ?? '?').replace(/^::ffff:/, '')
  return plain.includes(':') ? `[${plain}]:${port ?? 0}` : `${plain}:${port ?? 0}`
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain.startsWith('127.') || plain === '::1' || plain === ''
}
