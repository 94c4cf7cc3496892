/** Sorted sets as the commands that make them. */
import { doubleText, Slice } from '../../bytes/index.ts'
import type { EffectArgument } from '../../engine/index.ts'
import { keyOf } from '../../structures/index.ts'
import type { Rebuild } from '../rebuild.ts'

/** Members in one command. */
const MEMBERS_MAX = 64

const slice = new Slice(new Uint8Array(0), 0, 0)

/** Emits the ZADDs that make a sorted set. */
export const rebuildSortedSet: Rebuild = function* ({ arena, keyspace }, value, image, key, emit) {
  const { sortedSets } = keyspace
  let args: EffectArgument[] = []
  const visit = (member: Slice, score: number) => {
    args.push(doubleText(score), member.copyOf())
    if (args.length < MEMBERS_MAX * 2) return
    emit('ZADD', key, ...args)
    args = []
  }
  if (image?.kind === 'sorted') {
    while (image.step((node, score) => visit(keyOf(arena, node, slice), score))) yield
  } else {
    const count = sortedSets.count(value)
    for (let i = 0; i < count; i++) {
      if (i === 0) sortedSets.seek(value, 0)
      else sortedSets.next()
      visit(sortedSets.member, sortedSets.score)
    }
  }
  if (args.length > 0) emit('ZADD', key, ...args)
}
