/** Entries in replies: an id and an array of fields and values, from where they stand in the block. */
import type { Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import type { Keyspace } from '../../keyspace/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import type { BlockReader, WideId } from '../../structures/index.ts'
import type { StreamWalk } from '../../values/index.ts'
import { replyId } from './ids.ts'

const part = new Slice(new Uint8Array(0), 0, 0)

/** Answers the entry where `entry` is. */
export function replyEntry(reply: ReplyWriter, entry: BlockReader): void {
  reply.array(2)
  replyId(reply, entry)
  reply.array(entry.fieldCount * 2)
  const { hasMasterFields } = entry
  let at = entry.bodyAt
  let fieldAt = entry.masterFieldsAt
  for (let i = entry.fieldCount; i > 0; i--) {
    if (hasMasterFields) {
      reply.bulkSlice(entry.textAt(fieldAt, part))
      fieldAt = entry.after(fieldAt)
    } else {
      reply.bulkSlice(entry.textAt(at, part))
      at = entry.after(at)
    }
    reply.bulkSlice(entry.textAt(at, part))
    at = entry.after(at)
  }
  entry.passBody(at)
}

/** Answers an array of the entries of a walk that has begun, at most `countMax`. */
export function replyEntries(reply: ReplyWriter, walk: StreamWalk, countMax: number): void {
  const mark = reply.at
  let count = 0
  while (count < countMax && walk.next()) {
    replyEntry(reply, walk.entry)
    count++
  }
  reply.arrayAt(mark, count)
}

/** Answers the entry of an id. @returns false, without an answer, when it is not there. */
export function replyEntryAt(
  { streams }: Keyspace,
  reply: ReplyWriter,
  stream: Ref,
  id: WideId,
): boolean {
  const { walk } = streams
  walk.begin(stream, id, id)
  if (!walk.next()) return false
  replyEntry(reply, walk.entry)
  return true
}
