/** A plain connection for tests: raw bytes out, whole replies in, nothing hidden. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Reply, replyText } from '../../src/resp/reply.ts'
import { ReplyReader } from '../../src/resp/reply-reader.ts'

const REPLY_TIMEOUT_MS = 20_000

/** A command as the protocol wants it. Text goes out in UTF-8. */
export function encode(argv: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${argv.length}\r\n`)]
  for (const word of argv) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

/** One connection. */
export class Link {
  readonly socket: Socket
  readonly #reader = new ReplyReader()
  readonly #replies: Reply[] = []
  readonly #waiting: { done(reply: Reply): void; refuse(error: Error): void }[] = []
  #isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('close', () => {
      this.#isClosed = true
      for (const { refuse } of this.#waiting.splice(0)) refuse(new Error('the link was closed'))
    })
  }

  /** Connects to a port of this machine. */
  static async open(port: number): Promise<Link> {
    const socket = connect(port, '127.0.0.1')
    const link = new Link(socket)
    await once(socket, 'connect')
    return link
  }

  /** Whether the other end has closed it. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends bytes as they are. Text has one character a byte. */
  send(bytes: Uint8Array | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** The next reply. Fails when the link closes first, or nothing comes. */
  reply(): Promise<Reply> {
    const ready = this.#replies.shift()
    if (ready !== undefined) return Promise.resolve(ready)
    if (this.#isClosed) return Promise.reject(new Error('the link was closed'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no reply')), REPLY_TIMEOUT_MS)
      const waiting = {
        done: (reply: Reply) => {
          clearTimeout(timer)
          resolve(reply)
        },
        refuse: (error: Error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      this.#waiting.push(waiting)
    })
  }

  /** Sends a command and waits for its reply. */
  ask(...argv: readonly (string | Uint8Array)[]): Promise<Reply> {
    this.send(encode(argv))
    return this.reply()
  }

  /** The same, as text; `undefined` for null and aggregates. */
  async text(...argv: readonly (string | Uint8Array)[]): Promise<string | undefined> {
    return replyText(await this.ask(...argv))
  }

  /** Ends the connection. */
  close(): void {
    this.socket.destroy()
  }

  #receive(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    try {
      this.#readAll()
    } catch {
      // What is no reply, or too deep for the reader, leaves nothing to go on with.
      this.socket.destroy()
    }
  }

  #readAll(): void {
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#replies.push(reply)
      else waiting.done(reply)
    }
  }
}
