/** Reading long collections, element by element, with pauses. */
import { parseDouble, Slice } from '../bytes/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import { firstAt, isListpackCanonical, isListpackValid, type Stretch } from '../structures/index.ts'
import type { Draft } from '../values/index.ts'
import {
  NODE_LISTPACK,
  NODE_PLAIN,
  RDB_HASH,
  RDB_HASH_EXPIRES,
  RDB_LIST_QUICKLIST,
  RDB_ZSET,
} from './format.ts'
import { keep, type RdbInput } from './input.ts'
import { appendZiplist, newPack } from './old-forms.ts'
import { canonicalOf, FIELD_EXPIRY_MS_MAX } from './read-pack.ts'

type Reading = Generator<void, void, void>

/** Elements between two pauses. */
const ELEMENTS_PER_STEP = 256
/** Room is made beforehand for no more elements than this, whatever is announced. */
const RESERVED_MAX = 2 ** 16
/** Lengths of a score as text that stand for what is no number, or none that ends. */
const SCORE_NAN = 253
const SCORE_PLUS_INFINITY = 254
const SCORE_MINUS_INFINITY = 255

const newText = () => new Slice(new Uint8Array(0), 0, 0)

/** A list, one element after another. */
export function* readList({ lists }: Keyspace, draft: Draft, input: RdbInput): Reading {
  const text = newText()
  const count = input.count(1)
  for (let i = 1; i <= count; i++) {
    lists.pushOne(draft, false, input.string(text))
    if (i % ELEMENTS_PER_STEP === 0) yield
  }
  lists.settle(draft)
}

/** A list, one node after another. */
export function* readNodes(
  { lists }: Keyspace,
  draft: Draft,
  rdbType: number,
  input: RdbInput,
): Reading {
  const text = newText()
  const count = input.count(1)
  lists.beginLong(draft)
  for (let i = 0; i < count; i++) {
    const form = rdbType === RDB_LIST_QUICKLIST ? NODE_LISTPACK : input.length()
    if (form !== NODE_LISTPACK && form !== NODE_PLAIN)
      input.fail('Quicklist integrity check failed')
    const { bytes, start, end } = input.string(text)
    let part: Stretch = { bytes, start, size: end - start, splice: () => {} }
    if (form === NODE_PLAIN) {
      if (part.size === 0) input.fail('a node of a list is empty')
      lists.appendPart(draft, part, true)
    } else {
      if (rdbType === RDB_LIST_QUICKLIST) {
        const pack = newPack()
        if (appendZiplist(text, pack) < 0) input.fail('Ziplist integrity check failed')
        part = pack
      } else if (!isListpackValid(bytes, start, end)) input.fail('Listpack integrity check failed')
      else if (!isListpackCanonical(bytes, start, end)) part = canonicalOf(text)
      // The reference has written nodes without elements, and passes over them.
      if (firstAt(part) >= 0) lists.appendPart(draft, part, false)
    }
    yield
  }
  if (lists.count(draft) > 0) lists.settle(draft)
}

/** A set, one member after another. */
export function* readSet({ sets }: Keyspace, draft: Draft, input: RdbInput): Reading {
  const text = newText()
  const count = input.count(1)
  sets.beginLarge(draft, Math.min(count, RESERVED_MAX))
  for (let i = 1; i <= count; i++) {
    const { bytes, start, end } = input.string(text)
    if (!sets.add(draft, bytes, start, end)) input.fail('a member is there twice')
    if (i % ELEMENTS_PER_STEP === 0) yield
  }
}

/** A sorted set, one member and its score after another, in any order. */
export function* readScores(
  { sortedSets }: Keyspace,
  draft: Draft,
  rdbType: number,
  input: RdbInput,
): Reading {
  const text = newText()
  const held = newText()
  const count = input.count(2)
  const form = sortedSets.draft()
  draft.restart(form.encoding, form.view())
  for (let i = 1; i <= count; i++) {
    keep(input.string(text), held)
    const score = rdbType === RDB_ZSET ? readScore(input, text) : input.double()
    if (Number.isNaN(score)) input.fail('a score is not a number')
    if (!sortedSets.gatherNew(draft, held, score)) input.fail('a member is there twice')
    if (i % ELEMENTS_PER_STEP === 0) yield
  }
  sortedSets.arrange(draft)
  sortedSets.shrink(draft)
}

function readScore(input: RdbInput, text: Slice): number {
  const size = input.byte()
  if (size === SCORE_NAN) return Number.NaN
  if (size === SCORE_PLUS_INFINITY) return Number.POSITIVE_INFINITY
  if (size === SCORE_MINUS_INFINITY) return Number.NEGATIVE_INFINITY
  const { bytes, start, end } = input.raw(size, text)
  return parseDouble(bytes, start, end)
}

/** A hash, one field after another. */
export function* readHash(
  { hashes }: Keyspace,
  draft: Draft,
  rdbType: number,
  isValkey: boolean,
  input: RdbInput,
): Reading {
  const text = newText()
  const field = newText()
  const isTimed = rdbType !== RDB_HASH
  const originMs = rdbType === RDB_HASH_EXPIRES ? input.time() - 1 : 0
  const count = input.count(2)
  hashes.prepare(draft, Math.min(count, RESERVED_MAX), 0)
  if (isTimed && count > 0) hashes.widen(draft)
  for (let i = 1; i <= count; i++) {
    let expiryMs = isTimed && !isValkey ? input.length() : 0
    if (expiryMs !== 0) expiryMs += originMs
    keep(input.string(text), field)
    if (!hashes.set(draft, field, input.string(text))) input.fail('a field is there twice')
    if (isTimed && isValkey) expiryMs = Math.max(0, input.time())
    if (expiryMs !== 0) {
      if (!(expiryMs > 0 && expiryMs <= FIELD_EXPIRY_MS_MAX))
        input.fail('an expiry is out of range')
      hashes.setExpiry(draft, field, expiryMs)
    }
    if (i % ELEMENTS_PER_STEP === 0) yield
  }
}
