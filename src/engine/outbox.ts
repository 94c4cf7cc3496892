/**
 * Replies on their way out, and the barrier that holds them back until what they acknowledge is safe.
 *
 * The replies of a turn of the loop are kept together and leave at its end, one write a client. With
 * a log they leave when the effects of that turn have been given to it: after its write for `everysec`
 * and `no`, after the sync that covers them for `always`. The loop goes on reading meanwhile. Each
 * range of the buffer belongs to one client; order is kept.
 *
 * Messages that are pushed to many clients stand in buffers of their own, one a protocol, and the same
 * range belongs to all who get them. What one client gets in a turn leaves in one piece.
 *
 * Writing at the end of the turn is not only for the log. A write wakes the process at the other end,
 * and waking one that sleeps costs more than the write; of writes that follow each other closely only
 * the first does. It made requests in pipelines of 16 a quarter cheaper, and single ones a twentieth.
 *
 * The end of a turn has its price too: being called there costs as much as a read does beside its system
 * call. Where turns have brought one read each, as with a client that is alone, the turn ends with the read.
 */
import type { Clock, Host, Timers } from '../host/index.ts'
import { ReplyWriter } from '../resp/index.ts'
import type { Client } from './client.ts'

/** The part of the log that replies wait for. Offsets count bytes of effects. */
export interface Barrier {
  readonly appendedOffset: number
  /** Replies to effects up to here may leave. */
  readonly releasedOffset: number
  /** How long what was appended may wait for more before `flush`, in milliseconds. */
  readonly gatherMs: number
  flush(): void
  /** `call` is told when `releasedOffset` has grown. What was appended beyond it waits for `flush`. */
  onDurable(call: () => void): void
  /** `call` is told when what was appended beyond `releasedOffset` could not be made safe. */
  onFailed(call: () => void): void
}

/** The replies of one turn. */
interface Batch {
  bytes: Uint8Array
  /** The buffers of what was pushed, by protocol. */
  readonly pushed: Uint8Array[]
  hasPushes: boolean
  /** Whether a client has several ranges. */
  hasRepeats: boolean
  /** How many ranges it has. The arrays may be longer: they are used again. */
  count: number
  readonly clients: (Client | undefined)[]
  readonly starts: number[]
  readonly ends: number[]
  /** Whether this range is the last of its client, whose connection then ends. */
  readonly closes: boolean[]
  /** Where the range stands: `REPLIES`, or the protocol of what was pushed. */
  readonly sources: number[]
  offset: number
}

/** A buffer above this size is not kept for the next turn. */
const KEPT_BYTES_MAX = 1 << 20
/** A turn with more bytes of replies than this ends early, so that its buffer stays small. */
const TURN_BYTES_MAX = 1 << 18
/** The same for ranges: some megabytes of tables. */
const TURN_RANGES_MAX = 1 << 16
const REPLIES = -1
/** After so many turns in a row that one read began and ended, the next read is taken for such a turn. */
const LONE_TURNS_MIN = 8
/**
 * One of so many reads waits for the end of its turn all the same, to see whether others come behind it. A
 * prime, so that it is not always the last of its turn.
 */
const LONE_READS_MAX = 31
/** Behind a longer read there may be more of the same client. */
const LONE_BYTES_MAX = 1 << 14
/** Keeps the numbers of batches small. One that comes again only makes a batch be looked at closer. */
const SERIAL_MASK = 0xfffffff
const NO_BYTES = new Uint8Array(0)

export class Outbox {
  readonly #writer: ReplyWriter
  readonly #timers: Timers
  readonly #clock: Clock
  #barrier: Barrier | undefined
  #turn: Batch = emptyBatch()
  /** One that was sent, for the next turn. */
  #spare: Batch | undefined
  /** Numbers the batches, for a while each with another number. */
  #serial = 1
  #isScheduled = false
  /** The turn ends with the read that is answered. */
  #isLone = false
  /** How many turns in a row had one read. */
  #loneTurns = 0
  /** Reads since the last turn that waited for its end, and how many there were when that was scheduled. */
  #reads = 0
  #readsBefore = 0
  /** Goes up when a turn of the loop ends in which something was answered. */
  turn = 0
  /** Up to where the log had been given effects when last more were waited for; -1 while none are. */
  #gathered = -1
  #gatherBeganMs = 0
  /** The log has failed while this turn was given to it. */
  #hasFailed = false
  /** Batches that wait for a sync, oldest first. */
  #waiting: Batch[] = []
  /** Called after a client's bytes were handed over, to keep its output within limits. */
  afterSend: ((client: Client) => void) | undefined
  /**
   * Asked before so many bytes or more are handed over at once, whether the client may have them.
   * Whoever answers no has ended its connection.
   */
  admits: ((client: Client, size: number) => boolean) | undefined
  admittedBytesMax = Number.MAX_SAFE_INTEGER
  /** Called when a turn ends, for what is pushed once a turn. */
  beforeFlush: (() => void) | undefined
  /** What was pushed in this turn, in RESP2 and in RESP3. */
  readonly pushed: readonly ReplyWriter[]
  readonly #resp2 = new ReplyWriter()
  readonly #resp3 = new ReplyWriter()

  constructor(writer: ReplyWriter, { timers, clock }: Pick<Host, 'timers' | 'clock'>) {
    this.#writer = writer
    this.#timers = timers
    this.#clock = clock
    this.#resp3.isResp3 = true
    this.pushed = [this.#resp2, this.#resp3]
  }

  /** Whether so much was pushed that the turn should end early, once no reply is half written. */
  get isFull(): boolean {
    return (
      this.#resp2.at > TURN_BYTES_MAX ||
      this.#resp3.at > TURN_BYTES_MAX ||
      (this.#turn.hasPushes && this.#turn.count > TURN_RANGES_MAX)
    )
  }

  /** What was read from a client, so many bytes, is answered from now on, until `endRead`. */
  beginRead(size: number): void {
    this.#reads++
    if (this.#isScheduled || this.#loneTurns < LONE_TURNS_MIN || size > LONE_BYTES_MAX) return
    if (this.#reads >= LONE_READS_MAX || (this.#barrier?.gatherMs ?? 0) > 0) return
    this.#isLone = true
    this.#isScheduled = true
  }

  /** Where reads have been alone in their turns, what this one led to leaves now. */
  endRead(): void {
    if (!this.#isLone) return
    this.#isLone = false
    this.turn++
    this.flushTurn()
  }

  /**
   * From now on replies wait for this log; `undefined` for none. One that is left will never have what
   * replies still wait for, and their clients are not told that it has. Not while a command runs then.
   */
  setBarrier(barrier: Barrier | undefined): void {
    if (this.#barrier !== undefined) {
      this.flushTurn()
      this.#release()
      this.#fail()
    }
    this.#barrier = barrier
    barrier?.onDurable(() => {
      this.#release()
      // What came while it was made safe goes on with what comes now.
      if (barrier.appendedOffset > barrier.releasedOffset) this.schedule()
    })
    barrier?.onFailed(() => this.#fail())
  }

  /** Takes what the writer holds from `from` on as replies to `client`. */
  add(client: Client, from: number): void {
    const to = this.#writer.at
    if (to > from || client.isClosing) {
      this.#append(client, REPLIES, from, to)
    }
    if (to > TURN_BYTES_MAX) this.flushTurn()
    this.schedule()
  }

  /**
   * The same for replies that show nothing of the data. Where the log is stuck they leave at once, unless
   * others of this client wait: it is told why writes are refused, and not left with a broken link.
   */
  addFree(client: Client, from: number): void {
    const { bytes, at } = this.#writer
    const barrier = this.#barrier
    const isStuck = barrier !== undefined && barrier.appendedOffset > barrier.releasedOffset
    if (!isStuck || this.#isAwaited(client)) {
      this.add(client, from)
      return
    }
    this.#writer.at = from
    // The buffer goes on being written to.
    this.#send(client, bytes.slice(from, at), 0, at - from)
    if (client.isClosing) client.outlet.close('flushed')
    this.schedule()
  }

  /** Whether something is on its way to a client. */
  #isAwaited(client: Client): boolean {
    const isIn = ({ clients, count }: Batch) => clients.lastIndexOf(client, count - 1) >= 0
    return (this.#turn.count > 0 && isIn(this.#turn)) || this.#waiting.some(isIn)
  }

  /** Takes a range of `pushed[protocol]` on for a client, all of whose replies so far were added. */
  push(client: Client, protocol: number, start: number, end: number): void {
    if (client.isClosing || client.isClosed) return
    const turn = this.#turn
    const last = client.batch === this.#serial ? client.lastPush : -1
    if (last >= 0 && turn.ends[last] === start && turn.sources[last] === protocol) {
      turn.ends[last] = end
      return
    }
    this.#append(client, protocol, start, end)
    client.lastPush = turn.count - 1
    turn.hasPushes = true
    this.schedule()
  }

  /** Makes sure that this turn ends with a flush, also when effects came from no client. */
  schedule(): void {
    // Apart from what makes a closure: whoever does makes room for what it closes over, used or not.
    if (!this.#isScheduled) this.#scheduleEnd()
  }

  #scheduleEnd(): void {
    this.#isScheduled = true
    this.#readsBefore = this.#reads
    this.#timers.soon(() => {
      this.turn++
      this.#loneTurns = this.#reads === this.#readsBefore ? this.#loneTurns + 1 : 0
      this.#reads = 0
      if (!this.#gathers()) this.flushTurn()
      else {
        this.#isScheduled = false
        this.schedule()
      }
    })
  }

  /**
   * Whether what the turn is to make safe waits for more that is just arriving. One sync then covers
   * more, and of clients that answer to replies with requests, all are in it and not every second one.
   */
  #gathers(): boolean {
    const barrier = this.#barrier
    const limitMs = barrier?.gatherMs ?? 0
    if (barrier === undefined || limitMs === 0) return false
    const { appendedOffset } = barrier
    const isQuiet = appendedOffset === this.#gathered || appendedOffset === barrier.releasedOffset
    const nowMs = isQuiet ? 0 : this.#clock.monotonicMs()
    if (this.#gathered < 0) this.#gatherBeganMs = nowMs
    if (isQuiet || nowMs - this.#gatherBeganMs >= limitMs) {
      this.#gathered = -1
      return false
    }
    this.#gathered = appendedOffset
    return true
  }

  /** Ends the turn, also before its time: gives effects to the log, and sends what need not wait. */
  flushTurn(): void {
    this.beforeFlush?.()
    this.#isScheduled = false
    this.#hasFailed = false
    this.#barrier?.flush()
    const hasFailed = this.#hasFailed
    const turn = this.#turn
    if (turn.count === 0) return
    turn.bytes = this.#writer.bytes
    if (turn.hasPushes) {
      turn.pushed[0] = this.#resp2.bytes
      turn.pushed[1] = this.#resp3.bytes
    }
    turn.offset = this.#barrier?.appendedOffset ?? 0
    this.#serial = (this.#serial + 1) & SERIAL_MASK
    this.#turn = this.#spare ?? emptyBatch()
    this.#spare = undefined
    if (this.#waiting.length === 0 && this.#isReleased(turn)) {
      const isReusable = this.#sendBatch(turn)
      startOver(this.#writer, isReusable)
      if (turn.hasPushes) for (const writer of this.pushed) startOver(writer, isReusable)
      clear(turn)
      this.#spare = turn
      return
    }
    startOver(this.#writer, false)
    if (turn.hasPushes) for (const writer of this.pushed) startOver(writer, false)
    this.#waiting.push(turn)
    if (hasFailed) this.#fail()
  }

  #append(client: Client, source: number, start: number, end: number): void {
    const turn = this.#turn
    const at = turn.count++
    if (client.batch === this.#serial) turn.hasRepeats = true
    else client.batch = this.#serial
    client.lastPush = -1
    turn.clients[at] = client
    turn.starts[at] = start
    turn.ends[at] = end
    turn.closes[at] = client.isClosing
    turn.sources[at] = source
  }

  #isReleased(batch: Batch): boolean {
    return this.#barrier === undefined || batch.offset <= this.#barrier.releasedOffset
  }

  #release(): void {
    while (this.#waiting.length > 0 && this.#isReleased(this.#waiting[0]!)) {
      this.#sendBatch(this.#waiting.shift()!)
    }
  }

  /** @returns whether the batch's buffers may be used again. */
  #sendBatch(batch: Batch): boolean {
    let isReusable = true
    const joined = batch.hasPushes && batch.hasRepeats ? new Joined(batch) : undefined
    for (let i = 0; i < batch.count; i++) {
      const client = batch.clients[i]!
      if (joined?.takes(client, i)) continue
      const buffer = bufferOf(batch, i)
      if (!this.#send(client, buffer, batch.starts[i]!, batch.ends[i]!)) isReusable = false
      if (batch.closes[i]) client.outlet.close('flushed')
    }
    joined?.each((client, bytes, closes) => {
      this.#send(client, bytes, 0, bytes.length)
      if (closes) client.outlet.close('flushed')
    })
    return isReusable
  }

  /** @returns whether the buffer may be used again. */
  #send(client: Client, bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start
    if (client.isClosed) return true
    if (size >= this.admittedBytesMax && this.admits?.(client, size) === false) return true
    let isReusable = true
    if (size > 0) {
      client.sentBytes += size
      isReusable = client.outlet.send(bytes, start, end)
    }
    this.afterSend?.(client)
    return isReusable
  }

  /** What these replies acknowledge may be lost: their clients learn it from the broken link. */
  #fail(): void {
    this.#hasFailed = true
    const lost = this.#waiting.filter((batch) => !this.#isReleased(batch))
    this.#waiting = this.#waiting.filter((batch) => this.#isReleased(batch))
    for (const batch of lost) {
      for (const client of batch.clients) client?.outlet.close('now')
    }
  }
}

function emptyBatch(): Batch {
  return {
    bytes: NO_BYTES,
    pushed: [NO_BYTES, NO_BYTES],
    hasPushes: false,
    hasRepeats: false,
    count: 0,
    clients: [],
    starts: [],
    ends: [],
    closes: [],
    sources: [],
    offset: 0,
  }
}

/** Forgets the ranges of a batch that has been sent. */
function clear(batch: Batch): void {
  for (let i = 0; i < batch.count; i++) batch.clients[i] = undefined
  batch.count = 0
  batch.hasRepeats = false
  if (!batch.hasPushes) return
  batch.hasPushes = false
  batch.pushed[0] = NO_BYTES
  batch.pushed[1] = NO_BYTES
}

/** Goes on in the same buffer where it may be used again and is not too large, or in another. */
function startOver(writer: ReplyWriter, isReusable: boolean): void {
  if (writer.at === 0) return
  if (isReusable && writer.bytes.length <= KEPT_BYTES_MAX) writer.at = 0
  else writer.replaceBuffer()
}

function bufferOf(batch: Batch, i: number): Uint8Array {
  const source = batch.sources[i]!
  return source === REPLIES ? batch.bytes : batch.pushed[source]!
}

/** Puts the ranges of those clients together that have several in a batch. */
class Joined {
  readonly #batch: Batch
  /** Of each client with several ranges, which they are. */
  readonly #ranges = new Map<Client, number[]>()

  constructor(batch: Batch) {
    this.#batch = batch
    const { clients, count } = batch
    for (let i = 0; i < count; i++) clients[i]!.lastPush = -1
    for (let i = 0; i < count; i++) {
      const client = clients[i]!
      // Until the batch has left, the number says whether the client was seen in it.
      if (client.lastPush >= 0) this.#ranges.set(client, [])
      client.lastPush = i
    }
    for (let i = 0; i < count; i++) clients[i]!.lastPush = -1
  }

  /** Takes a range over if its client has others. */
  takes(client: Client, i: number): boolean {
    const ranges = this.#ranges.get(client)
    ranges?.push(i)
    return ranges !== undefined
  }

  /** Visits the clients with what they get, and whether their connections end with it. */
  each(visit: (client: Client, bytes: Uint8Array, closes: boolean) => void): void {
    for (const [client, ranges] of this.#ranges) {
      visit(client, this.#join(ranges), this.#batch.closes[ranges.at(-1)!]!)
    }
  }

  #join(ranges: readonly number[]): Uint8Array {
    const { starts, ends } = this.#batch
    const pieces = ranges.map((i) => bufferOf(this.#batch, i).subarray(starts[i]!, ends[i]!))
    return Buffer.concat(pieces)
  }
}
