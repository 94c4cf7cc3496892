/** COMMAND INFO: ten facts about a command, in the reference's order and types. */
import {
  aclCategories,
  type Command,
  type CommandFlag,
  hasMovableKeys,
  type KeySpec,
  keyRange,
} from '../../../engine/index.ts'
import type { ReplyWriter } from '../../../resp/index.ts'

/** The flags that are shown, in the order in which they are. */
const SHOWN_FLAGS: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
]

/** The key flags, in the order in which they are shown. */
const KEY_FLAGS = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
] as const

/** Answers with the facts about a command; null for `undefined`. */
export function replyInfo(reply: ReplyWriter, command: Command | undefined): void {
  if (command === undefined) {
    reply.null()
    return
  }
  const { spec, subcommands } = command
  const { first, last, step } = keyRange(spec)
  const { tips = [], keys = [] } = spec
  reply.array(10)
  reply.latin1(command.fullName)
  reply.integer(spec.arity)
  replyStatuses(reply, shownFlags(command))
  for (const place of [first, last, step]) reply.integer(place)
  replyStatuses(
    reply,
    aclCategories(command).map((category) => `@${category}`),
  )
  reply.set(tips.length)
  for (const tip of tips) reply.latin1(tip)
  reply.set(keys.length)
  for (const key of keys) replyKeySpec(reply, key)
  if (subcommands.size === 0) reply.set(0)
  else {
    reply.array(subcommands.size)
    for (const child of subcommands.values()) replyInfo(reply, child)
  }
}

/** Answers with the flags of a key as a set. */
export function replyKeyFlags(reply: ReplyWriter, flags: KeySpec['flags']): void {
  replyStatuses(
    reply,
    KEY_FLAGS.filter((flag) => flags.includes(flag)),
  )
}

/** Answers with a set of statuses. */
export function replyStatuses(reply: ReplyWriter, texts: readonly string[]): void {
  reply.set(texts.length)
  for (const text of texts) reply.simple(text)
}

function shownFlags({ spec }: Command): CommandFlag[] {
  const isMovable = hasMovableKeys(spec)
  return SHOWN_FLAGS.filter(
    (flag) => spec.flags.includes(flag) || (flag === 'movablekeys' && isMovable),
  )
}

function replyKeySpec(reply: ReplyWriter, { flags, begin, find }: KeySpec): void {
  reply.map(3)
  reply.latin1('flags')
  replyKeyFlags(reply, flags)
  reply.latin1('begin_search')
  if (begin.kind === 'index') replySearch(reply, 'index', [['index', begin.index]])
  else if (begin.kind === 'unknown') replySearch(reply, 'unknown', [])
  else {
    replySearch(reply, 'keyword', [
      ['keyword', begin.keyword],
      ['startfrom', begin.startFrom],
    ])
  }
  reply.latin1('find_keys')
  if (find.kind === 'unknown') replySearch(reply, 'unknown', [])
  else if (find.kind === 'range') {
    replySearch(reply, 'range', [
      ['lastkey', find.lastKey],
      ['keystep', find.step],
      ['limit', find.limit],
    ])
  } else {
    replySearch(reply, 'keynum', [
      ['keynumidx', find.keyNumIndex],
      ['firstkey', find.firstKey],
      ['keystep', find.step],
    ])
  }
}

function replySearch(
  reply: ReplyWriter,
  type: string,
  spec: readonly (readonly [string, string | number])[],
): void {
  reply.map(2)
  reply.latin1('type')
  reply.latin1(type)
  reply.latin1('spec')
  reply.map(spec.length)
  for (const [name, value] of spec) {
    reply.latin1(name)
    if (typeof value === 'number') reply.integer(value)
    else reply.latin1(value)
  }
}
