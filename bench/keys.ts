/**
 * A program of its own: sends one command for each of COUNT numbered keys, as fast as the server
 * takes them, and ends when every reply has come. redis-benchmark draws keys at random and cannot
 * fill a store exactly; this can.
 *
 *     node keys.js PORT KIND COUNT [EXTRA]
 *
 * Requests are laid out once. Each is a record of fixed size that differs from its neighbour only
 * in twelve digits, or twice as many, so refilling a batch means writing digits. A few batches are
 * under way at a time; every reply is one line, or a size and a line, so counting lines counts them.
 */
import { connect } from 'node:net'
import { encodeCommand } from './client.ts'
import { stepBack } from './priority.ts'

const DIGITS = '############'
/** Stands for the number of a collection, of which there are EXTRA: they are filled in turn. */
const COLLECTION_DIGITS = '%%%%%%%%%%%%'
const BATCH_COUNT = 256
const BATCHES_UNDER_WAY = 4
const TIMEOUT_MS = 300_000

const members = (make: (n: number) => string[]) => Array.from({ length: 10 }, (_, n) => make(n))

/** The command of each kind. `#` stands for the key's number; keys have 16 bytes, values 16. */
const kinds: Record<string, (extra: string) => string[]> = {
  set: () => ['SET', `key:${DIGITS}`, `val:${DIGITS}`],
  pexpireat: (extra) => ['PEXPIREAT', `key:${DIGITS}`, extra],
  del: () => ['DEL', `key:${DIGITS}`],
  hash: () => ['HSET', `key:${DIGITS}`, ...members((n) => [`field${n}`, `value${n}`]).flat()],
  list: () => ['RPUSH', `key:${DIGITS}`, ...members((n) => [`element${n}`]).flat()],
  'set-of-10': () => ['SADD', `key:${DIGITS}`, ...members((n) => [`element${n}`]).flat()],
  zset: () => ['ZADD', `key:${DIGITS}`, ...members((n) => [`${n}`, `element${n}`]).flat()],
  // One element of a collection of any size.
  'hash-field': () => ['HSET', `key:${COLLECTION_DIGITS}`, `e:${DIGITS}`, `v:${DIGITS}`],
  'list-element': () => ['RPUSH', `key:${COLLECTION_DIGITS}`, `e:${DIGITS}`],
  'set-member': () => ['SADD', `key:${COLLECTION_DIGITS}`, `e:${DIGITS}`],
  'zset-member': () => ['ZADD', `key:${COLLECTION_DIGITS}`, DIGITS, `e:${DIGITS}`],
  'stream-entry': () => ['XADD', `key:${COLLECTION_DIGITS}`, `${DIGITS}-1`, `field`, `v:${DIGITS}`],
}

/** How many lines a reply takes: two where it is a string with its size before it. */
const replyLines = (kind: string) => (kind === 'stream-entry' ? 2 : 1)

/** One batch of requests, refilled in place once all its replies are in. */
class Batch {
  readonly bytes: Buffer
  readonly #recordSize: number
  readonly #digitsAt: readonly number[]
  readonly #collectionAt: readonly number[]
  readonly #collections: number

  constructor(record: string, collections: number) {
    this.#recordSize = record.length
    this.#collections = collections
    this.bytes = Buffer.from(record.repeat(BATCH_COUNT), 'latin1')
    this.#digitsAt = placesOf(record, DIGITS)
    this.#collectionAt = placesOf(record, COLLECTION_DIGITS)
  }

  /** Numbers `count` records from `first` on, and gives their bytes. */
  fill(first: number, count: number): Buffer {
    for (let n = 0; n < count; n++) {
      const number = first + n
      for (const at of this.#digitsAt) this.#writeDigits(n * this.#recordSize + at, number)
      for (const at of this.#collectionAt) {
        this.#writeDigits(n * this.#recordSize + at, number % this.#collections)
      }
    }
    return this.bytes.subarray(0, count * this.#recordSize)
  }

  #writeDigits(at: number, number: number): void {
    for (let n = DIGITS.length - 1; n >= 0; n--) {
      this.bytes[at + n] = 48 + (number % 10)
      number = Math.floor(number / 10)
    }
  }
}

function placesOf(record: string, digits: string): number[] {
  const places: number[] = []
  for (let at = record.indexOf(digits); at >= 0; at = record.indexOf(digits, at + digits.length)) {
    places.push(at)
  }
  return places
}

type Work = { readonly record: string; readonly collections: number; readonly replyLines: number }

function load(port: number, work: Work, count: number): void {
  const socket = connect({ port, host: '127.0.0.1' })
  const batches = Array.from({ length: BATCHES_UNDER_WAY }, () => {
    return new Batch(work.record, work.collections)
  })
  let sent = 0
  let lines = 0
  let replied = 0
  let isLineStart = true

  const sendNext = () => {
    if (sent >= count) return
    const batch = batches[Math.floor(sent / BATCH_COUNT) % BATCHES_UNDER_WAY]!
    const size = Math.min(BATCH_COUNT, count - sent)
    socket.write(batch.fill(sent, size))
    sent += size
  }
  socket.on('connect', () => {
    for (let n = 0; n < BATCHES_UNDER_WAY; n++) sendNext()
  })
  socket.on('data', (chunk) => {
    const before = Math.floor(replied / BATCH_COUNT)
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (isLineStart && byte === 45) fail(chunk.toString('latin1', at, at + 200).split('\r')[0]!)
      isLineStart = byte === 10
      if (isLineStart) lines++
    }
    replied = Math.floor(lines / work.replyLines)
    if (replied >= count) {
      socket.destroy()
      return
    }
    for (let n = before; n < Math.floor(replied / BATCH_COUNT); n++) sendNext()
  })
  socket.on('error', (error) => fail(error.message))
  socket.on('close', () => {
    if (replied < count) fail(`the server closed the connection after ${replied} replies`)
    process.exit(0)
  })
  setTimeout(() => fail(`${replied} of ${count} replies after ${TIMEOUT_MS} ms`), TIMEOUT_MS)
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

const [port, kind, count, extra] = process.argv.slice(2)
const command = kinds[kind ?? '']
if (command === undefined) fail(`unknown kind ${kind}`)
// Whoever measures on this core beside us goes first.
stepBack()
const work = {
  record: encodeCommand(command(extra ?? '')),
  collections: Number(extra) || 1,
  replyLines: replyLines(kind ?? ''),
}
load(Number(port), work, Number(count))
