/**
 * Hashes: fields with values, of which each may expire on its own. A small one is a listpack
 * (hash-pack.ts), a large one a dict (hash-table.ts); both have a second form with room for expiries,
 * which a hash gets when it is first asked to let a field expire, and keeps. From small to large it
 * goes at the settings' limits, and never back.
 *
 * A field that is there is named by its place: an offset or a node, as the hash is small or large. It
 * holds until the hash changes.
 *
 * Nothing expires here: fields whose time has come are there until they are taken out.
 */
import { Slice } from '../bytes/index.ts'
import {
  type ElementSink,
  listpackFits,
  type MemberImage,
  type Texts,
} from '../structures/index.ts'
import {
  ENCODING_HASHTABLE,
  ENCODING_HASHTABLE_EXPIRES,
  ENCODING_LISTPACK,
  ENCODING_LISTPACKEX,
  ENCODING_ROOTED_MIN,
} from './encodings.ts'
import { copyOfPack, HashPack } from './hash-pack.ts'
import { HashTable, TABLE_BYTES, TABLE_EXPIRES_BYTES } from './hash-table.ts'
import type { EncodingLimits, Slot, Space, ValueType } from './slot.ts'

const NO_BYTES = new Uint8Array(0)
/** Each of the fields that are added at once is compared with each. */
const ADDED_AT_ONCE_MAX = 16

export class Hashes implements ValueType {
  readonly #limits: EncodingLimits
  readonly #pack = new HashPack()
  readonly #table: HashTable
  /** The name of the field that was read last. Lent until the hash changes. */
  readonly field = new Slice(NO_BYTES, 0, 0)
  /** The value of the field that was read or found last. Lent likewise. */
  readonly content = new Slice(NO_BYTES, 0, 0)
  /** When the field expires that was read, found or set last; 0 is never. */
  expiryMs = 0

  constructor(space: Space) {
    this.#limits = space.limits
    this.#table = new HashTable(space)
  }

  /** How many fields there are, those included whose time has come. */
  count(value: Slot): number {
    return isTable(value) ? this.#table.count(value) : this.#pack.count(value)
  }

  // ---- single fields

  /** Whether a field is there; then `content` and `expiryMs` are what it has. */
  find(value: Slot, field: Slice): boolean {
    if (isTable(value)) {
      const node = this.#table.find(value, field)
      if (node === 0) return false
      this.#table.content(node, this.content)
      this.expiryMs = this.#table.expiry(node)
      return true
    }
    const at = this.#pack.find(value, field)
    if (at < 0) return false
    this.#pack.content(value, at, this.content)
    this.expiryMs = this.#pack.expiry(value, at)
    return true
  }

  /**
   * Makes room for `count` fields whose longest text has `sizeMax` bytes: as the reference does
   * before it sets the first of several.
   */
  prepare(value: Slot, count: number, sizeMax: number): void {
    const { hashMaxListpackEntries, hashMaxListpackValue } = this.#limits
    const isLarge = count > hashMaxListpackEntries || sizeMax > hashMaxListpackValue
    if (isLarge && !isTable(value)) this.#enlarge(value, count)
  }

  /**
   * Sets a field; an expiry that it had is kept or goes. `expiryMs` is the one it had.
   * @returns whether the field was missing.
   */
  set(value: Slot, field: Slice, content: Slice, keepsExpiry = false): boolean {
    if (!isTable(value)) {
      const sizeMax = Math.max(field.end - field.start, content.end - content.start)
      const isShort = sizeMax <= this.#limits.hashMaxListpackValue
      if (isShort && listpackFits(value, 2 * sizeMax)) {
        return this.#setInPack(value, field, content, keepsExpiry)
      }
      this.#enlarge(value, 0)
    }
    const table = this.#table
    const node = table.find(value, field)
    this.expiryMs = 0
    if (node === 0) {
      table.add(value, field, content)
      return true
    }
    const expiryMs = table.expiry(node)
    table.replace(value, node, content)
    if (expiryMs !== 0) {
      this.expiryMs = expiryMs
      if (!keepsExpiry) table.setExpiry(value, table.find(value, field), 0)
    }
    return false
  }

  /**
   * Sets pairs of texts, which `prepare` has seen, in a small hash that has none of these fields: they
   * are put in at once.
   * @returns false when they are to be set one by one, because it is no such hash.
   */
  addAll(value: Slot, texts: Texts, from: number, to: number): boolean {
    if (value.encoding !== ENCODING_LISTPACK || to - from > 2 * ADDED_AT_ONCE_MAX) return false
    const { bytes } = texts
    if (!listpackFits(value, 2 * bytes.length) || !this.#pack.addAll(value, texts, from, to)) {
      return false
    }
    this.expiryMs = 0
    if (this.#pack.count(value) > this.#limits.hashMaxListpackEntries) this.#enlarge(value, 0)
    return true
  }

  #setInPack(value: Slot, field: Slice, content: Slice, keepsExpiry: boolean): boolean {
    const pack = this.#pack
    const at = pack.find(value, field)
    this.expiryMs = 0
    if (at >= 0) {
      pack.replace(value, at, content)
      if (value.encoding === ENCODING_LISTPACK) return false
      this.expiryMs = pack.expiry(value, at)
      if (this.expiryMs !== 0 && !keepsExpiry) pack.setExpiry(value, at, 0)
      return false
    }
    pack.add(value, field, content)
    if (pack.count(value) > this.#limits.hashMaxListpackEntries) this.#enlarge(value, 0)
    return true
  }

  /** Takes a field out. `expiryMs` is the one it had. @returns whether it was there. */
  delete(value: Slot, field: Slice): boolean {
    if (isTable(value)) {
      const node = this.#table.find(value, field)
      if (node === 0) return false
      this.expiryMs = this.#table.expiry(node)
      this.#table.remove(value, node)
      return true
    }
    const at = this.#pack.find(value, field)
    if (at < 0) return false
    this.expiryMs = this.#pack.expiry(value, at)
    this.#pack.remove(value, at)
    return true
  }

  // ---- expiries

  /** Gives a hash the form that has room for expiries. */
  widen(value: Slot): void {
    if (value.encoding === ENCODING_LISTPACK) this.#pack.widen(value)
    else if (value.encoding === ENCODING_HASHTABLE) this.#table.widen(value)
  }

  /** Gives a field that is there an expiry, or takes it away with 0. The hash has room for it. */
  setExpiry(value: Slot, field: Slice, expiryMs: number): void {
    if (isTable(value)) this.#table.setExpiry(value, this.#table.find(value, field), expiryMs)
    else this.#pack.setExpiry(value, this.#pack.find(value, field), expiryMs)
  }

  /** When the first of the fields expires; 0 when none does. */
  earliestMs(value: Slot): number {
    if (value.encoding === ENCODING_LISTPACKEX) {
      const at = this.#pack.first(value)
      return at < 0 ? 0 : this.#pack.expiry(value, at)
    }
    if (value.encoding !== ENCODING_HASHTABLE_EXPIRES) return 0
    const node = this.#table.earliest(value)
    return node === 0 ? 0 : this.#table.expiry(node)
  }

  /** How many fields expire at `timeMs` or before. */
  dueCount(value: Slot, timeMs: number): number {
    if (value.encoding === ENCODING_HASHTABLE_EXPIRES) return this.#table.dueCount(value, timeMs)
    return value.encoding === ENCODING_LISTPACKEX ? this.#pack.dueCount(value, timeMs) : 0
  }

  /** Takes out the field that expires first, which there must be, after `tell` has seen its name. */
  takeEarliest(value: Slot, tell: (field: Slice) => void): void {
    if (isTable(value)) {
      const node = this.#table.earliest(value)
      tell(this.#table.field(node, this.field))
      this.#table.removeNode(value, node)
      return
    }
    const at = this.#pack.first(value)
    tell(this.#pack.field(value, at, this.field))
    this.#pack.remove(value, at)
  }

  /** The listpack of a small hash that has room for expiries, without that room: for files. */
  narrowed(value: Slot): Uint8Array {
    return this.#pack.narrowed(value)
  }

  // ---- walking

  /** Visits the places of all fields. The hash must not change meanwhile. */
  each(value: Slot, visit: (place: number) => void): void {
    if (isTable(value)) this.#table.each(value, visit)
    else {
      const pack = this.#pack
      for (let at = pack.first(value); at >= 0; at = pack.next(value, at)) visit(at)
    }
  }

  /**
   * Hands on the names or the values of all fields, or both in turn, but for those that expire at
   * `dueMs` or before.
   */
  pass(value: Slot, dueMs: number, names: boolean, contents: boolean, sink: ElementSink): void {
    if (!isTable(value)) {
      this.#pack.pass(value, this.#pack.firstAfter(value, dueMs), names, contents, sink)
      return
    }
    const table = this.#table
    const { field, content } = this
    table.each(value, (node) => {
      const expiryMs = table.expiry(node)
      if (expiryMs !== 0 && expiryMs <= dueMs) return
      if (names) {
        table.field(node, field)
        sink.bulk(field.bytes, field.start, field.end)
      }
      if (contents) {
        table.content(node, content)
        sink.bulk(content.bytes, content.start, content.end)
      }
    })
  }

  /**
   * Visits the places of the fields at a cursor, all at once where the hash is small.
   * @returns the next cursor, 0 at the end.
   */
  scan(value: Slot, cursor: number, visit: (place: number) => void): number {
    if (isTable(value)) return this.#table.scan(value, cursor, visit)
    this.each(value, visit)
    return 0
  }

  /** The place of any field of a large hash, each with the same chance. */
  random(value: Slot): number {
    return this.#table.random(value)
  }

  /** Lets `field`, `content` and `expiryMs` be those of the field at a place. */
  read(value: Slot, place: number): void {
    if (isTable(value)) {
      this.#table.field(place, this.field)
      this.#table.content(place, this.content)
      this.expiryMs = this.#table.expiry(place)
    } else {
      this.#pack.field(value, place, this.field)
      this.#pack.content(value, place, this.content)
      this.expiryMs = this.#pack.expiry(value, place)
    }
  }

  // ---- whole hashes

  free(value: Slot, budget: number): boolean {
    return this.#table.free(value, budget)
  }

  imageOf(value: Slot): MemberImage {
    return this.#table.imageOf(value, this.earliestMs(value))
  }

  copy(_source: Slot, target: Slot): void {
    this.#table.copy(target)
  }

  ownedBytes(value: Slot): number {
    return isTable(value) ? this.#table.ownedBytes(value) : 0
  }

  /** Throws when an invariant does not hold. For tests. */
  check(value: Slot): void {
    if (isTable(value)) this.#table.check(value)
  }

  /** Makes a small hash a large one, with its expiries and room for `count` fields. */
  #enlarge(value: Slot, count: number): void {
    const pack = this.#pack
    const isTimed = value.encoding === ENCODING_LISTPACKEX
    const held = copyOfPack(value)
    value.reset(
      isTimed ? ENCODING_HASHTABLE_EXPIRES : ENCODING_HASHTABLE,
      isTimed ? TABLE_EXPIRES_BYTES : TABLE_BYTES,
    )
    this.#table.begin(value, Math.max(count, pack.count(held)))
    for (let at = pack.first(held); at >= 0; at = pack.next(held, at)) {
      pack.field(held, at, this.field)
      pack.content(held, at, this.content)
      this.#table.fill(value, this.field, this.content, pack.expiry(held, at))
    }
  }
}

function isTable({ encoding }: Slot): boolean {
  return encoding >= ENCODING_ROOTED_MIN
}
