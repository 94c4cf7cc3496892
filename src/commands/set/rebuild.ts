/** Sets as the commands that make them. */
import { Slice } from '../../bytes/index.ts'
import { keyOf } from '../../structures/index.ts'
import type { Rebuild } from '../rebuild.ts'

/** No command puts in more members than this. */
const MEMBERS_MAX = 64
/** Nor more bytes, unless it is a single member. */
const BYTES_MAX = 65536

const slice = new Slice(new Uint8Array(0), 0, 0)

/** Emits the SADDs that make a set. */
export const rebuildSet: Rebuild = function* ({ arena, keyspace }, value, image, key, emit) {
  let members: Uint8Array[] = []
  let size = 0
  const visit = (member: Slice) => {
    members.push(member.copyOf())
    size += member.length
    if (members.length < MEMBERS_MAX && size < BYTES_MAX) return
    emit('SADD', key, ...members)
    members = []
    size = 0
  }
  if (image?.kind === 'members') {
    while (image.step((node) => visit(keyOf(arena, node, slice)))) yield
  } else keyspace.sets.each(value, visit)
  if (members.length > 0) emit('SADD', key, ...members)
}
