/**
 * One connection to a server, seen from the tool: write commands, wait for replies.
 *
 * Replies queue up until someone asks for them, so a message that arrives while a person types is
 * shown when the tool looks next. What the server pushes unasked (RESP3) keeps its place among them:
 * it is handed to `onPush` on the way to the next reply, or is a reply itself when that is not set.
 */
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { CliOptions } from './options.ts'
import { type Reply, ReplyReader } from './reply.ts'

/** A word of a command: text goes out as UTF-8. */
export type CommandWord = string | Uint8Array

/** Where a connection goes, as the options say it. */
export type Target = Pick<
  CliOptions,
  'host' | 'port' | 'socketPath' | 'connectTimeoutMs' | 'addressFamily' | 'isTls' | 'tls'
>

/** No connection, or no longer one. The message is for people. */
export class ConnectionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConnectionError'
  }
}

/** The message of a connection that the other end closed in good order. */
export const CLOSED = 'Server closed the connection'

/** The bytes of one command as the protocol wants it. */
export function encodeCommand(words: readonly CommandWord[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

/** A link to a server, made with `Connection.open`. */
export class Connection {
  /** Takes RESP3 pushes out of the line of replies. */
  onPush: ((push: Reply) => void) | undefined
  readonly #socket: Socket
  readonly #reader = new ReplyReader()
  readonly #replies: Reply[] = []
  #waiting: (() => void) | undefined
  #failure: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('end', () => this.#fail(new ConnectionError(CLOSED)))
    socket.on('close', () => this.#fail(new ConnectionError(CLOSED)))
    socket.on('error', (error) => this.#fail(new ConnectionError(systemMessage(error))))
  }

  /**
   * Connects.
   * @throws ConnectionError
   */
  static async open(target: Target): Promise<Connection> {
    const socket = dial(target)
    await new Promise<void>((done, refuse) => {
      const fail = (error: Error): void => {
        socket.destroy()
        refuse(new ConnectionError(systemMessage(error)))
      }
      if (target.connectTimeoutMs > 0) {
        socket.setTimeout(target.connectTimeoutMs, () => fail(new Error('Connection timed out')))
      }
      socket.once('error', fail)
      socket.once(target.isTls ? 'secureConnect' : 'connect', () => {
        socket.off('error', fail)
        socket.setTimeout(0)
        done()
      })
    })
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 15_000)
    return new Connection(socket)
  }

  /** Whether the link still stands, as far as is known. */
  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /** Sends one command without waiting for its reply. */
  send(words: readonly CommandWord[]): void {
    this.#socket.write(encodeCommand(words))
  }

  /** Sends bytes as they are. Resolves when more may follow. */
  async sendRaw(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#socket.write(bytes)) return
    await new Promise<void>((done) => {
      const finish = (): void => {
        this.#socket.off('drain', finish)
        this.#socket.off('close', finish)
        done()
      }
      this.#socket.on('drain', finish)
      this.#socket.on('close', finish)
    })
  }

  /**
   * The next reply that nobody took yet.
   * @throws ConnectionError when none can come any more, ReplyFormatError when it is no protocol.
   */
  async read(): Promise<Reply> {
    while (true) {
      await this.readable()
      const reply = this.#replies.shift()
      if (reply === undefined) throw this.#failure!
      if (reply.kind !== 'push' || this.onPush === undefined) return reply
      this.onPush(reply)
    }
  }

  /** Whether a reply is there already. */
  get hasReply(): boolean {
    return this.#replies.length > 0
  }

  /** Resolves when there is a reply, or none can come any more. */
  async readable(): Promise<void> {
    while (this.#replies.length === 0 && this.#failure === undefined) {
      await new Promise<void>((done) => {
        const before = this.#waiting
        this.#waiting = () => {
          before?.()
          done()
        }
      })
    }
  }

  /** Sends a command and waits for its reply. */
  async command(...words: readonly CommandWord[]): Promise<Reply> {
    this.send(words)
    return await this.read()
  }

  /** Ends the link. Whoever still waits for a reply gets a ConnectionError. */
  close(): void {
    this.#socket.destroy()
    this.#fail(new ConnectionError(CLOSED))
  }

  #receive(chunk: Uint8Array): void {
    if (this.#failure !== undefined) return
    try {
      this.#reader.push(chunk)
      for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
        this.#replies.push(reply)
      }
    } catch (error) {
      this.#socket.destroy()
      this.#fail(error as Error)
    }
    this.#wake()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}

function dial(target: Target): Socket {
  if (target.socketPath !== undefined) return connectTcp({ path: target.socketPath })
  const place = {
    host: target.host,
    port: target.port,
    ...(target.addressFamily === 0 ? {} : { family: target.addressFamily }),
  }
  if (!target.isTls) return connectTcp(place)
  const { sni, cacert, cert, key, isInsecure } = target.tls
  return connectTls({
    ...place,
    rejectUnauthorized: !isInsecure,
    ...(sni === undefined ? {} : { servername: sni }),
    ...(cacert === undefined ? {} : { ca: readFileSync(cacert) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  })
}

const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EPIPE: 'Broken pipe',
  ETIMEDOUT: 'Connection timed out',
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ENOTSOCK: 'Socket operation on non-socket',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
}

/** The operating system's own words for a failure, where we know them. */
export function systemMessage(error: Error): string {
  // A name with several addresses fails with one error for each.
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : error
  return MESSAGES[(first as NodeJS.ErrnoException).code ?? ''] ?? first.message
}
