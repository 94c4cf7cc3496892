/** Sorted sets as the commands that make them. */
import { doubleText } from '../../bytes/index.ts'
import type { EffectArgument } from '../../engine/index.ts'
import type { Rebuild } from '../rebuild.ts'

/** Members in one command. */
const MEMBERS_MAX = 64

export const rebuildSortedSet: Rebuild = (db, value, key, emit) => {
  const sets = db.keyspace.sortedSets
  const count = sets.count(value)
  let args: EffectArgument[] = []
  for (let i = 0; i < count; i++) {
    if (i === 0) sets.seek(value, 0)
    else sets.next()
    args.push(doubleText(sets.score), sets.member.copyOf())
    if (args.length < MEMBERS_MAX * 2 && i + 1 < count) continue
    emit('ZADD', key, ...args)
    args = []
  }
}
