/**
 * The layout that everything kept in a dict shares: keyspace entries, and members of large sets and
 * hashes. A node is one arena block that begins with its key's length:
 *
 *     0   kind      type in the low four bits, encoding in the high four
 *     1   flags     which of the optional parts follow
 *     2   key size  in bytes; 0 when wide
 *     3   value size in bytes; 0 when wide
 *     [ clock  4 ]           CLOCK: access clock, see keyspace/access.ts
 *     [ key size 4, value size 4 ]   WIDE: one of the two sizes is above 255
 *     [ expiry 8, previous 4, next 4 ]   EXPIRES: milliseconds since 1970, neighbours in the wheel
 *     key, then value
 *
 * The flags alone say where the key begins, so a lookup reads one word and then the key.
 */
import { type Arena, blockOffset, type Ref, wordOffset } from '../arena/index.ts'
import {
  compareRanges,
  copyBytes,
  copyWords,
  equalBytes,
  type Slice,
  viewOf,
} from '../bytes/index.ts'

/** The sizes are in the optional part, because one is above 255 bytes. */
export const WIDE = 1
/** The node has an expiry and is linked into the wheel. */
export const EXPIRES = 2
/** The node has an access clock. */
export const CLOCK = 4
/** The value is an id of a large buffer and the count of its bytes in use, 4 bytes each. */
export const LARGE = 8
/** The key is too long for a block: in its place stands the id of a large buffer, 4 bytes. */
export const HUGE_KEY = 16

/** Left to whoever owns the node, see keyspace/walk.ts. */
export const ERA = 32

/** Bytes that a huge key takes in its node. */
export const HUGE_KEY_BYTES = 4

/** The longest key or value of a node that is not wide. */
export const NARROW_BYTES_MAX = 255

/** Where the key begins, counted from the node, by the low three flags. */
const KEY_AT = Int32Array.from({ length: 8 }, (_, flags) => keyOffset(flags))

function keyOffset(flags: number): number {
  return 4 + (flags & CLOCK ? 4 : 0) + (flags & WIDE ? 8 : 0) + (flags & EXPIRES ? 16 : 0)
}

/** Bytes before the key in a node with these flags. */
export function headBytes(flags: number): number {
  return KEY_AT[flags & 7]!
}

/** The first word of a node: kind, flags and both sizes. */
export function headOf(arena: Arena, node: Ref): number {
  return arena.words[node >>> 17]![wordOffset(node)]!
}

/** The flags in a head. */
export function flagsOf(head: number): number {
  return (head >>> 8) & 0xff
}

/** Where the key begins in the page of `node`, in bytes. */
export function keyStart(node: Ref, head: number): number {
  return blockOffset(node) + KEY_AT[(head >>> 8) & 7]!
}

/** The size of the key in bytes. */
export function keySize(arena: Arena, node: Ref, head: number): number {
  if ((head & (WIDE << 8)) === 0) return (head >>> 16) & 0xff
  return arena.words[node >>> 17]![wideOffset(node, head)]!
}

/** The size of the value in bytes, as it stands in the node. */
export function valueSize(arena: Arena, node: Ref, head: number): number {
  if ((head & (WIDE << 8)) === 0) return head >>> 24
  return arena.words[node >>> 17]![wideOffset(node, head) + 1]!
}

/** Where the two wide sizes stand, in words. */
export function wideOffset(node: Ref, head: number): number {
  return wordOffset(node) + (head & (CLOCK << 8) ? 2 : 1)
}

/** Where the expiry and the links stand, in words. */
export function expiryOffset(node: Ref, head: number): number {
  return wideOffset(node, head) + (head & (WIDE << 8) ? 2 : 0)
}

/** The expiry of a node that has one, in milliseconds since 1970. */
export function expiryOf(arena: Arena, node: Ref, head: number): number {
  const words = arena.words[node >>> 17]!
  const at = expiryOffset(node, head)
  return (words[at]! >>> 0) + words[at + 1]! * 4294967296
}

/** Longer ranges are copied by the system's own means. */
const WORDS_BYTES_MAX = 96

/**
 * Copies `bytes[start, end)`, which stand elsewhere, into a page of the arena at `at`. `view` is one of
 * `bytes`, where there is one.
 */
export function copyIntoPage(
  arena: Arena,
  page: number,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  view: DataView | undefined = viewOf(bytes),
): void {
  if (view === undefined || end - start > WORDS_BYTES_MAX)
    copyBytes(bytes, start, end, arena.bytes[page]!, at)
  else copyWords(view, start, end, arena.views[page]!, at)
}

/** Whether the node's key is `bytes[start, end)`. `view` is one of `bytes`, where there is one. */
export function keyEquals(
  arena: Arena,
  node: Ref,
  bytes: Uint8Array,
  start: number,
  end: number,
  view: DataView | undefined,
): boolean {
  const page = node >>> 17
  const words = arena.words[page]!
  const head = words[wordOffset(node)]!
  if ((head & (WIDE << 8)) === 0) {
    if (((head >>> 16) & 0xff) !== end - start) return false
  } else if (words[wideOffset(node, head)]! !== end - start) return false
  if (head & (HUGE_KEY << 8)) {
    return equalBytes(hugeKey(arena, node, head), 0, bytes, start, end - start)
  }
  let at = keyStart(node, head)
  let i = start
  if (view !== undefined) {
    // Keys in nodes are aligned to words; those in requests are not.
    for (; i + 4 <= end; i += 4, at += 4) {
      if (words[at >>> 2] !== view.getInt32(i, true)) return false
    }
  }
  const held = arena.bytes[page]!
  for (; i < end; i++) {
    if (held[at++] !== bytes[i]) return false
  }
  return true
}

/** Lets `into` stand for the node's key. It is lent until the arena changes. */
export function keyOf(arena: Arena, node: Ref, into: Slice): Slice {
  const head = headOf(arena, node)
  if (head & (HUGE_KEY << 8)) {
    into.bytes = hugeKey(arena, node, head)
    into.start = 0
  } else {
    const bytes = arena.bytes[node >>> 17]!
    // Mostly it is the same page again, and not writing a reference spares the collector's bookkeeping.
    if (into.bytes !== bytes) into.bytes = bytes
    into.start = keyStart(node, head)
  }
  into.end = into.start + keySize(arena, node, head)
  return into
}

/** The id of the buffer that holds a huge key. */
export function hugeKeyId(arena: Arena, node: Ref, head: number): number {
  return arena.words[node >>> 17]![keyStart(node, head) >>> 2]!
}

function hugeKey(arena: Arena, node: Ref, head: number): Uint8Array {
  return arena.large(hugeKeyId(arena, node, head))
}

/** Where the value begins in the page of `node`, in bytes. */
export function valueStart(arena: Arena, node: Ref, head: number): number {
  const keyBytes = head & (HUGE_KEY << 8) ? HUGE_KEY_BYTES : keySize(arena, node, head)
  return keyStart(node, head) + keyBytes
}

/**
 * Orders the node's key and `bytes[start, end)` as `memcmp` does, the shorter first when one begins
 * the other. @returns below, above or at zero.
 */
export function compareKey(
  arena: Arena,
  node: Ref,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const head = headOf(arena, node)
  const size = keySize(arena, node, head)
  if (head & (HUGE_KEY << 8)) {
    return compareRanges(hugeKey(arena, node, head), 0, size, bytes, start, end)
  }
  const at = keyStart(node, head)
  return compareRanges(arena.bytes[node >>> 17]!, at, at + size, bytes, start, end)
}
