/**
 * Members of large collections: nodes (node.ts) without an access clock. A member of a set has a key
 * and no value; a field of a hash has a value, and may have an expiry.
 *
 * A key above 16 KiB is a large buffer of its own (`HUGE_KEY`), and so is a value that does not fit
 * the largest block beside its key (`LARGE`): then the value in the node is the buffer's id and the
 * count of bytes in use.
 */
import { type Arena, blockOffset, type Ref, SMALL_BYTES_MAX, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  copyIntoPage,
  EXPIRES,
  expiryOffset,
  flagsOf,
  HUGE_KEY,
  HUGE_KEY_BYTES,
  headBytes,
  headOf,
  hugeKeyId,
  keyOf,
  keyStart,
  LARGE,
  NARROW_BYTES_MAX,
  valueSize,
  valueStart,
  WIDE,
} from './node.ts'
import { readUint32, writeUint32 } from './segment.ts'

/** The longest key that stands in its node. */
const KEY_IN_NODE_BYTES_MAX = 16384
const LARGE_VALUE_BYTES = 8
const HEAD_BYTES_MAX = 32

/**
 * A node whose key is a copy of `bytes[start, end)`, with room for a value of `valueBytes` whose
 * content is undefined, see `memberValue`. With `hasExpiry` it has undefined room for that as well.
 */
export function newMember(
  arena: Arena,
  bytes: Uint8Array,
  start: number,
  end: number,
  valueBytes: number,
  hasExpiry = false,
): Ref {
  const keyBytes = end - start
  const isHuge = keyBytes > KEY_IN_NODE_BYTES_MAX
  const inNode = isHuge ? HUGE_KEY_BYTES : keyBytes
  const isLarge = HEAD_BYTES_MAX + inNode + valueBytes > SMALL_BYTES_MAX
  const held = isLarge ? LARGE_VALUE_BYTES : valueBytes
  const isWide = keyBytes > NARROW_BYTES_MAX || held > NARROW_BYTES_MAX
  const flags =
    (isWide ? WIDE : 0) |
    (hasExpiry ? EXPIRES : 0) |
    (isLarge ? LARGE : 0) |
    (isHuge ? HUGE_KEY : 0)
  const node = arena.allocate(headBytes(flags) + inNode + held)
  const words = arena.words[node >>> 17]!
  const at = wordOffset(node)
  if (isWide) {
    words[at] = flags << 8
    words[at + 1] = keyBytes
    words[at + 2] = held
  } else words[at] = (flags << 8) | (keyBytes << 16) | (held << 24)
  const keyAt = blockOffset(node) + headBytes(flags)
  if (isHuge) words[keyAt >>> 2] = arena.adoptLarge(bytes.slice(start, end))
  else copyIntoPage(arena, node >>> 17, keyAt, bytes, start, end)
  if (isLarge) {
    const id = arena.allocateLarge(valueBytes)
    writeUint32(arena.bytes[node >>> 17]!, keyAt + inNode, id)
    writeUint32(arena.bytes[node >>> 17]!, keyAt + inNode + 4, valueBytes)
  }
  return node
}

/** Lets `into` stand for the value of a member, which may be written to. Lent until it is freed. */
export function memberValue(arena: Arena, node: Ref, into: Slice): Slice {
  const head = headOf(arena, node)
  const bytes = arena.bytes[node >>> 17]!
  const at = valueStart(arena, node, head)
  if (head & (LARGE << 8)) {
    into.bytes = arena.large(readUint32(bytes, at))
    into.start = 0
    into.end = readUint32(bytes, at + 4)
  } else {
    into.bytes = bytes
    into.start = at
    into.end = at + valueSize(arena, node, head)
  }
  return into
}

/**
 * A member of the same key as `old`, with room for another value: `old` itself when its block is of
 * the right size, else a fresh node, whose expiry is undefined; the caller then replaces `old` by it
 * in the dict and frees it.
 */
export function resizedMember(
  arena: Arena,
  old: Ref,
  valueBytes: number,
  hasExpiry: boolean = (headOf(arena, old) & (EXPIRES << 8)) !== 0,
): Ref {
  const head = headOf(arena, old)
  const flags = flagsOf(head)
  const at = valueStart(arena, old, head)
  const isKept =
    (flags & LARGE) === 0 &&
    ((flags & EXPIRES) !== 0) === hasExpiry &&
    ((flags & WIDE) !== 0 || valueBytes <= NARROW_BYTES_MAX) &&
    arena.fits(old, at - blockOffset(old) + valueBytes)
  if (!isKept) {
    const key = keyOf(arena, old, new Slice(new Uint8Array(0), 0, 0))
    return newMember(arena, key.bytes, key.start, key.end, valueBytes, hasExpiry)
  }
  const words = arena.words[old >>> 17]!
  if (flags & WIDE) words[wordOffset(old) + 2] = valueBytes
  else words[wordOffset(old)] = (head & 0xffffff) | (valueBytes << 24)
  return old
}

/** A copy of a member with all that it has. The links of its expiry are copied as they are. */
export function cloneMember(arena: Arena, node: Ref): Ref {
  const head = headOf(arena, node)
  const size = arena.sizeOf(node)
  const fresh = arena.allocate(size)
  const words = arena.words[fresh >>> 17]!
  const from = arena.words[node >>> 17]!
  const at = wordOffset(node)
  for (let i = 0; i < size >>> 2; i++) words[wordOffset(fresh) + i] = from[at + i]!
  if (head & (HUGE_KEY << 8)) {
    const key = arena.large(hugeKeyId(arena, node, head))
    words[keyStart(fresh, head) >>> 2] = arena.adoptLarge(key.slice())
  }
  if (head & (LARGE << 8)) {
    const bytes = arena.bytes[fresh >>> 17]!
    const valueAt = valueStart(arena, fresh, head)
    const value = arena.large(readUint32(bytes, valueAt))
    const used = readUint32(bytes, valueAt + 4)
    writeUint32(bytes, valueAt, arena.adoptLarge(value.slice(0, used)))
  }
  return fresh
}

/** What a member costs in bytes: its block, and the large buffers that it owns. */
export function memberBytes(arena: Arena, node: Ref): number {
  const head = headOf(arena, node)
  let size = arena.sizeOf(node)
  if (head & (LARGE << 8)) size += arena.large(largeValueId(arena, node, head)).buffer.byteLength
  if (head & (HUGE_KEY << 8)) size += arena.large(hugeKeyId(arena, node, head)).buffer.byteLength
  return size
}

/** Frees a member and the large buffers that it owns. It is in no dict any more. */
export function freeMember(arena: Arena, node: Ref): void {
  const head = headOf(arena, node)
  if (head & ((LARGE | HUGE_KEY) << 8)) {
    if (head & (LARGE << 8)) arena.freeLarge(largeValueId(arena, node, head))
    if (head & (HUGE_KEY << 8)) arena.freeLarge(hugeKeyId(arena, node, head))
  }
  arena.free(node)
}

/** Writes the expiry of a member that has room for it, in milliseconds since 1970. */
export function setMemberExpiry(arena: Arena, node: Ref, expiryMs: number): void {
  const words = arena.words[node >>> 17]!
  const at = expiryOffset(node, headOf(arena, node))
  words[at] = expiryMs >>> 0
  words[at + 1] = Math.floor(expiryMs / 4294967296)
}

function largeValueId(arena: Arena, node: Ref, head: number): number {
  return readUint32(arena.bytes[node >>> 17]!, valueStart(arena, node, head))
}
