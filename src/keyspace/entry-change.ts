/**
 * Changes of single entries that need nothing but the arena: other heads, other sizes, another node
 * for the same value. Whoever calls sees to the dict, the wheel and the doors.
 */
import {
  type Arena,
  blockOffset,
  NONE,
  type Ref,
  SMALL_BYTES_MAX,
  wordOffset,
} from '../arena/index.ts'
import { copyBytes, Slice } from '../bytes/index.ts'
import {
  CLOCK,
  copyIntoPage,
  ERA,
  EXPIRES,
  flagsOf,
  headBytes,
  headOf,
  keyOf,
  LARGE,
  valueSize,
  valueStart,
} from '../structures/index.ts'
import {
  entryBytes,
  flagsFor,
  freeEntry,
  isLargeValue,
  newEntry,
  newLargeEntry,
  readLarge,
  stringOf,
  writeLarge,
  writeSizes,
} from './entry.ts'
import { TYPE_STRING, typeOf } from './kinds.ts'

/** Bytes before the key of a string whose only optional part is its clock. */
const PLAIN_HEAD_BYTES = headBytes(CLOCK)

/** What an entry of a string is made with: the keyspace. */
interface StringGiver {
  readonly arena: Arena
  readonly clock: number
  readonly era: number
  givable: Uint8Array | undefined
}

/** A long value that grows gets this much more room than it needs now. */
const GROWTH = 1.5

/** Frees an entry in whose place another stands that has taken over its value. */
export type Freeing = (arena: Arena, entry: Ref) => void

/** Whether an entry is a string in its node, with just these flags. */
function isPlainString(arena: Arena, entry: Ref, flags: number): boolean {
  const head = headOf(arena, entry)
  return flagsOf(head) === flags && typeOf(head) === TYPE_STRING
}

/**
 * An entry for the string `bytes[start, end)`: `old` itself, if it is a string with the same flags and its
 * block has the room, or a new one. Its expiry is still to be written.
 */
export function placedString(
  giver: StringGiver,
  old: Ref,
  kind: number,
  key: Slice,
  bytes: Uint8Array,
  start: number,
  end: number,
  hasExpiry: boolean,
): Ref {
  const { arena, clock } = giver
  const keyBytes = key.end - key.start
  const size = end - start
  if (isLargeValue(keyBytes, size)) {
    const value = { buffer: keptBuffer(giver, bytes, start, end), size }
    return newLargeEntry(arena, kind, key, value, { hasExpiry, clock })
  }
  // A walk still needs entries of another era: their flags differ.
  const flags = flagsFor(keyBytes, size, hasExpiry) | giver.era
  let entry = old
  if (
    old !== NONE &&
    isPlainString(arena, old, flags) &&
    arena.fits(old, entryBytes(flags, keyBytes, size))
  ) {
    const words = arena.words[old >>> 17]!
    writeSizes(words, wordOffset(old), kind, flags, keyBytes, size)
    words[wordOffset(old) + 1] = clock
  } else entry = newEntry(arena, kind, flags, key, size, clock)
  const at = blockOffset(entry) + entryBytes(flags, keyBytes, size) - size
  copyIntoPage(arena, entry >>> 17, at, bytes, start, end)
  return entry
}

/**
 * Gives a string without an expiry other bytes where it stands: one whose flags are `flags`, which say that
 * its sizes stand in its head, and that has the room. Written out: most keys that are set were set before.
 * @returns whether it was such a string.
 */
export function overwriteInPlace(
  arena: Arena,
  entry: Ref,
  kind: number,
  flags: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const page = entry >>> 17
  const words = arena.words[page]!
  const at = wordOffset(entry)
  const head = words[at]!
  if (flagsOf(head) !== flags || typeOf(head) !== TYPE_STRING) return false
  const size = end - start
  const keyBytes = (head >>> 16) & 0xff
  if (head >>> 24 !== size && !arena.fits(entry, PLAIN_HEAD_BYTES + keyBytes + size)) return false
  const fresh = kind | (flags << 8) | (keyBytes << 16) | (size << 24)
  if (fresh !== head) words[at] = fresh
  copyIntoPage(arena, page, (at << 2) + PLAIN_HEAD_BYTES + keyBytes, bytes, start, end)
  return true
}

/** Sets the type and the encoding of an entry. */
export function setKind(arena: Arena, entry: Ref, kind: number): void {
  arena.bytes[entry >>> 17]![blockOffset(entry)] = kind
}

/** The access clock of an entry. */
export function clockOf(arena: Arena, entry: Ref): number {
  return arena.words[entry >>> 17]![wordOffset(entry) + 1]!
}

/** Sets the access clock of an entry. */
export function setClock(arena: Arena, entry: Ref, clock: number): void {
  arena.words[entry >>> 17]![wordOffset(entry) + 1] = clock
}

/** A new entry without an expiry, whose value is a copy of `bytes`. */
export function newEntryWith(
  arena: Arena,
  kind: number,
  key: Slice,
  bytes: Uint8Array,
  clock: number,
): Ref {
  const size = bytes.length
  if (isLargeValue(key.length, size)) {
    const value = { buffer: bytes.slice(), size }
    return newLargeEntry(arena, kind, key, value, { hasExpiry: false, clock })
  }
  const flags = flagsFor(key.length, size, false)
  const entry = newEntry(arena, kind, flags, key, size, clock)
  const at = valueStart(arena, entry, headOf(arena, entry))
  copyBytes(bytes, 0, size, arena.bytes[entry >>> 17]!, at)
  return entry
}

/** A node with another key or expiry part that takes over the value of `entry`. */
export function cloneNode(arena: Arena, entry: Ref, key: Slice, hasExpiry: boolean): Ref {
  const head = headOf(arena, entry)
  const size = valueSize(arena, entry, head)
  const flags = flagsFor(key.length, size, hasExpiry) | (flagsOf(head) & LARGE)
  if (entryBytes(flags, key.length, size) > SMALL_BYTES_MAX) {
    return cloneAsLarge(arena, entry, key, hasExpiry)
  }
  const fresh = newEntry(arena, head & 0xff, flags, key, size, clockOf(arena, entry))
  const from = valueStart(arena, entry, head)
  const to = valueStart(arena, fresh, headOf(arena, fresh))
  const page = entry >>> 17
  const bytes = arena.bytes[page]!
  copyIntoPage(arena, fresh >>> 17, to, bytes, from, from + size, arena.views[page]!)
  return fresh
}

/** The same where the value does not fit beside the new key. */
function cloneAsLarge(arena: Arena, entry: Ref, key: Slice, hasExpiry: boolean): Ref {
  const buffer = stringOf(arena, entry, new Slice(new Uint8Array(0), 0, 0)).copyOf()
  const options = { hasExpiry, clock: clockOf(arena, entry) }
  return newLargeEntry(
    arena,
    headOf(arena, entry) & 0xff,
    key,
    { buffer, size: buffer.length },
    options,
  )
}

/** Frees a node whose value another one has taken over. */
export function freeNode(arena: Arena, entry: Ref): void {
  const head = headOf(arena, entry)
  // Without the flag, freeing does not follow the id.
  arena.words[entry >>> 17]![wordOffset(entry)] = head & ~(LARGE << 8)
  freeEntry(arena, entry)
}

/**
 * Gives a string another length. Bytes that it gains are zero.
 * @returns `entry` itself, or another one that is to take its place.
 */
export function resizedString(arena: Arena, entry: Ref, size: number, kind: number): Ref {
  const head = headOf(arena, entry)
  const old = stringOf(arena, entry, new Slice(new Uint8Array(0), 0, 0))
  if (flagsOf(head) & LARGE) {
    setKind(arena, entry, kind)
    resizeLarge(arena, entry, head, old, size)
    return entry
  }
  const key = keyOf(arena, entry, new Slice(new Uint8Array(0), 0, 0))
  const hasExpiry = (flagsOf(head) & EXPIRES) !== 0
  const clock = clockOf(arena, entry)
  if (isLargeValue(key.length, size)) {
    const buffer = new Uint8Array(size)
    buffer.set(old.view())
    return newLargeEntry(arena, kind, key, { buffer, size }, { hasExpiry, clock })
  }
  const flags = flagsFor(key.length, size, hasExpiry) | (flagsOf(head) & ERA)
  if (flags === flagsOf(head) && arena.fits(entry, entryBytes(flags, key.length, size))) {
    const words = arena.words[entry >>> 17]!
    writeSizes(words, wordOffset(entry), kind, flags, key.length, size)
    if (size > old.length) old.bytes.fill(0, old.end, old.start + size)
    return entry
  }
  const fresh = newEntry(arena, kind, flags, key, size, clock)
  const to = arena.bytes[fresh >>> 17]!
  const at = valueStart(arena, fresh, headOf(arena, fresh))
  const kept = Math.min(old.length, size)
  copyBytes(old.bytes, old.start, old.start + kept, to, at)
  if (size > kept) to.fill(0, at + kept, at + size)
  return fresh
}

/** A request's buffer is kept for its value when it is less than this many times as long. */
const GIVEN_FILL = 1.1

/**
 * The range in a buffer that may be kept: the request's own where that is given away and fits. It is never
 * a `Buffer`, whose `slice` would share its bytes where a copy is meant.
 */
export function keptBuffer(
  giver: { givable: Uint8Array | undefined },
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  const isMostOfIt = (end - start) * GIVEN_FILL > bytes.length
  if (bytes !== giver.givable || !isMostOfIt) return new Uint8Array(bytes.subarray(start, end))
  giver.givable = undefined
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
}

/** Gives a large value, whose bytes are `old`, another length. Bytes that it gains are zero. */
function resizeLarge(arena: Arena, entry: Ref, head: number, old: Slice, size: number): void {
  const { id } = readLarge(arena, entry, head)
  if (size <= old.bytes.length) {
    if (size > old.length) old.bytes.fill(0, old.end, size)
    writeLarge(arena, entry, id, size)
    return
  }
  const wider = new Uint8Array(Math.max(size, Math.floor(old.bytes.length * GROWTH)))
  wider.set(old.view())
  arena.freeLarge(id)
  writeLarge(arena, entry, arena.adoptLarge(wider), size)
}
