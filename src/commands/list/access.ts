/** What the list commands share: the name of an end, and what follows when elements leave there. */
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, syntaxError } from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'

/** The next argument as `LEFT` or `RIGHT`. @returns whether it is the head. */
export function readEndName(args: Args): boolean {
  if (args.take('LEFT')) return true
  if (args.take('RIGHT')) return false
  throw syntaxError()
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
