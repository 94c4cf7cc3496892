/**
 * A connection for questions to a server under test: one command at a time, RESP2. It is written
 * apart from `src/resp`, so that what measures does not share a fault with what is measured.
 */
import { connect, type Socket } from 'node:net'

/** A reply as plain values; error replies are thrown instead. */
export type Reply = string | number | null | readonly Reply[]

type Parsed = { readonly value: Reply | Error; readonly end: number }

/** How long one question may take: FLUSHALL of millions of keys is slow on some servers. */
const REPLY_TIMEOUT_MS = 120_000

/** Reads one reply at `at`, or `undefined` when its bytes have not all arrived. */
export function parseReply(bytes: Buffer, at = 0): Parsed | undefined {
  const lineEnd = bytes.indexOf('\r\n', at)
  if (lineEnd < 0) return undefined
  const line = bytes.toString('utf8', at + 1, lineEnd)
  const next = lineEnd + 2
  switch (String.fromCharCode(bytes[at]!)) {
    case '+':
      return { value: line, end: next }
    case '-':
      return { value: new Error(line), end: next }
    case ':':
      return { value: Number(line), end: next }
    case '$': {
      const size = Number(line)
      if (size < 0) return { value: null, end: next }
      if (bytes.length < next + size + 2) return undefined
      return { value: bytes.toString('utf8', next, next + size), end: next + size + 2 }
    }
    case '*':
      return parseArray(bytes, Number(line), next)
    default:
      return { value: new Error(`not a reply: ${line.slice(0, 40)}`), end: bytes.length }
  }
}

function parseArray(bytes: Buffer, count: number, at: number): Parsed | undefined {
  if (count < 0) return { value: null, end: at }
  const items: Reply[] = []
  for (let n = 0; n < count; n++) {
    const item = parseReply(bytes, at)
    if (item === undefined) return undefined
    items.push(item.value instanceof Error ? item.value.message : item.value)
    at = item.end
  }
  return { value: items, end: at }
}

/** Encodes a command as the protocol's array of bulk strings. */
export function encodeCommand(args: readonly string[]): string {
  const bulks = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`)
  return `*${args.length}\r\n${bulks.join('')}`
}

/** One connection. Commands must be awaited one after another. */
export class Client {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #settle: ((reply: Reply | Error) => void) | undefined
  /** How many bytes have come in all. */
  receivedBytes = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#finish(error))
    socket.on('close', () => this.#finish(new Error('the server closed the connection')))
  }

  /** Connects to a loopback port, or throws what the system says. */
  static open(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Client(socket))
      })
    })
  }

  /** Sends one command and gives its reply. Throws error replies and lost connections. */
  async ask(...args: string[]): Promise<Reply> {
    const reply = await new Promise<Reply | Error>((resolve) => {
      if (this.#socket.destroyed) return resolve(new Error('the connection is closed'))
      const timer = setTimeout(
        () => this.#finish(new Error(`no reply to ${args[0]}`)),
        REPLY_TIMEOUT_MS,
      )
      this.#settle = (result) => {
        clearTimeout(timer)
        resolve(result)
      }
      this.#socket.write(encodeCommand(args))
    })
    if (reply instanceof Error) throw reply
    return reply
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const parsed = parseReply(this.#received)
    if (parsed === undefined) return
    this.#received = this.#received.subarray(parsed.end)
    this.#finish(parsed.value)
  }

  #finish(result: Reply | Error): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(result)
  }
}

/** One field of INFO's text, or `undefined` where the server has no such field. */
export function infoField(info: Reply, name: string): string | undefined {
  if (typeof info !== 'string') return undefined
  const line = info.split(/\r?\n/).find((candidate) => candidate.startsWith(`${name}:`))
  return line?.slice(name.length + 1)
}
