/** Listening: on each address of `bind`, and on a Unix socket. */
import { chmodSync, existsSync, unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { ConfigValues } from '../config/index.ts'

/** A port or an address could not be had. The message is one line for people. */
export class ListenError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ListenError'
  }
}

export type Accept = (socket: Socket, isUnixSocket: boolean) => void

/**
 * Opens every place that the settings name. An address written `-address` may be missing on this
 * machine. Throws a `ListenError`; nothing is left open then.
 */
export async function listenAll(values: ConfigValues, accept: Accept): Promise<Server[]> {
  const servers: Server[] = []
  try {
    if (values.port !== 0) {
      for (const address of values.bind) {
        const server = await listenOn(address, values, accept)
        if (server !== undefined) servers.push(server)
      }
    }
    if (values.unixsocket !== '') servers.push(await listenLocally(values, accept))
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
  if (servers.length === 0) throw new ListenError('Configured to not listen anywhere, exiting.')
  return servers
}

async function listenOn(
  address: string,
  values: ConfigValues,
  accept: Accept,
): Promise<Server | undefined> {
  const isOptional = address.startsWith('-')
  const name = isOptional ? address.slice(1) : address
  const host = name === '*' ? '0.0.0.0' : name === '::*' ? '::' : name
  const server = serverFor(accept, false)
  try {
    const options = { port: values.port, host, backlog: values.tcpBacklog, ipv6Only: true }
    await begin(server, (done) => server.listen(options, done))
    return server
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isMissing = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'ENOTFOUND'
    if (isOptional && isMissing) return undefined
    throw new ListenError(
      `Could not create server TCP listening socket ${name}:${values.port}: ${reason(code)}`,
    )
  }
}

async function listenLocally(values: ConfigValues, accept: Accept): Promise<Server> {
  const path = values.unixsocket
  // What a server that was killed left behind would be in the way.
  if (existsSync(path)) unlinkSync(path)
  const server = serverFor(accept, true)
  try {
    await begin(server, (done) => server.listen({ path, backlog: values.tcpBacklog }, done))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ListenError(`Could not open the Unix socket ${path}: ${reason(code)}`)
  }
  if (values.unixsocketperm !== 0) chmodSync(path, values.unixsocketperm)
  return server
}

function serverFor(accept: Accept, isUnixSocket: boolean): Server {
  // Half open: who has sent all its commands may still wait for replies. Paused: what reads from the socket is attached before its first byte is taken.
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

function reason(code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'Address already in use'
    case 'EACCES':
      return 'Permission denied'
    case 'EADDRNOTAVAIL':
      return 'Cannot assign requested address'
    default:
      return code ?? 'unknown error'
  }
}
