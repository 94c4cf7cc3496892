/**
 * Making, reading and freeing single entries. An entry is a node (structures/node.ts) that always has
 * an access clock. A value too long to stand in it is a large buffer: its id and the count of bytes
 * in use are then the value of the node.
 */
import { type Arena, blockOffset, type Ref, SMALL_BYTES_MAX, wordOffset } from '../arena/index.ts'
import type { Slice } from '../bytes/index.ts'
import {
  CLOCK,
  copyIntoPage,
  ERA,
  EXPIRES,
  expiryOffset,
  flagsOf,
  HUGE_KEY,
  HUGE_KEY_BYTES,
  headBytes,
  headOf,
  hugeKeyId,
  LARGE,
  NARROW_BYTES_MAX,
  valueSize,
  valueStart,
  WIDE,
} from '../structures/index.ts'

/** Bytes of the id and the count that stand for a large value. */
const LARGE_VALUE_BYTES = 8
/** A key above this does not leave room for a value in the largest block. */
const KEY_IN_NODE_BYTES_MAX = 16384
const HEAD_BYTES_MAX = 32

/** Whether a value of `valueBytes` under a key of `keyBytes` is kept in a large buffer. */
export function isLargeValue(keyBytes: number, valueBytes: number): boolean {
  const inNode = keyBytes > KEY_IN_NODE_BYTES_MAX ? HUGE_KEY_BYTES : keyBytes
  return HEAD_BYTES_MAX + inNode + valueBytes > SMALL_BYTES_MAX
}

/** The flags of an entry with a key and a value of these sizes, `valueBytes` as in the node. */
export function flagsFor(keyBytes: number, valueBytes: number, hasExpiry: boolean): number {
  const wide = keyBytes > NARROW_BYTES_MAX || valueBytes > NARROW_BYTES_MAX ? WIDE : 0
  const huge = keyBytes > KEY_IN_NODE_BYTES_MAX ? HUGE_KEY : 0
  return CLOCK | wide | huge | (hasExpiry ? EXPIRES : 0)
}

/** The size of an entry's block in bytes. */
export function entryBytes(flags: number, keyBytes: number, valueBytes: number): number {
  return headBytes(flags) + (flags & HUGE_KEY ? HUGE_KEY_BYTES : keyBytes) + valueBytes
}

/**
 * Allocates an entry and writes all but its value, its expiry and its links.
 * `flags` are those of `flagsFor`, with `LARGE` where the value is an id. `keyView` is a view of the bytes
 * in which the key stands, where there is one.
 */
export function newEntry(
  arena: Arena,
  kind: number,
  flags: number,
  key: Slice,
  valueBytes: number,
  clock: number,
  keyView?: DataView,
): Ref {
  const keyBytes = key.end - key.start
  const entry = arena.allocate(entryBytes(flags, keyBytes, valueBytes))
  const words = arena.words[entry >>> 17]!
  const at = wordOffset(entry)
  writeSizes(words, at, kind, flags, keyBytes, valueBytes)
  words[at + 1] = clock
  const keyAt = blockOffset(entry) + headBytes(flags)
  if (flags & HUGE_KEY) words[keyAt >>> 2] = arena.adoptLarge(key.copyOf())
  else copyIntoPage(arena, entry >>> 17, keyAt, key.bytes, key.start, key.end, keyView)
  return entry
}

/** Writes the head of an entry, and its wide sizes where the flags say so. */
export function writeSizes(
  words: Int32Array,
  at: number,
  kind: number,
  flags: number,
  keyBytes: number,
  valueBytes: number,
): void {
  if (flags & WIDE) {
    words[at] = kind | (flags << 8)
    words[at + 2] = keyBytes
    words[at + 3] = valueBytes
  } else words[at] = kind | (flags << 8) | (keyBytes << 16) | (valueBytes << 24)
}

/** The latest time that fits: the last double below 2^63. */
const EXPIRY_MS_MAX = 2 ** 63 - 1024

/** Writes the expiry of an entry that has the flag, in milliseconds since 1970. */
export function writeExpiry(arena: Arena, entry: Ref, expiryMs: number): void {
  const words = arena.words[entry >>> 17]!
  const at = expiryOffset(entry, headOf(arena, entry))
  expiryMs = Math.min(expiryMs, EXPIRY_MS_MAX)
  words[at] = expiryMs >>> 0
  words[at + 1] = Math.floor(expiryMs / 4294967296)
}

/** Puts an entry into an era: 0 or `ERA`, see walk.ts. */
export function setEra(arena: Arena, entry: Ref, era: number): void {
  const words = arena.words[entry >>> 17]!
  const at = wordOffset(entry)
  words[at] = (words[at]! & ~(ERA << 8)) | (era << 8)
}

/** Lets `into` stand for the bytes of a string entry. Lent until the arena changes. */
export function stringOf(arena: Arena, entry: Ref, into: Slice): Slice {
  const page = entry >>> 17
  const head = headOf(arena, entry)
  const at = valueStart(arena, entry, head)
  if (head & (LARGE << 8)) {
    const stored = readLarge(arena, entry, head)
    into.bytes = arena.large(stored.id)
    into.start = 0
    into.end = stored.size
  } else {
    into.bytes = arena.bytes[page]!
    into.start = at
    into.end = at + valueSize(arena, entry, head)
  }
  return into
}

/** The id and the count of bytes in use of a large value. */
export function readLarge(arena: Arena, entry: Ref, head: number): { id: number; size: number } {
  const bytes = arena.bytes[entry >>> 17]!
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const at = valueStart(arena, entry, head)
  return { id: view.getUint32(at, true), size: view.getUint32(at + 4, true) }
}

/** Writes the id and the count of bytes in use of a large value. */
export function writeLarge(arena: Arena, entry: Ref, id: number, size: number): void {
  const bytes = arena.bytes[entry >>> 17]!
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const at = valueStart(arena, entry, headOf(arena, entry))
  view.setUint32(at, id, true)
  view.setUint32(at + 4, size, true)
}

/** A new entry with a large value, whose buffer the arena then owns. */
export function newLargeEntry(
  arena: Arena,
  kind: number,
  key: Slice,
  value: { readonly buffer: Uint8Array; readonly size: number },
  options: { readonly hasExpiry: boolean; readonly clock: number },
): Ref {
  const flags = flagsFor(key.length, LARGE_VALUE_BYTES, options.hasExpiry) | LARGE
  const entry = newEntry(arena, kind, flags, key, LARGE_VALUE_BYTES, options.clock)
  writeLarge(arena, entry, arena.adoptLarge(value.buffer), value.size)
  return entry
}

/** What an entry costs in bytes: its block, and the large buffers that it owns. */
export function footprint(arena: Arena, entry: Ref): number {
  const head = headOf(arena, entry)
  let size = arena.sizeOf(entry)
  if (head & (LARGE << 8)) size += arena.large(readLarge(arena, entry, head).id).buffer.byteLength
  if (head & (HUGE_KEY << 8)) size += arena.large(hugeKeyId(arena, entry, head)).byteLength
  return size
}

/** Frees an entry and all that it owns. It is in no dict and no wheel. */
export function freeEntry(arena: Arena, entry: Ref): void {
  const head = headOf(arena, entry)
  const flags = flagsOf(head)
  if (flags & LARGE) arena.freeLarge(readLarge(arena, entry, head).id)
  if (flags & HUGE_KEY) arena.freeLarge(hugeKeyId(arena, entry, head))
  arena.free(entry)
}
