/** Listening: on each address of `bind`, and on a Unix socket. */
import { createServer, type Server, type Socket } from 'node:net'
import type { ConfigValues } from '../config/index.ts'
import { systemText } from '../host/index.ts'
import { listenLocally } from './local-socket.ts'

/** A port or an address could not be had. The message is one line for people. */
export class ListenError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ListenError'
  }
}

export type Accept = (socket: Socket, isUnixSocket: boolean) => void

/** Where connections over TCP are accepted. */
interface Places {
  readonly port: number
  readonly bind: readonly string[]
}

/** What is listened on. The port and the addresses may change while the server runs. */
export class Listening {
  readonly #accept: Accept
  readonly #backlog: number
  #places: Places
  #servers: readonly Server[] = []
  #local: Server | undefined
  /** Changes wait for each other. */
  #changing: Promise<void> = Promise.resolve()

  private constructor(values: ConfigValues, accept: Accept) {
    this.#accept = accept
    this.#backlog = values.tcpBacklog
    this.#places = placesIn(values)
  }

  /**
   * Opens the port at every address that the settings name. An address written `-address` may be missing
   * on this machine. Throws a `ListenError`; nothing is left open then.
   */
  static async open(values: ConfigValues, accept: Accept): Promise<Listening> {
    const listening = new Listening(values, accept)
    listening.#servers = await listening.#listen(listening.#places)
    if (listening.#servers.length > 0 || values.unixsocket !== '') return listening
    throw new ListenError('Configured to not listen anywhere, exiting.')
  }

  /** Listens on the Unix socket too, if there is to be one. Throws a `ListenError`. */
  async openLocal(values: ConfigValues): Promise<void> {
    if (values.unixsocket === '') return
    const server = serverFor(this.#accept, true)
    try {
      await listenLocally(server, values, (path) =>
        begin(server, (done) => server.listen({ path, backlog: this.#backlog }, done)),
      )
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new ListenError(`Could not open the Unix socket ${values.unixsocket}: ${reason(code)}`)
    }
    this.#local = server
  }

  /**
   * Listens on the port and the addresses that the settings name now, and no more where it did before.
   * Connections stay. Throws a `ListenError`; it listens as before then.
   */
  change(values: ConfigValues): Promise<void> {
    const places = placesIn(values)
    const changed = this.#changing.then(() => this.#change(places))
    this.#changing = changed.catch(() => {})
    return changed
  }

  /** Accepts nobody any more. */
  close(): void {
    this.#closeServers()
    this.#local?.close()
  }

  async #change(places: Places): Promise<void> {
    const before = this.#places
    // The old places go first: the new ones may be part of them.
    this.#closeServers()
    try {
      this.#servers = await this.#listen(places)
      this.#places = places
    } catch (error) {
      this.#servers = await this.#listen(before)
      throw error
    }
  }

  async #listen({ port, bind }: Places): Promise<readonly Server[]> {
    const servers: Server[] = []
    if (port === 0) return servers
    try {
      for (const address of bind) {
        const options = { address, port, backlog: this.#backlog }
        const server = await listenOn(options, this.#accept)
        if (server !== undefined) servers.push(server)
      }
    } catch (error) {
      for (const server of servers) server.close()
      throw error
    }
    return servers
  }

  #closeServers(): void {
    for (const server of this.#servers) server.close()
    this.#servers = []
  }
}

function placesIn({ port, bind }: ConfigValues): Places {
  return { port, bind }
}

async function listenOn(
  place: { readonly address: string; readonly port: number; readonly backlog: number },
  accept: Accept,
): Promise<Server | undefined> {
  const { address, port, backlog } = place
  const isOptional = address.startsWith('-')
  const name = isOptional ? address.slice(1) : address
  const host = name === '*' ? '0.0.0.0' : name === '::*' ? '::' : name
  const server = serverFor(accept, false)
  try {
    const options = { port, host, backlog, ipv6Only: true }
    await begin(server, (done) => server.listen(options, done))
    return server
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isMissing = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'ENOTFOUND'
    if (isOptional && isMissing) return undefined
    throw new ListenError(
      `Could not create server TCP listening socket ${name}:${port}: ${reason(code)}`,
    )
  }
}

function serverFor(accept: Accept, isUnixSocket: boolean): Server {
  // Half open: who has sent all its commands may still wait for replies. Paused: what reads from the
  // socket is attached before its first byte is taken.
  return createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
    accept(socket, isUnixSocket),
  )
}

function begin(server: Server, listen: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    listen(() => {
      server.off('error', reject)
      resolve()
    })
  })
}

function reason(code = 'unknown error'): string {
  return systemText(code)
}
