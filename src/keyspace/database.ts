/**
 * One numbered database, and the doors to it. Reading goes through `read` and writing through `write`
 * or one of the changes below; there lazy expiry, the access clock, preservation for snapshots, and
 * (through `changed`) watched keys, invalidation, key events and counting happen, once.
 *
 * An entry is named by its `Ref`, which holds until the entry is changed: a change that needs another
 * block returns the new one. Slices that come out of here are lent until the next change.
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  CLOCK,
  Dict,
  EXPIRES,
  expiryOf,
  flagsOf,
  headOf,
  keyOf,
  NARROW_BYTES_MAX,
} from '../structures/index.ts'
import { freeEntry, setEra, stringOf, writeExpiry } from './entry.ts'
import {
  cloneNode,
  type Freeing,
  freeNode,
  newEntryWith,
  overwriteInPlace,
  placedString,
  resizedString,
  setKind,
} from './entry-change.ts'
import type { EventClass } from './events.ts'
import { FieldExpiry } from './field-expiry.ts'
import type { Keyspace } from './keyspace.ts'
import { encodingOf, kindOf, TYPE_STRING, typeOf } from './kinds.ts'
import { tellNew } from './observers.ts'
import { spliced } from './splice.ts'
import { Value } from './value.ts'
import { Wheel } from './wheel.ts'

/** For `setString`: no expiry. */
export const NEVER = 0
/** For `setString`: the expiry that the entry has, or none. */
export const KEEP = -1

export class Database {
  readonly index: number
  readonly keyspace: Keyspace
  readonly arena: Arena
  /** The fields of hashes that expire on their own. */
  readonly fields: FieldExpiry
  #dict: Dict
  #wheel: Wheel
  /** The hash of the key that was looked up last. */
  #hash = 0
  readonly #value = new Slice(new Uint8Array(0), 0, 0)
  readonly #key = new Slice(new Uint8Array(0), 0, 0)
  readonly #gone = new Slice(new Uint8Array(0), 0, 0)

  constructor(keyspace: Keyspace, index: number) {
    this.keyspace = keyspace
    this.arena = keyspace.arena
    this.index = index
    this.fields = new FieldExpiry(this)
    this.#dict = new Dict(keyspace.arena, keyspace.hasher)
    this.#wheel = new Wheel(keyspace.arena, keyspace.nowMs)
  }

  /** How many keys there are, those included whose time has come but that are not collected yet. */
  get count(): number {
    return this.#dict.count
  }

  /** How long the keys with an expiry live on average from now, in milliseconds; 0 without any. */
  get averageTtlMs(): number {
    if (this.#wheel.count === 0) return 0
    return Math.max(0, Math.round(this.#wheel.averageExpiryMs - this.keyspace.nowMs))
  }

  /** How many keys have an expiry. */
  get expiringCount(): number {
    return this.#wheel.count
  }

  /** What finds the entries: for walks and figures. */
  get dict(): Dict {
    return this.#dict
  }

  /** Those that have an expiry, by their time. */
  get wheel(): Wheel {
    return this.#wheel
  }

  // ---- touching, see engine/lookahead.ts

  /** Reads the place of the table where a hash belongs. @returns something without meaning. */
  touchTable(hash: number): number {
    return this.#dict.touchChunk(hash)
  }

  /** Reads the entry that a hash probably leads to. @returns it, or `NONE`. */
  touchEntry(hash: number): Ref {
    return this.#dict.touchGuess(hash)
  }

  // ---- reading

  /** The entry at `key` for a command that reads it, which counts as a use; `NONE` when missing. */
  read(key: Slice): Ref {
    const entry = this.look(key)
    if (entry !== NONE) this.#use(entry)
    return entry
  }

  /** The same for commands that ask about an entry without using it: EXISTS, TYPE, TTL. */
  look(key: Slice): Ref {
    const entry = this.peek(key)
    const { stats } = this.keyspace
    if (entry === NONE) {
      stats.misses++
      if (this.keyspace.isObserved) this.keyspace.observers.noticed(this, key, 'keymiss', 'miss')
    } else stats.hits++
    return entry
  }

  /** The entry at `key` without counting as a use; `NONE` when missing or expired. */
  peek(key: Slice): Ref {
    const hash = this.keyspace.hashOf(key)
    this.#hash = hash
    const entry = this.#dict.findAgain(key.bytes, key.start, key.end, hash)
    if (entry === NONE) return NONE
    const { arena } = this.keyspace
    const head = arena.words[entry >>> 17]![wordOffset(entry)]!
    if ((head & (EXPIRES << 8)) === 0) return entry
    if (expiryOf(arena, entry, head) > this.keyspace.nowMs) return entry
    return this.#isGone(entry) ? NONE : entry
  }

  /** The entry at `key`, also one whose time has come, which stays; `NONE` when missing. */
  find(key: Slice): Ref {
    return this.#dict.find(key.bytes, key.start, key.end, this.keyspace.hashOf(key))
  }

  /**
   * The entry at `key` for a command that will change it in place; `NONE` when missing. What the
   * snapshot needs of it is kept before this returns.
   */
  write(key: Slice): Ref {
    const entry = this.peek(key)
    if (entry !== NONE) {
      this.#use(entry)
      this.beforeChange(entry)
    }
    return entry
  }

  /** What the snapshot needs of an entry is kept. `write` and the changes below see to it. */
  beforeChange(entry: Ref): void {
    if (this.keyspace.preserver !== undefined) this.keyspace.preserver.preserve(this, entry)
  }

  /** The type of an entry. */
  typeOf(entry: Ref): number {
    return typeOf(headOf(this.keyspace.arena, entry))
  }

  /** The encoding of an entry. */
  encodingOf(entry: Ref): number {
    return encodingOf(headOf(this.keyspace.arena, entry))
  }

  /** The bytes of a string. One slice serves all calls. */
  stringOf(entry: Ref): Slice {
    return stringOf(this.keyspace.arena, entry, this.#value)
  }

  /** The value of an entry, of any type, for the types to work on. */
  valueOf(entry: Ref): Value {
    return new Value(this, entry)
  }

  /** The key of an entry. One slice serves all calls. */
  keyOf(entry: Ref): Slice {
    return keyOf(this.keyspace.arena, entry, this.#key)
  }

  /** The expiry of an entry in milliseconds since 1970, or `NEVER`. */
  expiryOf(entry: Ref): number {
    const head = headOf(this.keyspace.arena, entry)
    return flagsOf(head) & EXPIRES ? expiryOf(this.keyspace.arena, entry, head) : NEVER
  }

  /** Whether the time of an entry has come. */
  isExpired(entry: Ref): boolean {
    const expiry = this.expiryOf(entry)
    return expiry !== NEVER && expiry <= this.keyspace.nowMs && !this.keyspace.isLoading
  }

  // ---- walking

  /**
   * Visits the entries at a cursor, 0 to begin, those included whose time has come. What is there
   * throughout a scan is visited. `visit` must not change the database.
   * @returns the next cursor, 0 at the end.
   */
  scan(cursor: number, visit: (entry: Ref) => void): number {
    return this.#dict.scan(cursor, visit)
  }

  /** Visits every live entry. `visit` must not change the database. */
  each(visit: (entry: Ref) => void): void {
    this.#dict.each((entry) => {
      if (!this.isExpired(entry)) visit(entry)
    })
  }

  // ---- changing

  /**
   * Sets `key` to the string `bytes[start, end)`, whatever it held.
   * @param expiryMs milliseconds since 1970, or `NEVER`, or `KEEP`.
   */
  setString(
    key: Slice,
    bytes: Uint8Array,
    start: number,
    end: number,
    encoding: number,
    expiryMs: number,
  ): void {
    this.putString(this.peek(key), key, bytes, start, end, encoding, expiryMs)
  }

  /** `setString` where `old` is what `peek(key)` answered just before. */
  putString(
    old: Ref,
    key: Slice,
    bytes: Uint8Array,
    start: number,
    end: number,
    encoding: number,
    expiryMs: number,
  ): void {
    const { arena, clock, era } = this.keyspace
    if (expiryMs === KEEP) expiryMs = old === NONE ? NEVER : this.expiryOf(old)
    const kind = kindOf(TYPE_STRING, encoding)
    const hasExpiry = expiryMs !== NEVER
    // Not where a walk still needs the old one: then its era differs, and so do the flags.
    const isShort = old !== NONE && end - start <= NARROW_BYTES_MAX && !hasExpiry
    if (isShort && overwriteInPlace(arena, old, kind, CLOCK | era, bytes, start, end)) {
      const words = arena.words[old >>> 17]!
      const at = wordOffset(old) + 1
      if (words[at] !== clock) words[at] = clock
      return
    }
    const entry = placedString(this.keyspace, old, kind, key, bytes, start, end, hasExpiry)
    if (entry !== old || hasExpiry) this.#install(old, entry, expiryMs)
  }

  /**
   * The bytes of a string are about to be overwritten by as many. `entry` comes from `peek`; what was
   * lent of it stays where it is.
   */
  overwriting(entry: Ref, encoding: number): void {
    const { arena } = this.keyspace
    this.beforeChange(entry)
    this.#use(entry)
    const { strings } = this.keyspace.space.images
    if (strings !== undefined) this.beforeBytes(entry, 0, this.stringOf(entry).length)
    setKind(arena, entry, kindOf(TYPE_STRING, encoding))
  }

  /**
   * Gives a string another length. Bytes that it gains are zero; its encoding becomes `encoding`.
   * `entry` comes from `write`. @returns the entry, in whose place another may stand now.
   */
  resizeString(entry: Ref, size: number, encoding: number): Ref {
    const expiryMs = this.expiryOf(entry)
    const kind = kindOf(TYPE_STRING, encoding)
    const fresh = resizedString(this.keyspace.arena, entry, size, kind)
    if (fresh === entry) return entry
    this.#install(entry, fresh, expiryMs)
    return fresh
  }

  /** The bytes `[from, to)` of a string are about to change in place. `entry` comes from `write`. */
  beforeBytes(entry: Ref, from: number, to: number): void {
    this.keyspace.space.images.strings?.get(entry)?.before(from, to)
  }

  /** Sets the encoding of a string whose bytes were changed in place. */
  setEncoding(entry: Ref, encoding: number): void {
    setKind(this.keyspace.arena, entry, kindOf(TYPE_STRING, encoding))
  }

  /** Makes an entry at `key`, in place of `old`, what is there; its value begins as a copy of `bytes`. */
  create(key: Slice, type: number, encoding: number, bytes: Uint8Array, old: Ref = NONE): Value {
    const kind = kindOf(type, encoding)
    this.#hash = this.keyspace.hashOf(key)
    const entry = newEntryWith(this.arena, kind, key, bytes, this.keyspace.clock)
    this.#install(old, entry, NEVER)
    return this.valueOf(entry)
  }

  /** For `Value`: changes the length of a value. @returns the entry that holds it from now on. */
  spliceEntry(entry: Ref, at: number, removed: number, inserted: number): Ref {
    const fresh = spliced(this.arena, entry, at, removed, inserted)
    if (fresh !== entry) this.#install(entry, fresh, this.expiryOf(entry), freeEntry)
    return fresh
  }

  /** Gives an entry an expiry, or with `NEVER` takes it away. @returns the entry as it is now. */
  setExpiry(entry: Ref, expiryMs: number): Ref {
    this.beforeChange(entry)
    const { arena } = this.keyspace
    const head = headOf(arena, entry)
    if (((flagsOf(head) & EXPIRES) !== 0) === (expiryMs !== NEVER)) {
      if (expiryMs === NEVER) return entry
      this.#wheel.remove(entry)
      writeExpiry(arena, entry, expiryMs)
      this.#wheel.add(entry)
      return entry
    }
    const fresh = cloneNode(this.keyspace.arena, entry, this.keyOf(entry), expiryMs !== NEVER)
    this.#install(entry, fresh, expiryMs, freeNode)
    return fresh
  }

  /** Removes an entry. */
  remove(entry: Ref): void {
    this.#detach(entry)
    this.#release(entry)
  }

  /** Removes the entry at `key`. @returns whether there was one. */
  delete(key: Slice): boolean {
    const entry = this.peek(key)
    if (entry !== NONE) this.remove(entry)
    return entry !== NONE
  }

  /**
   * Leaves nothing at `key`, where a command found nothing to store there. As in the reference, an
   * entry whose time has come is deleted by that too.
   */
  storeNothing(key: Slice): void {
    const entry = this.find(key)
    if (entry === NONE) return
    this.remove(entry)
    this.changed(key, 'del', 'generic')
  }

  /** Time or the memory limit takes an entry away. */
  lose(entry: Ref, reason: 'expired' | 'evicted'): void {
    this.#detach(entry)
    this.keyspace.stats[reason === 'expired' ? 'expiredKeys' : 'evictedKeys']++
    const key = keyOf(this.arena, entry, this.#gone)
    this.keyspace.observers.removed(this, key, reason)
    this.keyspace.waiting?.touched(this, key)
    this.#release(entry)
  }

  /**
   * Moves an entry to another key, in this database or another, with its value, expiry and clock.
   * There must be none at `key` in the target.
   */
  moveTo(entry: Ref, target: Database, key: Slice): Ref {
    this.beforeChange(entry)
    const expiryMs = this.expiryOf(entry)
    const fresh = cloneNode(this.keyspace.arena, entry, key, expiryMs !== NEVER)
    this.keyspace.preserver?.moved(entry, fresh)
    this.#detach(entry)
    freeNode(this.keyspace.arena, entry)
    target.peek(key)
    target.#install(NONE, fresh, expiryMs)
    target.fields.adopt(fresh)
    return fresh
  }

  /** Removes all keys. Their memory is given back in slices. @returns how many there were. */
  clear(): number {
    const count = this.count
    if (count > 0) this.keyspace.observers.replacing(this, undefined)
    if (!this.keyspace.preserver?.keepsAll(this.#dict)) this.keyspace.lazyFree.add(this.#dict)
    this.#dict = new Dict(this.keyspace.arena, this.keyspace.hasher)
    this.fields.clear()
    this.#wheel.clear()
    this.#wheel = new Wheel(this.keyspace.arena, this.keyspace.nowMs)
    if (count > 0) {
      this.keyspace.observers.replaced(this)
      this.keyspace.waiting?.replaced(this)
    }
    return count
  }

  /** Exchanges content with another database. */
  swapWith(other: Database): void {
    const dict = this.#dict
    const wheel = this.#wheel
    this.#dict = other.#dict
    this.#wheel = other.#wheel
    other.#dict = dict
    other.#wheel = wheel
    this.fields.swapWith(other.fields)
  }

  /** Tells everyone that the value at `key` was changed, by which event. Commands call it last. */
  changed(key: Slice, event: string, eventClass: EventClass): void {
    this.keyspace.dirty++
    if (this.keyspace.isObserved) this.keyspace.observers.changed(this, key, event, eventClass)
    if (this.keyspace.waiting !== undefined) this.keyspace.waiting.touched(this, key)
  }

  /** Collects entries and fields whose time has come, until `isEnough`. @returns whether all are gone. */
  collect(isEnough: () => boolean): boolean {
    const isDone = this.#wheel.advance(this.keyspace.nowMs, this.#expire, isEnough)
    return isDone && this.fields.collect(isEnough)
  }

  readonly #expire = (entry: Ref): void => this.lose(entry, 'expired')

  /** Throws when an invariant does not hold. For tests. */
  check(): void {
    this.#dict.check()
    const entries: Ref[] = []
    this.#dict.each((entry) => entries.push(entry))
    this.fields.check(entries)
  }

  // ---- inside

  #use(entry: Ref): void {
    const { arena, clock, access, keepsClocks } = this.keyspace
    if (keepsClocks) return
    const words = arena.words[entry >>> 17]!
    const at = wordOffset(entry) + 1
    // Mostly it was used within the same second, and the line need not be written.
    if (access.isLfu) words[at] = this.keyspace.clockAfterUse(words[at]!)
    else if (words[at] !== clock) words[at] = clock
  }

  /** Puts `fresh` where `old` was, or in a place of its own, and lets the wheel know. */
  #install(old: Ref, fresh: Ref, expiryMs: number, free?: Freeing): void {
    const { arena } = this.keyspace
    if (old !== NONE && flagsOf(headOf(arena, old)) & EXPIRES) {
      // In place the flag may be new, but then the entry would have been another one.
      this.#wheel.remove(old)
    }
    if (this.keyspace.era !== 0) setEra(arena, fresh, this.keyspace.era)
    if (old === NONE) {
      if (this.keyspace.isExpiryPaused) this.#dropHidden(fresh)
      this.#dict.insert(fresh, this.#hash)
      if (this.keyspace.isObserved) tellNew(this, keyOf(arena, fresh, this.#gone))
    } else if (old !== fresh) {
      this.#dict.replace(old, fresh)
      if (free !== undefined) {
        this.keyspace.preserver?.moved(old, fresh)
        free(arena, old)
      } else {
        this.fields.forget(old)
        this.#release(old)
      }
    }
    if (expiryMs !== NEVER) {
      writeExpiry(arena, fresh, expiryMs)
      this.#wheel.add(fresh)
    }
  }

  /** Frees an entry that was taken out, unless a walk still needs it. */
  #release(entry: Ref): void {
    if (!this.keyspace.preserver?.keeps(this, entry)) this.keyspace.lazyFree.release(entry)
  }

  #detach(entry: Ref): void {
    if (flagsOf(headOf(this.arena, entry)) & EXPIRES) this.#wheel.remove(entry)
    this.#dict.remove(entry)
    this.fields.forget(entry)
  }

  /** An entry whose time has come was looked up. @returns whether it is missing now. */
  #isGone(entry: Ref): boolean {
    if (this.keyspace.isLoading) return false
    if (!this.keyspace.isExpiryPaused) this.lose(entry, 'expired')
    return true
  }

  /** An expired entry that is kept while expiry is paused gives way to one that is set. */
  #dropHidden(fresh: Ref): void {
    const { bytes, start, end } = this.keyOf(fresh)
    const hidden = this.#dict.find(bytes, start, end, this.#hash)
    if (hidden !== NONE) this.lose(hidden, 'expired')
  }
}
