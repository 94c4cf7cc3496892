/** Sets as the commands that make them. */
import type { Rebuild } from '../rebuild.ts'

/** No command puts in more members than this. */
const MEMBERS_MAX = 64
/** Nor more bytes, unless it is a single member. */
const BYTES_MAX = 65536

/** Emits the SADDs that make a set. */
export const rebuildSet: Rebuild = ({ keyspace }, value, key, emit) => {
  let members: Uint8Array[] = []
  let size = 0
  keyspace.sets.each(value, (member) => {
    members.push(member.copyOf())
    size += member.length
    if (members.length < MEMBERS_MAX && size < BYTES_MAX) return
    emit('SADD', key, ...members)
    members = []
    size = 0
  })
  if (members.length > 0) emit('SADD', key, ...members)
}
