/** What several commands do with whole sets: reading many, storing one, deleting one that is empty. */
import type { Slice } from '../../bytes/index.ts'
import type { Args, Call } from '../../engine/index.ts'
import { type Database, TYPE_SET, type Value } from '../../keyspace/index.ts'
import type { Draft } from '../../values/index.ts'
import { readValue } from '../values.ts'

/** The sets at the next `count` keys. Throws when one holds something else, wherever it stands. */
export function readSets({ db }: Call, args: Args, count: number): (Value | undefined)[] {
  return Array.from({ length: count }, () => readValue(db, args.key(), TYPE_SET))
}

/** Deletes a set that has no members any more, and tells of it. */
export function deleteIfEmpty(db: Database, key: Slice, value: Value): void {
  if (db.keyspace.sets.count(value) > 0) return
  db.remove(value.entry)
  db.changed(key, 'del', 'generic')
}

/**
 * Puts a set that was made in the place of whatever `key` held, and replies with how many members it
 * has. Without members nothing is left at the key.
 */
export function storeDraft({ db, keyspace, reply }: Call, key: Slice, draft: Draft, event: string) {
  const { sets } = keyspace
  const count = sets.count(draft)
  if (count > 0) {
    db.create(key, TYPE_SET, draft.encoding, draft.view(), db.peek(key))
    db.changed(key, event, 'set')
  } else {
    sets.free(draft, Number.POSITIVE_INFINITY)
    db.storeNothing(key)
  }
  reply.integer(count)
}
