/**
 * The patterns of SORT: `weight_*` names a key for each element, `object_*->field` the field of a hash,
 * and `#` the element itself. What the reference does with its strings of C is visible: the star and
 * the arrow are looked for up to a zero byte.
 */
import { copyBytes, Slice } from '../../../bytes/index.ts'
import type { Call } from '../../../engine/index.ts'
import { TYPE_HASH, TYPE_STRING } from '../../../keyspace/index.ts'
import { findField } from '../../hash/access.ts'

const HASH_SIGN = 35
const STAR = 42
const DASH = 45
const GREATER = 62

const NO_BYTES = new Uint8Array(0)

/** A pattern, taken apart. */
interface Parts {
  /** Before the star, and between it and the field. */
  readonly prefix: Slice
  readonly postfix: Slice
  readonly field: Slice | undefined
}

/** Whether a pattern means the same for every element. */
export function isConstant({ bytes, start, end }: Slice): boolean {
  return starIn(bytes, start, end) < 0
}

/** Whether a pattern means the element itself. */
function isElement({ bytes, start, end }: Slice): boolean {
  return (
    bytes[start] === HASH_SIGN && (end - start === 1 || (end > start && bytes[start + 1] === 0))
  )
}

function starIn(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end && bytes[at] !== 0; at++) if (bytes[at] === STAR) return at
  return -1
}

/** Where the name of a field begins, -1 when there is none or it is empty. */
function fieldIn(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 1 < end && bytes[at] !== 0; at++) {
    if (bytes[at] !== DASH || bytes[at + 1] !== GREATER) continue
    return at + 2 < end && bytes[at + 2] !== 0 ? at + 2 : -1
  }
  return -1
}

/** Looks up what one pattern names, for one element after another. */
export class Pattern {
  readonly #isElement: boolean
  readonly #parts: Parts | undefined
  readonly #call: Call
  readonly #key = new Slice(NO_BYTES, 0, 0)

  constructor(call: Call, pattern: Slice) {
    const { bytes, start, end } = pattern
    this.#call = call
    this.#isElement = isElement(pattern)
    const star = starIn(bytes, start, end)
    if (star < 0) return
    const fieldAt = fieldIn(bytes, star + 1, end)
    this.#parts = {
      prefix: new Slice(bytes, start, star),
      postfix: new Slice(bytes, star + 1, fieldAt < 0 ? end : fieldAt - 2),
      field: fieldAt < 0 ? undefined : new Slice(bytes, fieldAt, end),
    }
  }

  /** What is named for an element, lent until the next look, or `undefined`. */
  look(element: Slice): Slice | undefined {
    if (this.#isElement) return element
    if (this.#parts === undefined) return undefined
    const { prefix, postfix, field } = this.#parts
    const { db, keyspace } = this.#call
    const key = this.#keyOf(prefix, element, postfix)
    const entry = db.read(key)
    if (entry === 0 || db.typeOf(entry) !== (field === undefined ? TYPE_STRING : TYPE_HASH)) {
      return undefined
    }
    if (field === undefined) return db.stringOf(entry)
    const isThere = findField(db, key, db.valueOf(entry), field)
    return isThere ? keyspace.hashes.content : undefined
  }

  /** The key that a pattern names for an element. What is before the star stays in the buffer. */
  #keyOf(prefix: Slice, element: Slice, postfix: Slice): Slice {
    const key = this.#key
    const elementAt = prefix.end - prefix.start
    const postfixAt = elementAt + element.end - element.start
    key.end = postfixAt + postfix.end - postfix.start
    if (key.end > key.bytes.length) {
      key.bytes = new Uint8Array(key.end * 2)
      copyBytes(prefix.bytes, prefix.start, prefix.end, key.bytes, 0)
    }
    copyBytes(element.bytes, element.start, element.end, key.bytes, elementAt)
    copyBytes(postfix.bytes, postfix.start, postfix.end, key.bytes, postfixAt)
    return key
  }
}
