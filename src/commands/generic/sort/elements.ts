/** The elements of whatever can be sorted, in the order of the value, all or a part of them. */
import { Gathered } from '../../../bytes/index.ts'
import { type Call, wrongType } from '../../../engine/index.ts'
import { TYPE_LIST, TYPE_SET, TYPE_ZSET, type Value } from '../../../keyspace/index.ts'

/** One serves all calls. */
const gathered = new Gathered()

/** A value that can be sorted, with its type. */
export interface Sortable {
  readonly type: number
  readonly value: Value
  readonly count: number
}

/** The value at a key, `undefined` when it is missing. Throws when it has no elements to sort. */
export function readSortable(call: Call, entry: number): Sortable | undefined {
  const { db, keyspace } = call
  if (entry === 0) return undefined
  const type = db.typeOf(entry)
  const value = db.valueOf(entry)
  if (type === TYPE_LIST) return { type, value, count: keyspace.lists.count(value) }
  if (type === TYPE_SET) return { type, value, count: keyspace.sets.count(value) }
  if (type === TYPE_ZSET) return { type, value, count: keyspace.sortedSets.count(value) }
  throw wrongType()
}

/** All elements, in their order where they have one. */
export function allElements(call: Call, sortable: Sortable): Gathered {
  const { type, value, count } = sortable
  if (type !== TYPE_SET)
    return elementsFrom(call, sortable, { first: 0, count, isBackwards: false })
  gathered.clear()
  call.keyspace.sets.each(value, ({ bytes, start, end }) => gathered.add(bytes, start, end))
  return gathered
}

/** Which part of the elements of a list or a sorted set; `first` counts from the end if backwards. */
export interface Part {
  readonly first: number
  readonly count: number
  readonly isBackwards: boolean
}

/** Some elements of a list or a sorted set. */
export function elementsFrom({ keyspace }: Call, sortable: Sortable, part: Part): Gathered {
  const { type, value } = sortable
  const { count, isBackwards } = part
  gathered.clear()
  if (count <= 0) return gathered
  const first = isBackwards ? sortable.count - 1 - part.first : part.first
  if (type === TYPE_LIST) {
    keyspace.lists.pass(value, first, count, isBackwards, {
      bulk: (bytes, start, end) => gathered.add(bytes, start, end),
    })
    return gathered
  }
  const { sortedSets } = keyspace
  sortedSets.seek(value, first)
  for (let left = count; ; ) {
    const { bytes, start, end } = sortedSets.member
    gathered.add(bytes, start, end)
    if (--left === 0) return gathered
    if (isBackwards) sortedSets.previous()
    else sortedSets.next()
  }
}
