/** The layout of a dict's segments and chunks (the picture is in dict.ts), and the order of iteration. */
import { type Arena, blockOffset, NONE, type Ref } from '../arena/index.ts'

/** A chunk is one line of the cache. */
export const CHUNK_BYTES = 64
export const CHUNK_WORDS = 16
/** Places for nodes in a chunk; their refs come first. */
export const SLOTS = 12
/** Where the tags stand in a chunk. */
export const TAGS_AT = 48
/** Where a chunk counts the entries that went past it. */
export const PASSED_AT = 60
/** `passed` at this value no longer counts: it stays until the segment is rebuilt. */
export const PASSED_MAX = 255
/** Where a segment's depth stands, in its first chunk. */
export const DEPTH_AT = 61
/** Where the count stands, in the first chunk. */
const COUNT_AT = 62
/** A segment of so many chunks is split and grows no more. */
export const CHUNKS_MAX = 64

/** How many entries a segment has, by the bytes of its page and where it begins. */
export function segmentCount(bytes: Uint8Array, first: number): number {
  return bytes[first + COUNT_AT]! | (bytes[first + COUNT_AT + 1]! << 8)
}

/** Writes how many entries a segment has. */
export function setSegmentCount(bytes: Uint8Array, first: number, count: number): void {
  bytes[first + COUNT_AT] = count & 0xff
  bytes[first + COUNT_AT + 1] = count >>> 8
}

/** How many top bits of the hash are the same for all entries of a segment. */
export function segmentDepth(arena: Arena, segment: Ref): number {
  return segment === NONE ? 0 : arena.bytes[segment >>> 17]![blockOffset(segment) + DEPTH_AT]!
}

/** An unsigned 32-bit number that may stand at any byte, little-endian. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

/** Writes what `readUint32` reads. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

/** The low six bits in the reverse order. */
export function reverse6(value: number): number {
  let reversed = 0
  for (let bit = 0; bit < 6; bit++) reversed |= ((value >> bit) & 1) << (5 - bit)
  return reversed
}
