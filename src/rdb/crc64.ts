/**
 * CRC-64 as the reference has it behind its files and payloads (Jones): polynomial ad93d23594c935a9,
 * bits reflected, beginning at zero, not inverted at the end.
 *
 * A sum is two words of 32 bits. Eight bytes are taken at once: a table for each of the eight says
 * what it does to the sum, so there are sixteen lookups and no bit is shifted. Against a byte at a
 * time that is four times as fast.
 */
const POLYNOMIAL_HIGH = 0x95ac9329
const POLYNOMIAL_LOW = 0xac4bc9b5

/** By place in the group of eight (the last first) and byte, the two words. */
const LOW = new Int32Array(8 * 256)
const HIGH = new Int32Array(8 * 256)

for (let byte = 0; byte < 256; byte++) {
  let low = byte
  let high = 0
  for (let bit = 0; bit < 8; bit++) {
    const isSet = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (isSet) {
      low ^= POLYNOMIAL_LOW
      high ^= POLYNOMIAL_HIGH
    }
  }
  LOW[byte] = low
  HIGH[byte] = high
}
for (let i = 256; i < LOW.length; i++) {
  const low = LOW[i - 256]!
  const high = HIGH[i - 256]!
  const byte = low & 0xff
  LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[byte]!
  HIGH[i] = (high >>> 8) ^ HIGH[byte]!
}

export class Crc64 {
  /** The sum so far: its lower and its upper word, signed. */
  low = 0
  high = 0

  /** Begins again. */
  reset(): void {
    this.low = 0
    this.high = 0
  }

  /** Takes in `bytes[start, end)`. */
  update(bytes: Uint8Array, start: number, end: number): void {
    let { low, high } = this
    let i = start
    for (const last = end - 8; i <= last; i += 8) {
      const a = low ^ word(bytes, i)
      const b = high ^ word(bytes, i + 4)
      const i0 = 0x700 | (a & 0xff)
      const i1 = 0x600 | ((a >>> 8) & 0xff)
      const i2 = 0x500 | ((a >>> 16) & 0xff)
      const i3 = 0x400 | (a >>> 24)
      const i4 = 0x300 | (b & 0xff)
      const i5 = 0x200 | ((b >>> 8) & 0xff)
      const i6 = 0x100 | ((b >>> 16) & 0xff)
      const i7 = b >>> 24
      low = LOW[i0]! ^ LOW[i1]! ^ LOW[i2]! ^ LOW[i3]! ^ LOW[i4]! ^ LOW[i5]! ^ LOW[i6]! ^ LOW[i7]!
      high =
        HIGH[i0]! ^
        HIGH[i1]! ^
        HIGH[i2]! ^
        HIGH[i3]! ^
        HIGH[i4]! ^
        HIGH[i5]! ^
        HIGH[i6]! ^
        HIGH[i7]!
    }
    for (; i < end; i++) {
      const byte = (low ^ bytes[i]!) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ LOW[byte]!
      high = (high >>> 8) ^ HIGH[byte]!
    }
    this.low = low
    this.high = high
  }

  /** Whether the eight bytes at `at`, the lowest first, are the sum. */
  equals(bytes: Uint8Array, at: number): boolean {
    return word(bytes, at) === this.low && word(bytes, at + 4) === this.high
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
