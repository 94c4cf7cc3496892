/** What several commands do with whole sorted sets: storing them, deleting them, replying with them. */
import type { Slice } from '../../bytes/index.ts'
import type { Call } from '../../engine/index.ts'
import { type Database, TYPE_ZSET, type Value } from '../../keyspace/index.ts'
import { type Draft, ENCODING_SKIPLIST, type Slot, type SortedSets } from '../../values/index.ts'
import type { Ranks } from './bounds.ts'

/** Deletes a set that has no members any more, and tells of it. */
export function deleteIfEmpty(db: Database, key: Slice, value: Value): void {
  if (db.keyspace.sortedSets.count(value) === 0) deleteKey(db, key, value)
}

/** Deletes a set, and tells of it. */
export function deleteKey(db: Database, key: Slice, value: Value): void {
  db.remove(value.entry)
  db.changed(key, 'del', 'generic')
}

/**
 * Puts a set that was computed in the place of whatever `key` held, and replies with how many members
 * it has. Without members nothing is left at the key.
 */
export function storeDraft({ db, keyspace, reply }: Call, key: Slice, draft: Draft, event: string) {
  const count = keyspace.sortedSets.count(draft)
  if (count > 0) {
    db.create(key, TYPE_ZSET, draft.encoding, draft.view(), db.peek(key))
    db.changed(key, event, 'zset')
  } else {
    keyspace.sortedSets.free(draft, Number.POSITIVE_INFINITY)
    db.storeNothing(key)
  }
  reply.integer(count)
}

/** From so many on, copying from a listpack is prepared for. */
const MANY_MEMBERS = 6

/** How members are replied with. */
export interface Listing {
  readonly isReverse: boolean
  readonly withScores: boolean
}

/** Replies with the members of a range of ranks. RESP3 has a pair for each that comes with its score. */
export function replyRanks(
  reply: Call['reply'],
  sets: SortedSets,
  value: Slot,
  { from, to }: Ranks,
  { isReverse, withScores }: Listing,
): void {
  const count = Math.max(0, to - from)
  const isNested = withScores && reply.isResp3
  reply.array(withScores && !isNested ? count * 2 : count)
  if (!withScores && value.encoding === ENCODING_SKIPLIST) {
    sets.pass(value, isReverse ? to - 1 : from, count, isReverse, reply)
    return
  }
  if (count >= MANY_MEMBERS) reply.expectFrom(value.bytes)
  for (let i = 0; i < count; i++) {
    if (i === 0) sets.seek(value, isReverse ? to - 1 : from)
    else if (isReverse) sets.previous()
    else sets.next()
    if (isNested) reply.array(2)
    const { bytes, start, end } = sets.member
    reply.bulk(bytes, start, end)
    if (withScores) reply.float(sets.score)
  }
}
