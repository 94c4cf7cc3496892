/** Hashes of keys and members, and one that is known beforehand. */
import { viewOf } from './viewed.ts'

/**
 * HalfSipHash-1-2 (Aumasson and Bernstein), 32 bits out: a keyed hash, so that nobody who does not
 * know the key can prepare names that collide. The 64-bit key is drawn once per process. The rounds
 * are those of the reference, which takes SipHash-1-2.
 *
 * It is the keyspace's hot loop, so the state lives in locals. The words of requests are read through the
 * view of their buffer, and those of other bytes one by one.
 */
export class KeyHasher {
  readonly #k0: number
  readonly #k1: number

  /** The two halves of the secret key, 32 bits each. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0
    this.#k1 = k1 | 0
  }

  /**
   * The hash of `bytes[start, end)`: 32 bits, as a signed number. An unsigned one would not always
   * be a small integer to the engine, and would be put in a box half of the time.
   */
  hash(bytes: Uint8Array, start: number, end: number): number {
    const view = viewOf(bytes)
    // The zeros tell the compiler that fields, which could hold any number, hold integers.
    const k1 = this.#k1 | 0
    let v0 = this.#k0 | 0
    let v1 = k1
    let v2 = 0x6c796765 ^ v0
    let v3 = 0x74656462 ^ k1
    const length = end - start
    const wordsEnd = start + (length & ~3)
    // The last word is the rest and the length; two rounds follow it.
    for (let at = start; ; at += 4) {
      let word: number
      if (at < wordsEnd) {
        word =
          view !== undefined
            ? view.getInt32(at, true)
            : bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      } else {
        word = length << 24
        if (at < end) word |= bytes[at]!
        if (at + 1 < end) word |= bytes[at + 1]! << 8
        if (at + 2 < end) word |= bytes[at + 2]! << 16
      }
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
      if (at >= wordsEnd) break
    }
    v2 ^= 0xff
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    return v1 ^ v3
  }

  /**
   * The same hash of `size` bytes that begin at a whole word, `words[at]`: of keys where they are
   * kept. What follows them in their last word does not count. Written out once more, so that the
   * loop above is spared a choice.
   */
  hashWords(words: Int32Array, at: number, size: number): number {
    const k1 = this.#k1 | 0
    let v0 = this.#k0 | 0
    let v1 = k1
    let v2 = 0x6c796765 ^ v0
    let v3 = 0x74656462 ^ k1
    const last = at + (size >>> 2)
    const restBits = (size & 3) << 3
    for (; ; at++) {
      let word: number
      if (at < last) word = words[at]!
      else if (restBits === 0) word = size << 24
      else word = (size << 24) | (words[at]! & ((1 << restBits) - 1))
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
      if (at >= last) break
    }
    v2 ^= 0xff
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    return v1 ^ v3
  }
}

/** A hash that is known already: of a range that is soon asked for. */
export class HashHint {
  #bytes: Uint8Array | undefined
  #start = 0
  #end = 0
  #hash = 0

  /** The hash of `bytes[start, end)` is `hash`, until `forget`. */
  set(bytes: Uint8Array, start: number, end: number, hash: number): void {
    if (bytes !== this.#bytes) this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#hash = hash
  }

  /** The buffer may hold something else from now on. */
  forget(): void {
    this.#bytes = undefined
  }

  /** The hash of a range, which `hasher` makes where it is not known. */
  hashOf(hasher: KeyHasher, bytes: Uint8Array, start: number, end: number): number {
    if (bytes === this.#bytes && start === this.#start && end === this.#end) return this.#hash
    return hasher.hash(bytes, start, end)
  }
}
