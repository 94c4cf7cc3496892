/**
 * Counts how long requests took, in buckets whose width is a 64th of their value or less, so that
 * counting and reading cost the same however many there are: sorting a million of them would make the
 * program that measures stand still, and it would measure that.
 */
const HALF_BITS = 6
const HALF = 2 ** HALF_BITS
/** Doublings after the first 128 microseconds, up to half an hour. */
const DOUBLINGS = 24
const BUCKETS = (DOUBLINGS + 2) * HALF
const MAX_US = 2 ** (DOUBLINGS + HALF_BITS + 1) - 1

export class Latencies {
  /** How many were counted. */
  count = 0
  longestMs = 0
  readonly #counts = new Uint32Array(BUCKETS)

  add(ms: number): void {
    this.count++
    if (ms > this.longestMs) this.longestMs = ms
    const us = Math.min(MAX_US, Math.max(0, Math.round(ms * 1000)))
    this.#counts[bucketOf(us)]!++
  }

  /** What a share of them did not exceed, from 0 to 1, in milliseconds; 0 when there are none. */
  at(share: number): number {
    let left = Math.max(1, Math.ceil(this.count * share))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!
      if (left <= 0) return Math.min(this.longestMs, highestOf(bucket) / 1000)
    }
    return this.longestMs
  }

  clear(): void {
    this.count = 0
    this.longestMs = 0
    this.#counts.fill(0)
  }
}

function bucketOf(us: number): number {
  const doublings = 31 - HALF_BITS - Math.clz32(us | (2 * HALF - 1))
  return doublings * HALF + (us >> doublings)
}

function highestOf(bucket: number): number {
  const doublings = Math.max(0, (bucket >> HALF_BITS) - 1)
  return (bucket - doublings * HALF + 1) * 2 ** doublings - 1
}
