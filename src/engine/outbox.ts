/**
 * Replies on their way out, and the barrier that holds them back until what they acknowledge is safe.
 *
 * The replies of a turn of the loop are kept together and leave at its end, one write a client. With
 * a log they leave when the effects of that turn have been given to it: after its write for `everysec`
 * and `no`, after the sync that covers them for `always`. The loop goes on reading meanwhile. Each
 * range of the buffer belongs to one client; order is kept.
 *
 * Writing at the end of the turn is not only for the log. A write wakes the process at the other end,
 * and waking one that sleeps costs more than the write; of writes that follow each other closely only
 * the first does. It made requests in pipelines of 16 a quarter cheaper, and single ones a twentieth.
 */
import type { Timers } from '../host/index.ts'
import type { ReplyWriter } from '../resp/index.ts'
import type { Client } from './client.ts'

/** The part of the log that replies wait for. Offsets count bytes of effects. */
export interface Barrier {
  readonly appendedOffset: number
  /** Replies to effects up to here may leave. */
  readonly releasedOffset: number
  flush(): void
  onDurable(call: () => void): void
  onFailed(call: (failure: { readonly from: number; readonly to: number }) => void): void
}

/** The replies of one turn. */
interface Batch {
  bytes: Uint8Array
  readonly clients: Client[]
  readonly starts: number[]
  readonly ends: number[]
  /** Whether this range is the last of its client, whose connection then ends. */
  readonly closes: boolean[]
  offset: number
}

/** A buffer above this size is not kept for the next turn. */
const KEPT_BYTES_MAX = 1 << 20
/** A turn with more bytes of replies than this ends early, so that its buffer stays small. */
const TURN_BYTES_MAX = 1 << 18

export class Outbox {
  readonly #writer: ReplyWriter
  readonly #timers: Timers
  #barrier: Barrier | undefined
  #turn: Batch = emptyBatch()
  #isScheduled = false
  /** Batches that wait for a sync, oldest first. */
  #waiting: Batch[] = []
  /** Called after a client's bytes were handed over, to keep its output within limits. */
  afterSend: ((client: Client) => void) | undefined

  constructor(writer: ReplyWriter, timers: Timers) {
    this.#writer = writer
    this.#timers = timers
  }

  /** From now on replies wait for this log; `undefined` for none. */
  setBarrier(barrier: Barrier | undefined): void {
    this.flushTurn()
    this.#barrier = barrier
    barrier?.onDurable(() => this.#release())
    barrier?.onFailed((failure) => this.#fail(failure))
    this.#release()
  }

  /** Takes what the writer holds from `from` on as replies to `client`. */
  add(client: Client, from: number): void {
    const to = this.#writer.at
    if (to > from || client.isClosing) {
      this.#turn.clients.push(client)
      this.#turn.starts.push(from)
      this.#turn.ends.push(to)
      this.#turn.closes.push(client.isClosing)
    }
    if (to > TURN_BYTES_MAX) this.flushTurn()
    else this.schedule()
  }

  /** Makes sure that this turn ends with a flush, also when effects came from no client. */
  schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#timers.soon(() => this.flushTurn())
  }

  /** Ends the turn, also before its time: gives effects to the log, and sends what need not wait. */
  flushTurn(): void {
    this.#isScheduled = false
    this.#barrier?.flush()
    const turn = this.#turn
    if (turn.clients.length === 0) return
    turn.bytes = this.#writer.bytes
    turn.offset = this.#barrier?.appendedOffset ?? 0
    this.#turn = emptyBatch()
    if (this.#waiting.length === 0 && this.#isReleased(turn)) {
      const isReusable = sendBatch(turn, this.afterSend)
      if (isReusable && turn.bytes.length <= KEPT_BYTES_MAX) this.#writer.at = 0
      else this.#writer.replaceBuffer()
      return
    }
    this.#writer.replaceBuffer()
    this.#waiting.push(turn)
  }

  #isReleased(batch: Batch): boolean {
    return this.#barrier === undefined || batch.offset <= this.#barrier.releasedOffset
  }

  #release(): void {
    while (this.#waiting.length > 0 && this.#isReleased(this.#waiting[0]!)) {
      sendBatch(this.#waiting.shift()!, this.afterSend)
    }
  }

  /** What these replies acknowledge may be lost: their clients learn it from the broken link. */
  #fail(failure: { readonly from: number; readonly to: number }): void {
    const isCovered = (batch: Batch) => batch.offset > failure.from && !this.#isReleased(batch)
    const lost = this.#waiting.filter(isCovered)
    this.#waiting = this.#waiting.filter((batch) => !isCovered(batch))
    for (const batch of lost) {
      for (const client of batch.clients) client.outlet.close('now')
    }
  }
}

function emptyBatch(): Batch {
  return { bytes: new Uint8Array(0), clients: [], starts: [], ends: [], closes: [], offset: 0 }
}

/** @returns whether the batch's buffer may be used again. */
function sendBatch(batch: Batch, afterSend: ((client: Client) => void) | undefined): boolean {
  let isReusable = true
  for (let i = 0; i < batch.clients.length; i++) {
    const client = batch.clients[i]!
    const start = batch.starts[i]!
    const end = batch.ends[i]!
    if (end > start && !sendRange(client, batch.bytes, start, end)) isReusable = false
    afterSend?.(client)
    if (batch.closes[i]) client.outlet.close('flushed')
  }
  return isReusable
}

function sendRange(client: Client, bytes: Uint8Array, start: number, end: number): boolean {
  if (client.isClosed) return true
  client.sentBytes += end - start
  return client.outlet.send(bytes, start, end)
}
