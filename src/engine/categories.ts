/** ACL categories of commands. They follow from group and flags; a row names what is beyond that. */
import type { Command } from './command.ts'

/** Every category, in the reference's order. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const

const BY_GROUP: Readonly<Record<string, string>> = {
  generic: 'keyspace',
  string: 'string',
  list: 'list',
  set: 'set',
  'sorted-set': 'sortedset',
  hash: 'hash',
  bitmap: 'bitmap',
  hyperloglog: 'hyperloglog',
  geo: 'geo',
  stream: 'stream',
  connection: 'connection',
  transactions: 'transaction',
  scripting: 'scripting',
}

/** A category in a row's `acl` that begins so is taken away. */
const WITHOUT = '-'

/** The categories of a command or subcommand, in the reference's order, without `@`. */
export function aclCategories({ spec, group, subcommands }: Command): string[] {
  const found = new Set<string>()
  const { flags, acl = [] } = spec
  const isContainer = subcommands.size > 0 && spec.run === undefined
  const byGroup = BY_GROUP[group]
  if (byGroup !== undefined && !isContainer) found.add(byGroup)
  for (const category of acl) {
    if (category.startsWith(WITHOUT)) found.delete(category.slice(1))
    else found.add(category)
  }
  if (flags.includes('write')) found.add('write')
  if (flags.includes('readonly') && !found.has('scripting')) found.add('read')
  if (flags.includes('admin')) found.add('admin').add('dangerous')
  if (flags.includes('pubsub')) found.add('pubsub')
  if (flags.includes('blocking')) found.add('blocking')
  found.add(flags.includes('fast') ? 'fast' : 'slow')
  return ACL_CATEGORIES.filter((category) => found.has(category))
}
