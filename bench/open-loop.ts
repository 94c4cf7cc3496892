/**
 * A program of its own: sends SET and GET of random keys at a fixed rate, whatever the server does
 * meanwhile, and measures each from the moment at which it was due. A server that stands still for
 * a second then shows in all that were due in that second, not only in the one it was given.
 *
 *     node open-loop.js PORT KEYS RATE       (requests a second; 0 is as many as it can)
 *
 * Each line on standard input closes a phase and is answered by one line of JSON: a `LoopFigures`.
 * The end of standard input ends the program.
 */
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { encodeCommand } from './client.ts'
import { Latencies } from './latencies.ts'
import { CLIENTS } from './load.ts'

/** Latencies since the phase before, in milliseconds. */
export type LoopFigures = {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly longestMs: number
}

const TICK_MS = 1
/** A server that stands still is not sent more than this at once when it goes on. */
const DUE_MAX = 200_000
/** Requests that are made beforehand, as many of either kind, and sent again and again. */
const REQUESTS = 1 << 15
const SET_REPLY_BYTES = '+OK\r\n'.length
const GET_REPLY_BYTES = '$16\r\n'.length + 16 + 2

const [port, keys, rate] = process.argv.slice(2).map(Number) as [number, number, number]
const latencies = new Latencies()
let phaseFrom = performance.now()

const key = () => `key:${String(Math.floor(Math.random() * keys)).padStart(12, '0')}`
/** SET where the index is even, GET where it is odd. */
const requests = Array.from({ length: REQUESTS }, (_, i) =>
  encodeCommand(i % 2 === 0 ? ['SET', key(), 'v'.repeat(16)] : ['GET', key()]),
)
let next = 0

class Connection {
  readonly #socket: Socket
  /** When each request was due whose reply has not come, and how long its reply is. */
  readonly #dueMs: number[] = []
  readonly #bytes: number[] = []
  #received = 0
  onReply: (() => void) | undefined

  constructor(onConnect: () => void) {
    this.#socket = connect({ port, host: '127.0.0.1' }, onConnect)
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk) => this.#take(chunk.length))
    this.#socket.on('error', (error) => fail(error.message))
    this.#socket.on('close', () => fail('the server closed a connection'))
  }

  send(dueMs: number): void {
    const i = next++ % REQUESTS
    this.#dueMs.push(dueMs)
    this.#bytes.push(i % 2 === 0 ? SET_REPLY_BYTES : GET_REPLY_BYTES)
    this.#socket.write(requests[i]!)
  }

  #take(size: number): void {
    this.#received += size
    const nowMs = performance.now()
    while (this.#bytes.length > 0 && this.#received >= this.#bytes[0]!) {
      this.#received -= this.#bytes.shift()!
      latencies.add(nowMs - this.#dueMs.shift()!)
      this.onReply?.()
    }
  }
}

function closePhase(): LoopFigures {
  const { count, longestMs } = latencies
  const figures = {
    requests: count,
    perSecond: (count / (performance.now() - phaseFrom)) * 1000,
    p50Ms: latencies.at(0.5),
    p99Ms: latencies.at(0.99),
    p999Ms: latencies.at(0.999),
    longestMs,
  }
  latencies.clear()
  phaseFrom = performance.now()
  return figures
}

function start(connections: readonly Connection[]): void {
  phaseFrom = performance.now()
  if (rate === 0) {
    for (const connection of connections) {
      connection.onReply = () => connection.send(performance.now())
      connection.send(performance.now())
    }
    return
  }
  const startMs = performance.now()
  let sent = 0
  setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) * rate) / 1000)
    for (let n = 0; sent < due && n < DUE_MAX; n++, sent++) {
      connections[sent % connections.length]!.send(startMs + (sent * 1000) / rate)
    }
  }, TICK_MS)
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

let waiting = CLIENTS
const connections: Connection[] = Array.from({ length: CLIENTS }, () => {
  return new Connection(() => {
    if (--waiting === 0) start(connections)
  })
})
const lines = createInterface({ input: process.stdin })
lines.on('line', () => process.stdout.write(`${JSON.stringify(closePhase())}\n`))
lines.on('close', () => process.exit(0))
