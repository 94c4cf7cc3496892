/**
 * Growing and shrinking a value in the middle, wherever it stands: in its entry, or in a large buffer.
 * Nothing but the arena is needed. Whoever calls lets another entry take the place of this one.
 */
import { type Arena, pageOf, type Ref, SMALL_BYTES_MAX, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  copyIntoPage,
  ERA,
  EXPIRES,
  flagsOf,
  headOf,
  keyOf,
  LARGE,
  valueStart,
} from '../structures/index.ts'
import {
  entryBytes,
  flagsFor,
  isLargeValue,
  newEntry,
  newLargeEntry,
  readLarge,
  stringOf,
  writeLarge,
  writeSizes,
} from './entry.ts'
import { clockOf } from './entry-change.ts'

/** A large buffer that has to grow gets this much more room than it needs now. */
const GROWTH = 1.5
/** A value moves to a smaller block when it needs less than this part of the one it is in. */
const SHRINK_FILL = 0.75
/** A large buffer is given up for a smaller one when less than this part of it is used. */
const LARGE_SHRINK_FILL = 0.25

const value = new Slice(new Uint8Array(0), 0, 0)
const keySlice = new Slice(new Uint8Array(0), 0, 0)

/**
 * Takes `removed` bytes out of a value at `at` and opens a gap of `inserted` there.
 * @returns `entry` itself, or another one with the same key, clock and kind, whose expiry is not
 * written yet. Then the caller frees the old one, by `freeEntry`.
 */
export function spliced(
  arena: Arena,
  entry: Ref,
  at: number,
  removed: number,
  inserted: number,
): Ref {
  const head = headOf(arena, entry)
  const { bytes, start, length } = stringOf(arena, entry, value)
  const size = length - removed + inserted
  const key = keyOf(arena, entry, keySlice)
  if (flagsOf(head) & LARGE) {
    if (isLargeValue(key.length, size) || size > bytes.length) {
      spliceLarge(arena, entry, head, at, removed, inserted)
      return entry
    }
  } else if (isLargeValue(key.length, size)) {
    return becomeLarge(arena, entry, head, at, removed, inserted)
  } else {
    const flags =
      flagsFor(key.length, size, (flagsOf(head) & EXPIRES) !== 0) | (flagsOf(head) & ERA)
    const needed = entryBytes(flags, key.length, size)
    if (flags === flagsOf(head) && fitsWell(arena, entry, needed)) {
      const tail = start + at
      if (removed !== inserted) bytes.copyWithin(tail + inserted, tail + removed, start + length)
      writeSizes(
        arena.words[entry >>> 17]!,
        wordOffset(entry),
        head & 0xff,
        flags,
        key.length,
        size,
      )
      return entry
    }
  }
  const flags = flagsFor(key.length, size, (flagsOf(head) & EXPIRES) !== 0)
  const view = arena.views[pageOf(entry)]!
  const fresh = newEntry(arena, head & 0xff, flags, key, size, clockOf(arena, entry), view)
  const to = valueStart(arena, fresh, headOf(arena, fresh))
  const page = pageOf(fresh)
  const valueView = flagsOf(head) & LARGE ? undefined : view
  const rest = start + at + removed
  copyIntoPage(arena, page, to, bytes, start, start + at, valueView)
  copyIntoPage(arena, page, to + at + inserted, bytes, rest, start + length, valueView)
  return fresh
}

function fitsWell(arena: Arena, entry: Ref, needed: number): boolean {
  const room = arena.sizeOf(entry)
  return needed <= room && (needed >= room * SHRINK_FILL || arena.fits(entry, needed))
}

function becomeLarge(
  arena: Arena,
  entry: Ref,
  head: number,
  at: number,
  removed: number,
  inserted: number,
): Ref {
  const { bytes, start, length } = stringOf(arena, entry, value)
  const size = length - removed + inserted
  const buffer = new Uint8Array(Math.max(size, Math.min(SMALL_BYTES_MAX * 2, size * 2)))
  buffer.set(bytes.subarray(start, start + at))
  buffer.set(bytes.subarray(start + at + removed, start + length), at + inserted)
  const options = {
    hasExpiry: (flagsOf(head) & EXPIRES) !== 0,
    clock: clockOf(arena, entry),
  }
  return newLargeEntry(arena, head & 0xff, keyOf(arena, entry, keySlice), { buffer, size }, options)
}

function spliceLarge(
  arena: Arena,
  entry: Ref,
  head: number,
  at: number,
  removed: number,
  inserted: number,
): void {
  const stored = readLarge(arena, entry, head)
  const old = arena.large(stored.id)
  const size = stored.size - removed + inserted
  if (size <= old.length && size >= old.length * LARGE_SHRINK_FILL) {
    old.copyWithin(at + inserted, at + removed, stored.size)
    writeLarge(arena, entry, stored.id, size)
    return
  }
  const room = size > old.length ? Math.max(size, Math.floor(old.length * GROWTH)) : size
  const buffer = new Uint8Array(room)
  buffer.set(old.subarray(0, at))
  buffer.set(old.subarray(at + removed, stored.size), at + inserted)
  arena.freeLarge(stored.id)
  writeLarge(arena, entry, arena.adoptLarge(buffer), size)
}
