/** Small parts of the dict: what a segment says of itself, and the order of iteration. */

/** Where the count stands: in the spare bytes of a segment's first chunk. */
const COUNT_AT = 62

/** How many entries a segment has, by the bytes of its page and where it begins. */
export function segmentCount(bytes: Uint8Array, first: number): number {
  return bytes[first + COUNT_AT]! | (bytes[first + COUNT_AT + 1]! << 8)
}

/** Writes how many entries a segment has. */
export function setSegmentCount(bytes: Uint8Array, first: number, count: number): void {
  bytes[first + COUNT_AT] = count & 0xff
  bytes[first + COUNT_AT + 1] = count >>> 8
}

/** The low six bits in the reverse order. */
export function reverse6(value: number): number {
  let reversed = 0
  for (let bit = 0; bit < 6; bit++) reversed |= ((value >> bit) & 1) << (5 - bit)
  return reversed
}
