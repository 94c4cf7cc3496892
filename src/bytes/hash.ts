/**
 * HalfSipHash-1-3 (Aumasson and Bernstein), 32 bits out: a keyed hash, so that nobody who does not
 * know the key can prepare names that collide. The 64-bit key is drawn once per process.
 *
 * It is the keyspace's hot loop, so the state lives in locals and words are put together from bytes:
 * requests are not aligned.
 */
export class KeyHasher {
  readonly #k0: number
  readonly #k1: number

  /** The two halves of the secret key, 32 bits each. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0
    this.#k1 = k1 | 0
  }

  /** The hash of `bytes[start, end)`, a whole number in `[0, 2^32)`. */
  hash(bytes: Uint8Array, start: number, end: number): number {
    const k0 = this.#k0
    const k1 = this.#k1
    let v0 = k0
    let v1 = k1
    let v2 = 0x6c796765 ^ k0
    let v3 = 0x74656462 ^ k1
    const length = end - start
    const wordsEnd = start + (length & ~3)
    let at = start
    for (; at < wordsEnd; at += 4) {
      const word =
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
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
    }
    let last = length << 24
    if (at < end) last |= bytes[at]!
    if (at + 1 < end) last |= bytes[at + 1]! << 8
    if (at + 2 < end) last |= bytes[at + 2]! << 16
    v3 ^= last
    // One round for the last word, then three to finish.
    for (let round = 0; round < 4; round++) {
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
      if (round === 0) {
        v0 ^= last
        v2 ^= 0xff
      }
    }
    return (v1 ^ v3) >>> 0
  }
}
