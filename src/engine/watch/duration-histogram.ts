/**
 * How long calls took, counted in buckets whose width is a 128th of their value or less, so that any
 * percentile is known to two digits. The buckets and what is read from them are those of the
 * reference's HdrHistogram with two digits and an upper bound of a second.
 *
 *     values 0…255          a bucket each
 *     values 256…511        128 buckets of 2
 *     values 512…1023       128 buckets of 4        … and so on, doubling
 */

/** Values are nanoseconds; what took longer than a second counts as a second. */
const VALUE_MAX = 1_000_000_000
const HALF_BITS = 7
const HALF = 2 ** HALF_BITS
/** Doublings after the first 256 values, up to the largest value. */
const DOUBLINGS = 22
const BUCKETS = (DOUBLINGS + 2) * HALF
/** The first power of two at which the distribution is given, and how many there are. */
const FIRST_LEVEL = 1024
const LEVELS = 21

/** How many calls took at most so many microseconds. */
export interface Level {
  readonly microseconds: number
  readonly count: number
}

export class DurationHistogram {
  // Counts go beyond 2^32 within a day of a busy server.
  readonly #counts = new Float64Array(BUCKETS)

  /** Counts `calls` calls that took `nanoseconds` each. */
  add(nanoseconds: number, calls: number): void {
    const value = nanoseconds < 1 ? 1 : nanoseconds > VALUE_MAX ? VALUE_MAX : nanoseconds | 0
    this.#counts[bucketOf(value)]! += calls
  }

  /** How many were counted. */
  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** What `percent` of the calls did not exceed, in nanoseconds: the upper end of its bucket. */
  percentile(percent: number): number {
    const share = (Math.min(percent, 100) / 100) * this.total
    const wanted = Math.max(1, Math.floor(share + 0.5))
    let sum = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      sum += this.#counts[bucket]!
      if (sum >= wanted) return percent === 0 ? lowestOf(bucket) : highestOf(bucket)
    }
    return 0
  }

  /** The distribution at powers of two, without those that add no call. */
  levels(): Level[] {
    const { total } = this
    const levels: Level[] = []
    let count = 0
    let next = 0
    for (let i = 0; i < LEVELS && count < total; i++) {
      const last = i === LEVELS - 1 ? BUCKETS - 1 : bucketOf(FIRST_LEVEL * 2 ** i)
      const before = count
      for (; next <= last; next++) count += this.#counts[next]!
      if (count > before) levels.push({ microseconds: Math.floor(highestOf(last) / 1000), count })
    }
    return levels
  }
}

/** Of a value from 0 to 2^30. */
function bucketOf(value: number): number {
  const doublings = 31 - HALF_BITS - Math.clz32(value | (2 * HALF - 1))
  return doublings * HALF + (value >> doublings)
}

function doublingsOf(bucket: number): number {
  return Math.max(0, (bucket >> HALF_BITS) - 1)
}

function lowestOf(bucket: number): number {
  const doublings = doublingsOf(bucket)
  return (bucket - doublings * HALF) * 2 ** doublings
}

function highestOf(bucket: number): number {
  return lowestOf(bucket) + 2 ** doublingsOf(bucket) - 1
}
