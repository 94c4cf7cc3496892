/** PFADD, PFCOUNT and PFMERGE: counting distinct elements without keeping them. */
import { type Args, type Call, type CommandSpec, keyAt, keysFrom } from '../../engine/index.ts'
import {
  addToSketch,
  cacheCount,
  cachedCount,
  countRegisters,
  countSketch,
  emptyRegisters,
  forgetCount,
  isDense,
  isWhole,
  mergeInto,
  raiseTo,
} from '../../values/index.ts'
import { brokenSketch, createSketch, readSketch, writeSketch } from './access.ts'

const registers = emptyRegisters()

function add({ db, keyspace, reply }: Call, args: Args): void {
  const key = args.key()
  const held = writeSketch(db, key)
  // With a single element, nothing is changed before the sketch is seen to be broken.
  if (held !== undefined && args.left > 1 && !isWhole(held)) throw brokenSketch()
  const sketch = held ?? createSketch(db, key)
  const { hllSparseMaxBytes } = keyspace.limits
  let changes = held === undefined ? 1 : 0
  while (args.left > 0) {
    const { bytes, start, end } = args.next()
    const isRaised = addToSketch(sketch, bytes, start, end, hllSparseMaxBytes)
    if (isRaised === undefined) throw brokenSketch()
    if (isRaised) changes++
  }
  if (changes > 0) {
    forgetCount(sketch)
    db.changed(key, 'pfadd', 'string')
    keyspace.dirty += changes - 1
  }
  reply.integer(changes > 0 ? 1 : 0)
}

function countOne({ db, reply }: Call, args: Args): void {
  const key = args.key()
  const held = readSketch(db, key)
  if (held === undefined) {
    reply.integer(0)
    return
  }
  let count = cachedCount(held)
  if (count === undefined) {
    count = countSketch(held)
    if (count === undefined) throw brokenSketch()
    cacheCount(writeSketch(db, key)!, count)
    db.changed(key, 'pfcount', 'none')
  }
  reply.integer(count)
}

/** Merges the sketches at all the keys that are left. @returns whether one of them is dense. */
function mergeAll({ db }: Call, args: Args): boolean {
  registers.fill(0)
  let hasDense = false
  while (args.left > 0) {
    const held = readSketch(db, args.key())
    if (held === undefined) continue
    if (isDense(held)) hasDense = true
    if (!mergeInto(registers, held)) throw brokenSketch()
  }
  return hasDense
}

function count(call: Call, args: Args): void {
  if (args.left === 1) {
    countOne(call, args)
    return
  }
  mergeAll(call, args)
  call.reply.integer(countRegisters(registers))
}

function merge(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  // What the target holds is merged as well.
  const first = args.at
  const toDense = mergeAll(call, args)
  const target = args.slice(first)
  const sketch = writeSketch(db, target) ?? createSketch(db, target)
  raiseTo(sketch, registers, { toDense, sparseBytesMax: keyspace.limits.hllSparseMaxBytes })
  forgetCount(sketch)
  db.changed(target, 'pfadd', 'string')
  reply.ok()
}

export const sketchCommands: readonly CommandSpec[] = [
  {
    name: 'PFADD',
    syntax: 'key [element ...]',
    summary: 'Adds elements to a HyperLogLog, which counts how many distinct ones it was given.',
    since: '2.8.9',
    complexity: 'O(1) to add every element.',
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: add,
  },
  {
    name: 'PFCOUNT',
    syntax: 'key [key ...]',
    summary:
      'Replies with about how many distinct elements HyperLogLogs were given, taken together.',
    since: '2.8.9',
    complexity:
      'O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.',
    arity: -2,
    flags: ['readonly', 'may_replicate'],
    keys: [keysFrom(1, -1, 1, 'RW', 'access')],
    run: count,
  },
  {
    name: 'PFMERGE',
    syntax: 'destkey:key [sourcekey:key ...]',
    summary: 'Makes a HyperLogLog count what others do as well.',
    since: '2.8.9',
    complexity: 'O(N) to merge N HyperLogLogs, but with high constant times.',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'access', 'insert'), keysFrom(2, -1, 1, 'RO', 'access')],
    run: merge,
  },
]
