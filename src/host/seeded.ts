/**
 * Randomness for tests, from a seed that can be given again: sfc32, a small and fast generator
 * (C. Doty-Humphrey, PractRand), started from the seed by SplitMix32.
 */
import type { RandomSource } from './host.ts'

/** A generator whose whole sequence follows from its seed. */
export class Seeded implements RandomSource {
  readonly seed: number
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    this.seed = seed >>> 0
    let mix = this.seed
    for (let i = 0; i < 4; i++) {
      mix = (mix + 0x9e3779b9) | 0
      let word = mix ^ (mix >>> 16)
      word = Math.imul(word, 0x21f0aaad)
      word ^= word >>> 15
      word = Math.imul(word, 0x735a2d97)
      this.#state[i] = word ^ (word >>> 15)
    }
    for (let i = 0; i < 12; i++) this.uint32()
  }

  uint32(): number {
    const state = this.#state
    const result = (state[0]! + state[1]! + state[3]!) >>> 0
    state[3] = state[3]! + 1
    state[0] = state[1]! ^ (state[1]! >>> 9)
    state[1] = state[2]! + (state[2]! << 3)
    state[2] = ((state[2]! << 21) | (state[2]! >>> 11)) + result
    return result
  }

  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.uint32() & 0xff
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    const span = high - low + 1
    const fraction = span <= 0x1_0000_0000 ? this.uint32() / 0x1_0000_0000 : this.#fraction53()
    return low + Math.floor(fraction * span)
  }

  /** As many random bytes. */
  bytes(count: number): Uint8Array {
    const result = new Uint8Array(count)
    this.fill(result)
    return result
  }

  /** One of them. There must be one. */
  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!
  }

  /** True about `probability` of the time. */
  chance(probability: number): boolean {
    return this.uint32() / 0x1_0000_0000 < probability
  }

  /** Another generator, whose sequence has nothing to do with what is drawn from this one later. */
  fork(): Seeded {
    return new Seeded(this.uint32())
  }

  #fraction53(): number {
    return ((this.uint32() >>> 5) * 0x400_0000 + (this.uint32() >>> 6)) / 2 ** 53
  }
}

/**
 * The randomness of one test. Prints its seed, so that a failure can be replayed with
 * `SEED=… npm test`. A given `seed` is used as it is: a failure that became a named test.
 */
export function seeded(seed?: number): Seeded {
  if (seed !== undefined) return new Seeded(seed)
  const wanted = process.env.SEED
  const chosen =
    wanted === undefined || wanted === ''
      ? (Date.now() ^ Math.floor(performance.now() * 1e6)) >>> 0
      : Number(wanted) >>> 0
  console.log(`SEED=${chosen}`)
  return new Seeded(chosen)
}
