/** Ids of stream entries among the arguments, in replies and in effects. */
import { Slice } from '../../bytes/index.ts'
import { type Args, ReplyError } from '../../engine/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import type { WideId } from '../../structures/index.ts'
import {
  ID_INVALID,
  ID_MINUS,
  ID_PLUS,
  ID_TEXT_BYTES_MAX,
  ID_TIME,
  ID_TIME_STAR,
  parseStreamId,
  StreamId,
  writeStreamId,
} from '../../values/index.ts'

const OPEN = 40
const text = new Uint8Array(ID_TEXT_BYTES_MAX)
const lent = new Slice(text, 0, 0)

/** The least id and the greatest. Not to be changed. */
export const ID_MIN: StreamId = new StreamId().setMin()
export const ID_MAX: StreamId = new StreamId().setMax()

/** An argument is no id, or not of the form that is asked for. */
export const invalidId = () =>
  new ReplyError('ERR Invalid stream ID specified as stream command argument')

/** Reads an argument that names one entry; without a sequence number it is 0. */
export function toId({ bytes, start, end }: Slice, into: StreamId): StreamId {
  if (!isId(parseStreamId(bytes, start, end, into))) throw invalidId()
  return into
}

/** The next argument as the id of one entry. */
export function readId(args: Args, into: StreamId): StreamId {
  return toId(args.next(), into)
}

/** The next argument as the id of one entry, in an object of its own. */
export function readNewId(args: Args): StreamId {
  return readId(args, new StreamId())
}

/** All arguments that are left, as ids. */
export function readIds(args: Args): StreamId[] {
  const ids: StreamId[] = []
  while (args.left > 0) ids.push(readNewId(args))
  return ids
}

/** Whether a form of id names one entry. */
export function isId(form: number): boolean {
  return form !== ID_INVALID && form !== ID_MINUS && form !== ID_PLUS && form !== ID_TIME_STAR
}

/** Reads where an interval begins: `-`, an id, or one that is left out with `(` before it. */
export function toStart(argument: Slice, into: StreamId): StreamId {
  if (readEdge(argument, into, false) && !into.increment()) {
    throw new ReplyError('ERR invalid start ID for the interval')
  }
  return into
}

/** Reads where an interval ends, like `toStart`; without a sequence number the greatest is meant. */
export function toEnd(argument: Slice, into: StreamId): StreamId {
  if (readEdge(argument, into, true) && !into.decrement()) {
    throw new ReplyError('ERR invalid end ID for the interval')
  }
  return into
}

/** @returns whether the id itself is left out. */
function readEdge({ bytes, start, end }: Slice, into: StreamId, isEnd: boolean): boolean {
  const isOpen = end - start > 1 && bytes[start] === OPEN
  const form = parseStreamId(bytes, isOpen ? start + 1 : start, end, into)
  const isGood = isOpen ? isId(form) : form !== ID_INVALID && form !== ID_TIME_STAR
  if (!isGood) throw invalidId()
  if (form === ID_TIME && isEnd) into.setSequence(true)
  return isOpen
}

/** Answers an id. */
export function replyId(reply: ReplyWriter, id: WideId): void {
  reply.bulkBy(id, ID_TEXT_BYTES_MAX, writeStreamId)
}

/** An id as a slice, lent until the next one. */
export function lentId(id: WideId): Slice {
  lent.end = writeStreamId(id, text, 0)
  return lent
}

/** An id in bytes of its own, for effects. */
export function idBytes(id: WideId): Uint8Array {
  return text.slice(0, writeStreamId(id, text, 0))
}
