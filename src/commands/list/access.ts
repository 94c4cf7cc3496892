/** What the list commands share: arguments that several of them read, and an end of a list. */
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, ReplyError, syntaxError } from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'

const MIN_REFUSED = -(2 ** 63)

/** The next argument as `LEFT` or `RIGHT`. @returns whether it is the head. */
export function readEndName(args: Args): boolean {
  if (args.take('LEFT')) return true
  if (args.take('RIGHT')) return false
  throw syntaxError()
}

/** The next argument as an integer of which the negative is one too. */
export function readEvenInt(args: Args): number {
  const value = args.int()
  if (value !== MIN_REFUSED || args.slice(args.at - 1).latin1() !== '-9223372036854775808')
    return value
  throw new ReplyError(
    'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
  )
}

/** The next argument as a whole number of at least `min`. Throws `refusal` for anything else. */
export function readCount(args: Args, min: number, refusal: () => unknown): number {
  const value = args.int(refusal)
  if (value < min) throw refusal()
  return value
}

/**
 * After elements left a list at an end, or inside of it: tells of it, and deletes the key of a list
 * that is empty.
 */
export function elementsRemoved(
  { db, keyspace }: Call,
  key: Slice,
  value: Value,
  event: string,
  outcome: { readonly removed: number; readonly left: number },
): void {
  // Each element counts as a change, whatever there is to tell.
  const dirty = keyspace.dirty + outcome.removed
  if (outcome.left === 0) db.remove(value.entry)
  db.changed(key, event, 'list')
  if (outcome.left === 0) db.changed(key, 'del', 'generic')
  keyspace.dirty = dirty
}

/** The event of elements that leave at an end. */
export const popEvent = (isHead: boolean) => (isHead ? 'lpop' : 'rpop')
/** The event of elements that come at an end. */
export const pushEvent = (isHead: boolean) => (isHead ? 'lpush' : 'rpush')
