/**
 * The random numbers of scripts: the generator of `drand48`, so that sequences are those of the
 * reference. A linear congruence modulo 2^48, of which the upper 31 bits are taken.
 */

const FACTOR_HIGH = 0x5de
const FACTOR_LOW = 0xece66d
const INCREMENT = 11
const HALF = 2 ** 24

/** A generator. */
export class Random {
  /** The upper and the lower 24 bits; before any seed those that C begins with. */
  #high = 0x1234ab
  #low = 0xcd330e

  /** Begins the sequence of a seed, of which 32 bits count. */
  seed(seed: number): void {
    const bits = seed >>> 0
    this.#high = bits >>> 8
    this.#low = ((bits & 0xff) << 16) | 0x330e
  }

  /** Goes on as another one would. */
  follow(other: Random): void {
    this.#high = other.#high
    this.#low = other.#low
  }

  /** The next number, from 0 up to but not including 2^31. */
  next(): number {
    const low = this.#low * FACTOR_LOW + INCREMENT
    const carry = Math.floor(low / HALF)
    const high = (this.#high * FACTOR_LOW + this.#low * FACTOR_HIGH + carry) % HALF
    this.#low = low % HALF
    this.#high = high
    return high * 128 + (this.#low >>> 17)
  }
}
