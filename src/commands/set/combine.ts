/** SINTER, SUNION and SDIFF, with their forms that store or count. */
import type { Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  type KeySpec,
  keyAt,
  keysFrom,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import { type Draft, ENCODING_INTSET, ENCODING_LISTPACK } from '../../values/index.ts'
import { readCount } from '../counts.ts'
import { readSets, storeDraft } from './access.ts'

type Operation = 'inter' | 'union' | 'diff'

const isThere = (value: Value | undefined): value is Value => value !== undefined

/** Visits the members of what an operation makes of some sets. @returns how many. */
function compute(
  { keyspace }: Call,
  operation: Operation,
  values: readonly (Value | undefined)[],
  visit: (member: Slice, node: Ref) => void,
): number {
  const { algebra } = keyspace.sets
  const there = values.filter(isThere)
  if (operation === 'union') return algebra.unite(there, visit)
  if (operation === 'inter') {
    if (there.length < values.length) return 0
    return algebra.intersect(there, Number.POSITIVE_INFINITY, visit)
  }
  return values[0] === undefined ? 0 : algebra.subtract(there, visit)
}

function list(call: Call, args: Args, operation: Operation): void {
  const { reply } = call
  const values = readSets(call, args, args.left)
  const mark = reply.at
  const count = compute(call, operation, values, (member) => reply.bulkSlice(member))
  reply.arrayAt(mark, count, 'set')
}

function store(call: Call, args: Args, operation: Operation): void {
  const { sets } = call.keyspace
  const { draft } = sets
  const target = args.key()
  const values = readSets(call, args, args.left)
  const add = (member: Slice, node: Ref) => {
    sets.addCopy(draft, member, node)
  }
  if (operation === 'inter') {
    const smallest = values.every(isThere) ? sets.algebra.bySize(values)[0] : undefined
    const isIntset = smallest?.encoding === ENCODING_INTSET
    sets.beginEmpty(draft, isIntset ? ENCODING_INTSET : ENCODING_LISTPACK)
    compute(call, operation, values, add)
    if (sets.count(draft) > 0) sets.becomeIntset(draft)
  } else if (operation === 'union') {
    const sizes = values.filter(isThere).map((value) => sets.count(value))
    sets.beginLarge(draft, Math.max(0, ...sizes))
    compute(call, operation, values, add)
  } else {
    sets.beginEmpty(draft, ENCODING_INTSET)
    if (isDrained(call, values)) drain(call, values, draft)
    else compute(call, operation, values, add)
  }
  storeDraft(call, target, draft, call.command.fullName)
}

/**
 * Whether a difference is made by putting all of the first set in and taking out what the others
 * have, because there are many others and they are small. The encoding tells afterwards.
 */
function isDrained({ keyspace }: Call, values: readonly (Value | undefined)[]): boolean {
  const [first, ...others] = values
  if (first === undefined || others.some((other) => other?.entry === first.entry)) return false
  const { sets } = keyspace
  const there = values.filter(isThere)
  const total = there.reduce((sum, value) => sum + sets.count(value), 0)
  return Math.floor((sets.count(first) * there.length) / 2) > total
}

function drain(call: Call, values: readonly (Value | undefined)[], draft: Draft): void {
  const { sets } = call.keyspace
  values.filter(isThere).forEach((value, i) => {
    sets.each(value, ({ bytes, start, end }) => {
      if (i === 0) sets.add(draft, bytes, start, end)
      else sets.remove(draft, bytes, start, end)
      return i === 0 || sets.count(draft) > 0
    })
  })
}

function countCommon(call: Call, args: Args): void {
  const numkeys = readCount(args, 1, () => new ReplyError('ERR numkeys should be greater than 0'))
  if (numkeys > args.left) {
    throw new ReplyError("ERR Number of keys can't be greater than number of args")
  }
  const keysAt = args.at
  args.at += numkeys
  let limit = 0
  while (args.left > 0) {
    if (args.left < 2 || !args.take('LIMIT')) throw syntaxError()
    limit = readCount(args, 0, () => new ReplyError("ERR LIMIT can't be negative"))
  }
  args.at = keysAt
  const values = readSets(call, args, numkeys)
  const { algebra } = call.keyspace.sets
  const countMax = limit === 0 ? Number.POSITIVE_INFINITY : limit
  const count = values.every(isThere) ? algebra.intersect(values, countMax, nothing) : 0
  call.reply.integer(count)
}

function nothing(): void {}

const LISTED: Pick<CommandSpec, 'syntax' | 'since' | 'arity' | 'flags' | 'keys' | 'tips'> = {
  syntax: 'key [key ...]',
  since: '1.0.0',
  arity: -2,
  flags: ['readonly'],
  keys: [keysFrom(1, -1, 1, 'RO', 'access')],
  tips: ['nondeterministic_output_order'],
}

const STORED: Pick<CommandSpec, 'syntax' | 'since' | 'arity' | 'flags' | 'keys'> = {
  syntax: 'destination:key key [key ...]',
  since: '1.0.0',
  arity: -3,
  flags: ['write', 'denyoom'],
  keys: [keyAt(1, 'OW', 'update'), keysFrom(2, -1, 1, 'RO', 'access')],
}

const COUNTED_KEYS: KeySpec = {
  flags: ['RO', 'access'],
  begin: { kind: 'index', index: 1 },
  find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
}

const INTER_COMPLEXITY =
  'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.'
const TOTAL_COMPLEXITY = 'O(N) where N is the total number of elements in all given sets.'

export const combineCommands: readonly CommandSpec[] = [
  {
    ...LISTED,
    name: 'SINTER',
    summary: 'Replies with the members that all of several sets have.',
    complexity: INTER_COMPLEXITY,
    run: (call, args) => list(call, args, 'inter'),
  },
  {
    ...STORED,
    name: 'SINTERSTORE',
    summary: 'Stores the members that all of several sets have as a set.',
    complexity: INTER_COMPLEXITY,
    run: (call, args) => store(call, args, 'inter'),
  },
  {
    name: 'SINTERCARD',
    syntax: 'numkeys:integer key [key ...] [LIMIT limit:integer]',
    summary: 'Replies with how many members all of several sets have.',
    since: '7.0.0',
    complexity: INTER_COMPLEXITY,
    arity: -3,
    flags: ['readonly'],
    keys: [COUNTED_KEYS],
    run: countCommon,
  },
  {
    ...LISTED,
    name: 'SUNION',
    summary: 'Replies with the members that any of several sets has.',
    complexity: TOTAL_COMPLEXITY,
    run: (call, args) => list(call, args, 'union'),
  },
  {
    ...STORED,
    name: 'SUNIONSTORE',
    summary: 'Stores the members that any of several sets has as a set.',
    complexity: TOTAL_COMPLEXITY,
    run: (call, args) => store(call, args, 'union'),
  },
  {
    ...LISTED,
    name: 'SDIFF',
    summary: 'Replies with the members of the first of several sets that no other has.',
    complexity: TOTAL_COMPLEXITY,
    run: (call, args) => list(call, args, 'diff'),
  },
  {
    ...STORED,
    name: 'SDIFFSTORE',
    summary: 'Stores the members of the first of several sets that no other has as a set.',
    complexity: TOTAL_COMPLEXITY,
    run: (call, args) => store(call, args, 'diff'),
  },
]
