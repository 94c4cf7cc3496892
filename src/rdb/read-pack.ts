/**
 * Small collections that stand in a snapshot as one string: listpacks, intsets, and the forms before
 * them. What another program wrote in another way than we do is written anew.
 */
import { Slice } from '../bytes/index.ts'
import { type Keyspace, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_ZSET } from '../keyspace/index.ts'
import {
  appendElement,
  type BufferStretch,
  elementNumber,
  firstAt,
  isIntsetValid,
  isListpackCanonical,
  isListpackValid,
  LISTPACK_EMPTY,
  listpackCount,
  nextAt,
  readElement,
  type Stretch,
} from '../structures/index.ts'
import {
  type Draft,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_LISTPACKEX,
} from '../values/index.ts'
import {
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EXPIRES,
  RDB_HASH_LISTPACK_EXPIRES_OLD,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
  RDB_LIST_ZIPLIST,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
  VERSION_VALKEY,
} from './format.ts'
import type { RdbInput } from './input.ts'
import { appendZiplist, appendZipmap, newPack } from './old-forms.ts'
import { UniqueCheck } from './unique.ts'

/** How the reference calls what is wrong with such a string: tools look for it in the log. */
const BROKEN = 'integrity check failed'
/** No field expires later, as in the reference. */
export const FIELD_EXPIRY_MS_MAX = 2 ** 48 - 2

export class PackReader {
  readonly #keyspace: Keyspace
  readonly #unique: UniqueCheck
  readonly #text = new Slice(new Uint8Array(0), 0, 0)

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#unique = new UniqueCheck(keyspace.hasher)
  }

  /** Reads a value into a draft. @returns its type; -1 when it is of no such form. */
  read(rdbType: number, version: number, draft: Draft, input: RdbInput): number {
    const { lists, sets } = this.#keyspace
    switch (rdbType) {
      case RDB_LIST_ZIPLIST:
        this.#ziplist('List ziplist', 0, draft, input)
        lists.settle(draft)
        return TYPE_LIST
      case RDB_SET_INTSET:
        draft.restart(ENCODING_INTSET, input.string(this.#text).view())
        if (!isIntsetValid(draft)) input.fail('Intset integrity check failed')
        sets.expect(draft, sets.count(draft))
        return TYPE_SET
      case RDB_SET_LISTPACK:
        this.#listpack('Set listpack', 1, draft, input)
        sets.expect(draft, sets.count(draft))
        return TYPE_SET
      case RDB_ZSET_ZIPLIST:
      case RDB_ZSET_LISTPACK:
        this.#sortedSet(rdbType, draft, input)
        return TYPE_ZSET
      case RDB_HASH_ZIPMAP:
      case RDB_HASH_ZIPLIST:
      case RDB_HASH_LISTPACK:
        this.#hash(rdbType, draft, input)
        return TYPE_HASH
      case RDB_HASH_LISTPACK_EXPIRES:
      case RDB_HASH_LISTPACK_EXPIRES_OLD:
        if (version >= VERSION_VALKEY) return -1
        if (rdbType === RDB_HASH_LISTPACK_EXPIRES) input.time()
        this.#hashWithExpiry(draft, input)
        return TYPE_HASH
    }
    return -1
  }

  /** Tuples of so many elements each; 0 for a list. `name` is what the reference calls the form. */
  #ziplist(name: string, width: number, draft: Draft, input: RdbInput): void {
    const pack = newPack()
    if (appendZiplist(input.string(this.#text), pack) < 0) input.fail(`${name} ${BROKEN}`)
    draft.restart(ENCODING_LISTPACK, pack.view())
    if (width > 0) this.#checkTuples(name, width, draft, input)
  }

  #listpack(name: string, width: number, draft: Draft, input: RdbInput): void {
    const text = input.string(this.#text)
    const { bytes, start, end } = text
    if (!isListpackValid(bytes, start, end)) input.fail(`${name} ${BROKEN}`)
    if (isListpackCanonical(bytes, start, end)) draft.restart(ENCODING_LISTPACK, text.view())
    else draft.restart(ENCODING_LISTPACK, canonicalOf(text).view())
    this.#checkTuples(name, width, draft, input)
  }

  #sortedSet(rdbType: number, draft: Draft, input: RdbInput): void {
    const { sortedSets } = this.#keyspace
    if (rdbType === RDB_ZSET_ZIPLIST) this.#ziplist('Zset ziplist', 2, draft, input)
    else this.#listpack('Zset listpack', 2, draft, input)
    this.#order(draft, input)
    sortedSets.prepare(draft, sortedSets.count(draft))
  }

  #hash(rdbType: number, draft: Draft, input: RdbInput): void {
    const { hashes } = this.#keyspace
    // Of a zipmap alone the reference looks at how long its texts are.
    let sizeMax = 0
    if (rdbType === RDB_HASH_LISTPACK) this.#listpack('Hash listpack', 2, draft, input)
    else if (rdbType === RDB_HASH_ZIPLIST) this.#ziplist('Hash ziplist', 2, draft, input)
    else {
      const pack = newPack()
      sizeMax = appendZipmap(input.string(this.#text), pack)
      if (sizeMax < 0) input.fail(`Zipmap ${BROKEN}`)
      draft.restart(ENCODING_LISTPACK, pack.view())
      this.#checkTuples('Zipmap', 2, draft, input)
    }
    hashes.prepare(draft, hashes.count(draft), sizeMax)
  }

  #hashWithExpiry(draft: Draft, input: RdbInput): void {
    const { hashes } = this.#keyspace
    this.#listpack('Hash listpack', 3, draft, input)
    let previousMs = 0
    for (let at = firstAt(draft); at >= 0; ) {
      const expiryAt = nextAt(draft, nextAt(draft, at))
      const expiryMs = elementNumber(draft, expiryAt)
      const isExpiry = expiryMs >= 0 && expiryMs <= FIELD_EXPIRY_MS_MAX
      const isLater = expiryMs >= previousMs && previousMs !== Number.POSITIVE_INFINITY
      if (!isExpiry || (expiryMs !== 0 && !isLater))
        input.fail('expiries of fields are not in order')
      previousMs = expiryMs === 0 ? Number.POSITIVE_INFINITY : expiryMs
      at = nextAt(draft, expiryAt)
    }
    draft.encoding = ENCODING_LISTPACKEX
    hashes.prepare(draft, hashes.count(draft), 0)
  }

  /** Refuses what is not made of whole tuples, each with another first element. */
  #checkTuples(name: string, width: number, draft: Draft, input: RdbInput): void {
    const count = listpackCount(draft)
    if (count % width !== 0) input.fail(`${name} ${BROKEN}: it is not made of whole entries`)
    if (this.#unique.isUnique(draft, count / width, width)) return
    input.fail(`${name} ${BROKEN}: an element is there twice`)
  }

  /** Refuses scores that are none, and puts members that are out of order in their places. */
  #order(draft: Draft, input: RdbInput): void {
    const { sortedSets } = this.#keyspace
    const count = sortedSets.count(draft)
    let isOrdered = true
    let score = Number.NEGATIVE_INFINITY
    let member: Uint8Array = new Uint8Array(0)
    for (let i = 0; i < count; i++) {
      if (i === 0) sortedSets.seek(draft, 0)
      else sortedSets.next()
      if (Number.isNaN(sortedSets.score)) input.fail('a score is not a number')
      if (sortedSets.score < score) isOrdered = false
      else if (sortedSets.score === score && i > 0) {
        if (Buffer.compare(member, sortedSets.member.view()) >= 0) isOrdered = false
      }
      score = sortedSets.score
      member = sortedSets.member.copyOf()
    }
    if (!isOrdered) this.#reorder(draft)
  }

  #reorder(draft: Draft): void {
    const { sortedSets } = this.#keyspace
    const source = newPack()
    source.restart(draft.view())
    draft.restart(ENCODING_LISTPACK, LISTPACK_EMPTY)
    const held: Draft = draft
    const from = sortedSets.other
    const slot = asSlot(source)
    const count = from.count(slot)
    for (let i = 0; i < count; i++) {
      if (i === 0) from.seek(slot, 0)
      else from.next()
      sortedSets.add(held, from.member, from.score, 0)
    }
  }
}

/** A listpack to be read as a small collection. */
function asSlot(pack: BufferStretch) {
  return Object.assign(pack, { encoding: ENCODING_LISTPACK, reset: () => {} })
}

/** The elements of a listpack written as we write them. */
export function canonicalOf({ bytes, start, end }: Slice): BufferStretch {
  const source: Stretch = { bytes, start, size: end - start, splice: () => {} }
  const pack = newPack()
  const element = new Slice(bytes, 0, 0)
  for (let at = firstAt(source); at >= 0; at = nextAt(source, at)) {
    readElement(source, at, element)
    appendElement(pack, element.bytes, element.start, element.end)
  }
  return pack
}
