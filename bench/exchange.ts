/**
 * A program of its own: sends the same batch of commands over several connections, again and again,
 * each time when the replies to the last have come, and ends after a number of batches. With
 * subscribers, a batch also waits until its messages have reached all of them.
 *
 *     node exchange.js EXCHANGE        (an `Exchange` as JSON; prints an `Exchanged`)
 *
 * What comes back must have the same length every time: replies are counted by their bytes, which
 * costs this process almost nothing, so that the server is what is measured.
 */
import { connect, type Socket } from 'node:net'
import { Client, encodeCommand } from './client.ts'
import { cpuSeconds } from './proc.ts'

/** What is to be exchanged. */
export type Exchange = {
  readonly port: number
  /** The server's process. What it uses before everyone is connected does not count. */
  readonly pid: number
  readonly connections: number
  /** The commands of one batch. */
  readonly batch: readonly (readonly string[])[]
  /** How many batches are sent in all. */
  readonly batches: number
  /** How many connections listen at `channel`. */
  readonly subscribers?: number
  readonly channel?: string
}

/** What it took, from the moment at which all were connected. */
export type Exchanged = {
  readonly seconds: number
  /** Of the server's processor. */
  readonly cpuSeconds: number
}

const TIMEOUT_MS = 300_000

/** A connection that counts the bytes it gets. */
class Counting {
  readonly socket: Socket
  received = 0
  onBytes: (() => void) | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.received += chunk.length
      this.onBytes?.()
    })
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => fail('the server closed a connection'))
  }

  static open(port: number): Promise<Counting> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(new Counting(socket)))
      socket.once('error', reject)
    })
  }

  /** Waits until it has got `count` bytes in all. */
  async until(count: number): Promise<void> {
    while (this.received < count) {
      await new Promise<void>((resolve) => {
        this.onBytes = resolve
      })
    }
  }
}

/** Sends the batch once over a connection that understands replies. @returns their bytes. */
async function replyBytes(port: number, batch: Exchange['batch']): Promise<number> {
  const client = await Client.open(port)
  for (const command of batch) await client.ask(...command)
  client.close()
  return client.receivedBytes
}

async function subscribe(exchange: Exchange): Promise<Counting[]> {
  const { port, subscribers = 0, channel = '' } = exchange
  const confirmation = `*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`
  const listening: Counting[] = []
  for (let n = 0; n < subscribers; n++) {
    const connection = await Counting.open(port)
    connection.socket.write(encodeCommand(['SUBSCRIBE', channel]))
    await connection.until(confirmation.length)
    connection.received = 0
    listening.push(connection)
  }
  return listening
}

/** The bytes of the messages that one batch sends to each subscriber. */
function messageBytes({ batch, channel = '' }: Exchange): number {
  const published = batch.filter(([name, to]) => name === 'PUBLISH' && to === channel)
  const sizes = published.map(
    ([, , text = '']) =>
      `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$${text.length}\r\n${text}\r\n`,
  )
  return sizes.reduce((sum, text) => sum + text.length, 0)
}

async function run(exchange: Exchange): Promise<void> {
  const { port, batch } = exchange
  const repliesBytes = await replyBytes(port, batch)
  const listening = await subscribe(exchange)
  const perMessage = messageBytes(exchange)
  const bytes = Buffer.from(batch.map(encodeCommand).join(''), 'latin1')
  if (listening.length > 0 && exchange.connections > 1) fail('messages need one connection')
  const sending: Counting[] = []
  while (sending.length < exchange.connections) sending.push(await Counting.open(port))
  let left = exchange.batches
  const before = cpuSeconds(exchange.pid) ?? Number.NaN
  const startedAt = performance.now()
  const one = async (connection: Counting) => {
    for (let sent = 1; left > 0; sent++) {
      left--
      connection.socket.write(bytes)
      await connection.until(sent * repliesBytes)
      for (const listener of listening) await listener.until(sent * perMessage)
    }
  }
  await Promise.all(sending.map(one))
  const exchanged: Exchanged = {
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (cpuSeconds(exchange.pid) ?? Number.NaN) - before,
  }
  process.stdout.write(`${JSON.stringify(exchanged)}\n`)
  process.exit(0)
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

setTimeout(() => fail(`not done after ${TIMEOUT_MS} ms`), TIMEOUT_MS)
run(JSON.parse(process.argv[2] ?? '{}')).catch((error: Error) => fail(error.message))
