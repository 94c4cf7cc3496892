/**
 * A program of its own: measures from outside how long a server's loop was held. It sends PING,
 * waits for the answer, and sends the next one a millisecond after the last; the longest round trip
 * is the longest stall, plus the noise of this process, which the stall suite measures beside an
 * idle server. On the core that it shares with the load it goes first.
 *
 *     node pinger.js PORT
 *
 * Each line on standard input closes a phase and is answered by one line of JSON: a `PhaseFigures`.
 * The end of standard input ends the program.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { goFirst } from './priority.ts'

/** What was seen since the phase before. */
export type PhaseFigures = {
  readonly pings: number
  readonly longestMs: number
  /** All but one in a thousand round trips were shorter. */
  readonly p999Ms: number
}

const INTERVAL_MS = 1
const PING = Buffer.from('PING\r\n')
const PONG_SIZE = '+PONG\r\n'.length
/** More than an hour of pings. */
const ROUND_TRIPS_MAX = 4_000_000

const socket = connect({ port: Number(process.argv[2]), host: '127.0.0.1' })
socket.setNoDelay(true)
goFirst()
let roundTrips: number[] = []
let sentAt = 0
let received = 0

function ping(): void {
  sentAt = performance.now()
  socket.write(PING)
}

function closePhase(): PhaseFigures {
  // A ping that has been waiting until now belongs to the phase in which it was sent.
  const pending = received < PONG_SIZE && sentAt > 0 ? performance.now() - sentAt : 0
  const sorted = Float64Array.from(roundTrips).sort()
  roundTrips = []
  return {
    pings: sorted.length,
    longestMs: Math.max(sorted.at(-1) ?? 0, pending),
    p999Ms: sorted[Math.floor(sorted.length * 0.999)] ?? 0,
  }
}

socket.on('connect', ping)
socket.on('data', (chunk) => {
  received += chunk.length
  if (received < PONG_SIZE) return
  const tookMs = performance.now() - sentAt
  if (roundTrips.length < ROUND_TRIPS_MAX) roundTrips.push(tookMs)
  setTimeout(() => {
    received = 0
    ping()
  }, INTERVAL_MS)
})
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})

const lines = createInterface({ input: process.stdin })
lines.on('line', () => process.stdout.write(`${JSON.stringify(closePhase())}\n`))
lines.on('close', () => process.exit(0))
