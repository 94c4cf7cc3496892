/**
 * Tables: an array part, and fields in the order of their insertion.
 *
 * ```text
 * array    [ unused | t[1] | t[2] | … ]   its last element is never nil
 * keys     [ 'name' | 'id' | 7.5  | … ]   fields; those set to nil stay until the next rehash
 * values   [ 'x'    | nil  | true | … ]
 * index    key → place, once there are more than a few fields
 * ```
 *
 * When a new key finds no room, the table is laid out anew exactly when and as the reference would do
 * it: `arraySize` and `nodeCount` are the sizes that its parts would have. They decide what `#` finds
 * in an array with holes, and cost nothing otherwise.
 */
import type { LuaValue } from './value.ts'

/** Arrays that stand for no elements and no fields; never written to. */
const NO_ARRAY: LuaValue[] = [undefined]
const NO_FIELDS: LuaValue[] = []

/** Up to so many fields a search one by one is as fast as a map, which has to be made first. */
const LINEAR_MAX = 16
/** The largest array part has 2^26 elements, as in the reference. */
const ARRAY_BITS = 26

/** The table may not be changed: attempts raise an error. */
export const READONLY = 1
/** A host's result that may be needed again as it was: it is copied before the first change. */
export const PRISTINE = 2
/** The table has a metatable, so an assignment may mean something else. */
export const WATCHED = 4

/** A table, a value of Lua. All methods are raw: they know nothing of metatables. */
export class LuaTable {
  array: LuaValue[] = NO_ARRAY
  keys: LuaValue[] = NO_FIELDS
  values: LuaValue[] = NO_FIELDS
  index: Map<LuaValue, number> | undefined = undefined
  arraySize = 0
  nodeCount = 0
  /** What `metatable` reads; only that sets it. */
  meta: LuaTable | undefined = undefined
  /** Where `__index` was last found, for metatables. */
  #indexAt = 0
  /** READONLY, PRISTINE, WATCHED: what a plain assignment has to look at first. */
  guard = 0

  /** A table with these elements, which it takes over. */
  static fromArray(items: readonly LuaValue[]): LuaTable {
    const table = new LuaTable()
    if (items.length > 0) table.takeArray([undefined, ...items])
    return table
  }

  get metatable(): LuaTable | undefined {
    return this.meta
  }

  set metatable(metatable: LuaTable | undefined) {
    this.meta = metatable
    if (metatable === undefined) this.guard &= ~WATCHED
    else this.guard |= WATCHED
  }

  /** The value of a key, or nil. */
  get(key: LuaValue): LuaValue {
    if (typeof key === 'number') return this.getNumber(key)
    const at = this.find(key)
    return at < 0 ? undefined : this.values[at]
  }

  /** As `get`, for a number. */
  getNumber(key: number): LuaValue {
    if (key > 0 && key < this.array.length && Math.floor(key) === key) return this.array[key]
    const at = this.find(key)
    return at < 0 ? undefined : this.values[at]
  }

  /** Gives a key a value; nil takes it away. The key is neither nil nor NaN. Guards are not heeded. */
  set(key: LuaValue, value: LuaValue): void {
    if (typeof key === 'number') {
      this.setNumber(key, value)
      return
    }
    const at = this.find(key)
    if (at >= 0) this.values[at] = value
    else if (value !== undefined) this.insert(key, value)
  }

  /** As `set`, for a number. */
  setNumber(key: number, value: LuaValue): void {
    const { array, arraySize } = this
    // The next element of a sequence that is full: what a rehash would come to.
    if (
      key === arraySize + 1 &&
      key === array.length &&
      value !== undefined &&
      this.#isSequence()
    ) {
      this.arraySize = powerAbove(key)
      this.setEnd(key, value)
      return
    }
    if (key > 0 && key <= this.arraySize && Math.floor(key) === key) {
      if (key < array.length && (value !== undefined || key < array.length - 1)) array[key] = value
      else this.setEnd(key, value)
      return
    }
    const at = this.find(key)
    if (at >= 0) this.values[at] = value
    else if (value !== undefined) this.insert(key, value)
  }

  /** Whether there are no fields, and no element is nil. */
  #isSequence(): boolean {
    const { array } = this
    if (this.keys.length > 0 || this.nodeCount > 0 || array.length > 2 ** ARRAY_BITS) return false
    for (let at = 1; at < array.length; at++) {
      if (array[at] === undefined) return false
    }
    return true
  }

  /** A border of the array, as the reference finds it: `t[n]` is not nil, and `t[n + 1]` is. */
  get length(): number {
    const { array, arraySize } = this
    const filled = array.length - 1
    if (filled === arraySize) {
      if (this.keys.length === 0) return filled
      return this.#unboundBorder(filled)
    }
    // There is nil at the end of the array part, so the border lies within: by halving, as ever.
    let low = 0
    let high = arraySize
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (middle > filled || array[middle] === undefined) high = middle
      else low = middle
    }
    return low
  }

  /** What `__index` is, of a metatable. */
  get indexHandler(): LuaValue {
    const at = this.#indexAt
    if (this.keys[at] === '__index') return this.values[at]
    const found = this.find('__index')
    if (found < 0) return undefined
    this.#indexAt = found
    return this.values[found]
  }

  /** The place of a field's key in `keys`, or -1. */
  find(key: LuaValue): number {
    const { keys } = this
    const count = keys.length
    if (count > LINEAR_MAX) return (this.index ?? this.#buildIndex()).get(key) ?? -1
    for (let at = 0; at < count; at++) {
      if (keys[at] === key) return at
    }
    return -1
  }

  /**
   * The place after `place` that has a value, or 0 when there is none. Elements of the array have
   * places from 1, fields from -1 downwards; 0 is before the first.
   */
  advance(place: number): number {
    let field = 0
    if (place >= 0) {
      const { array } = this
      for (let at = place + 1; at < array.length; at++) {
        if (array[at] !== undefined) return at
      }
    } else field = -place
    const { values } = this
    for (; field < values.length; field++) {
      if (values[field] !== undefined) return -field - 1
    }
    return 0
  }

  /** The place of a key, for `advance`; `undefined` when the table does not have the key. */
  placeOf(key: LuaValue): number | undefined {
    if (key === undefined) return 0
    if (typeof key === 'number' && key > 0 && key <= this.arraySize && Math.floor(key) === key) {
      return key
    }
    const at = this.find(key)
    return at < 0 ? undefined : -at - 1
  }

  /** The key at a place that `advance` gave. */
  keyAt(place: number): LuaValue {
    return place > 0 ? place : this.keys[-place - 1]
  }

  /** The value at a place that `advance` gave. */
  valueAt(place: number): LuaValue {
    return place > 0 ? this.array[place] : this.values[-place - 1]
  }

  /** All keys with their values, in the order of `pairs`. */
  *entries(): Generator<[LuaValue, LuaValue]> {
    for (let at = this.advance(0); at !== 0; at = this.advance(at)) {
      yield [this.keyAt(at), this.valueAt(at)]
    }
  }

  /** Takes over an array whose first element is unused, for a table that has none yet. */
  takeArray(array: LuaValue[]): void {
    this.arraySize = array.length - 1
    let end = array.length
    while (end > 1 && array[end - 1] === undefined) end--
    if (end < array.length) array.length = end
    this.array = end === 1 ? NO_ARRAY : array
  }

  /** Takes over fields with distinct keys, for a table that has none yet. */
  takeFields(keys: LuaValue[], values: LuaValue[]): void {
    this.keys = keys
    this.values = values
    this.nodeCount = powerAbove(keys.length)
  }

  /** A copy with the same content, without guard and metatable. */
  shallowCopy(): LuaTable {
    const copy = new LuaTable()
    if (this.array !== NO_ARRAY) copy.array = this.array.slice()
    if (this.keys !== NO_FIELDS) {
      copy.keys = this.keys.slice()
      copy.values = this.values.slice()
    }
    copy.arraySize = this.arraySize
    copy.nodeCount = this.nodeCount
    return copy
  }

  /** Sets an element of the array part at or beyond the last that is not nil, or takes away the last. */
  setEnd(key: number, value: LuaValue): void {
    let { array } = this
    if (value !== undefined) {
      if (array === NO_ARRAY) this.array = array = [undefined]
      while (array.length < key) array.push(undefined)
      if (key === array.length) array.push(value)
      else array[key] = value
    } else if (key === array.length - 1) {
      do array.pop()
      while (array.length > 1 && array[array.length - 1] === undefined)
    }
  }

  /** Adds a key that the table does not have, and a value that is not nil. */
  insert(key: LuaValue, value: LuaValue): void {
    if (this.keys.length >= this.nodeCount && !this.#growsEvenly(key)) {
      this.#rehash(key)
      if (typeof key === 'number' && key > 0 && key <= this.arraySize && Math.floor(key) === key) {
        this.setEnd(key, value)
        return
      }
    }
    if (this.keys === NO_FIELDS) {
      this.keys = [key]
      this.values = [value]
      this.index?.set(key, 0)
      return
    }
    this.index?.set(key, this.keys.length)
    this.keys.push(key)
    this.values.push(value)
  }

  /**
   * The common case of a rehash, where one more key changes the sizes and nothing moves: a table of
   * fields with names, all of them in use.
   */
  #growsEvenly(extra: LuaValue): boolean {
    const { array, keys, values } = this
    if (array.length > 1 || typeof extra !== 'string') return false
    for (let at = 0; at < keys.length; at++) {
      if (values[at] === undefined || typeof keys[at] !== 'string') return false
    }
    this.arraySize = 0
    this.nodeCount = powerAbove(keys.length + 1)
    return true
  }

  #buildIndex(): Map<LuaValue, number> {
    const index = new Map<LuaValue, number>()
    const { keys } = this
    for (let at = 0; at < keys.length; at++) index.set(keys[at], at)
    this.index = index
    return index
  }

  /** The border when the array part is full: it may go on among the fields. */
  #unboundBorder(filled: number): number {
    let low = filled
    let high = filled + 1
    while (this.#hasNumber(high)) {
      low = high
      high *= 2
      if (high > 2 ** 31) {
        for (low = 1; this.#hasNumber(low); ) low++
        return low - 1
      }
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#hasNumber(middle)) low = middle
      else high = middle
    }
    return low
  }

  #hasNumber(key: number): boolean {
    if (key < this.array.length) return this.array[key] !== undefined
    const at = this.find(key)
    return at >= 0 && this.values[at] !== undefined
  }

  /** Lays the table out anew, with room for one more key. */
  #rehash(extra: LuaValue): void {
    const counts = new Array<number>(ARRAY_BITS + 1).fill(0)
    let total = 1 + this.#countElements(counts)
    let integers = total - 1 + (countInteger(extra, counts) ? 1 : 0)
    const { keys, values } = this
    for (let at = 0; at < keys.length; at++) {
      if (values[at] === undefined) continue
      total++
      if (countInteger(keys[at], counts)) integers++
    }
    const { size, inArray } = bestArraySize(counts, integers)
    this.#resize(size, powerAbove(total - inArray))
  }

  /** Adds the elements of the array part to the counts, by powers of two. @returns how many there are */
  #countElements(counts: number[]): number {
    const { array } = this
    let total = 0
    let at = 1
    for (let bit = 0, limit = 1; at < array.length; bit++, limit *= 2) {
      let count = 0
      for (; at <= limit && at < array.length; at++) {
        if (array[at] !== undefined) count++
      }
      counts[bit]! += count
      total += count
    }
    return total
  }

  #resize(arraySize: number, nodeCount: number): void {
    const { keys, values, array } = this
    this.index = undefined
    this.keys = NO_FIELDS
    this.values = NO_FIELDS
    this.arraySize = arraySize
    this.nodeCount = nodeCount
    if (array.length - 1 > arraySize) this.#shrinkArray(arraySize)
    for (let at = 0; at < keys.length; at++) {
      const value = values[at]
      if (value === undefined) continue
      const key = keys[at]
      if (typeof key === 'number' && key > 0 && key <= arraySize && Math.floor(key) === key) {
        this.setEnd(key, value)
      } else this.#append(key, value)
    }
  }

  #shrinkArray(arraySize: number): void {
    const rest = this.array.slice(arraySize + 1)
    this.array.length = arraySize + 1
    while (this.array.length > 1 && this.array[this.array.length - 1] === undefined)
      this.array.pop()
    for (let at = 0; at < rest.length; at++) {
      if (rest[at] !== undefined) this.#append(arraySize + 1 + at, rest[at])
    }
  }

  #append(key: LuaValue, value: LuaValue): void {
    if (this.keys === NO_FIELDS) {
      this.keys = []
      this.values = []
    }
    this.keys.push(key)
    this.values.push(value)
  }
}

/** The smallest power of two that is not below a count; 0 for none. */
function powerAbove(count: number): number {
  if (count < 2) return count
  return 2 ** (32 - Math.clz32(count - 1))
}

/** Counts a key that could stand in an array: `counts[n]` is for those in (2^(n-1), 2^n]. */
function countInteger(key: LuaValue, counts: number[]): boolean {
  if (typeof key !== 'number' || !(key >= 1 && key <= 2 ** ARRAY_BITS)) return false
  if (Math.floor(key) !== key) return false
  counts[key === 1 ? 0 : 32 - Math.clz32(key - 1)]!++
  return true
}

/** The largest power of two of which more than half would be in use, and how many keys that takes. */
function bestArraySize(
  counts: readonly number[],
  integers: number,
): { size: number; inArray: number } {
  let sum = 0
  let size = 0
  let inArray = 0
  for (let bit = 0, power = 1; bit <= ARRAY_BITS && power / 2 < integers; bit++, power *= 2) {
    if (counts[bit] === 0) continue
    sum += counts[bit]!
    if (sum > power / 2) {
      size = power
      inArray = sum
    }
  }
  return { size, inArray }
}
