/**
 * Values as they stand in a snapshot. A small one is written at once; a long one by a generator, which
 * pauses after every few hundred elements, so that whoever writes decides how long to hold the loop.
 * While it pauses, the value must not change.
 */
import type { Arena, Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  type Keyspace,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
  type Value,
} from '../keyspace/index.ts'
import {
  Dict,
  EXPIRES,
  expiryOf,
  GATHER_MAX,
  headOf,
  keyOf,
  memberValue,
  NodeWalk,
  OrderedTree,
  ROOT_BYTES,
} from '../structures/index.ts'
import { ENCODING_INTSET, ENCODING_LISTPACKEX, ENCODING_ROOTED_MIN } from '../values/index.ts'
import {
  NODE_LISTPACK,
  NODE_PLAIN,
  RDB_HASH,
  RDB_HASH_EXPIRES,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EXPIRES,
  RDB_LIST_QUICKLIST_2,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STRING,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  VERSION_ACTIVITY,
} from './format.ts'
import type { RdbOutput } from './output.ts'
import { writeStream } from './write-stream.ts'

/** A value on its way out, which pauses now and then. */
export type Writing = Generator<void, void, void>

/** Elements between two pauses, where they are not counted by segments. */
const ELEMENTS_PER_STEP = 256

const slice = new Slice(new Uint8Array(0), 0, 0)

/** How a value is written in files of a version. */
export function rdbTypeOf(keyspace: Keyspace, type: number, value: Value, version: number): number {
  const isRooted = value.encoding >= ENCODING_ROOTED_MIN
  if (type === TYPE_STRING) return RDB_STRING
  if (type === TYPE_LIST) return RDB_LIST_QUICKLIST_2
  if (type === TYPE_SET) {
    if (value.encoding === ENCODING_INTSET) return RDB_SET_INTSET
    return isRooted || version < VERSION_ACTIVITY ? RDB_SET : RDB_SET_LISTPACK
  }
  if (type === TYPE_ZSET) return isRooted ? RDB_ZSET_2 : RDB_ZSET_LISTPACK
  if (type === TYPE_HASH) {
    if (keyspace.hashes.earliestMs(value) === 0) return isRooted ? RDB_HASH : RDB_HASH_LISTPACK
    return isRooted ? RDB_HASH_EXPIRES : RDB_HASH_LISTPACK_EXPIRES
  }
  return version < VERSION_ACTIVITY ? RDB_STREAM_2 : RDB_STREAM_3
}

/** Writes a value as `rdbType`. @returns what is left to write when it is a long one. */
export function writeValue(
  keyspace: Keyspace,
  value: Value,
  rdbType: number,
  output: RdbOutput,
): Writing | undefined {
  switch (rdbType) {
    case RDB_LIST_QUICKLIST_2:
      if (value.encoding >= ENCODING_ROOTED_MIN) return writeNodes(keyspace.arena, value, output)
      output.length(1)
      output.length(NODE_LISTPACK)
      break
    case RDB_SET:
      if (value.encoding >= ENCODING_ROOTED_MIN) return writeMembers(keyspace, value, output)
      writeSmallSet(keyspace, value, output)
      return undefined
    case RDB_ZSET_2:
      return writeScores(keyspace, value, output)
    case RDB_HASH:
    case RDB_HASH_EXPIRES:
      return writeFields(keyspace, value, output)
    case RDB_HASH_LISTPACK:
      if (value.encoding === ENCODING_LISTPACKEX) {
        writeNarrow(keyspace, value, output)
        return undefined
      }
      break
    case RDB_HASH_LISTPACK_EXPIRES:
      output.time(keyspace.hashes.earliestMs(value))
      break
    case RDB_STREAM_2:
    case RDB_STREAM_3:
      return writeStream(keyspace.streams, keyspace.streams.streamOf(value), rdbType, output)
  }
  output.string(value.bytes, value.start, value.start + value.size)
  return undefined
}

function* writeNodes(arena: Arena, value: Value, output: RdbOutput): Writing {
  const walk = new NodeWalk(arena, value)
  output.length(walk.nodes)
  while (walk.next()) {
    const { bytes, start, end } = walk
    output.length(walk.isPlain ? NODE_PLAIN : NODE_LISTPACK)
    if (walk.isCompressed) output.packed(bytes, start, end, walk.rawSize)
    else output.string(bytes, start, end)
    yield
  }
}

function writeSmallSet({ sets }: Keyspace, value: Value, output: RdbOutput): void {
  output.length(sets.count(value))
  sets.each(value, ({ bytes, start, end }) => output.string(bytes, start, end))
}

/** A walk over the nodes of a dict, a segment at a time. */
function* segmentsOf(keyspace: Keyspace, value: Value, nodes: Int32Array): Generator<number> {
  const dict = new Dict(keyspace.arena, keyspace.hasher)
  dict.open(value.bytes, value.start)
  for (let place = 0; place < dict.directorySize; ) {
    const count = dict.gather(place, nodes)
    place += dict.spanAt(place)
    yield count
  }
}

function* writeMembers(keyspace: Keyspace, value: Value, output: RdbOutput): Writing {
  const nodes = new Int32Array(GATHER_MAX)
  output.length(keyspace.sets.count(value))
  for (const count of segmentsOf(keyspace, value, nodes)) {
    for (let i = 0; i < count; i++) {
      const { bytes, start, end } = keyOf(keyspace.arena, nodes[i]! >>> 0, slice)
      output.string(bytes, start, end)
    }
    yield
  }
}

/** From the highest score down, as the reference does it: so it loads them quickest. */
function* writeScores(keyspace: Keyspace, value: Value, output: RdbOutput): Writing {
  const tree = new OrderedTree(keyspace.arena)
  tree.open(value.bytes, value.start + ROOT_BYTES)
  const count = keyspace.sortedSets.count(value)
  output.length(count)
  let isThere = tree.seek(count - 1)
  for (let i = 1; isThere; i++) {
    const { bytes, start, end } = keyOf(keyspace.arena, tree.ref, slice)
    output.string(bytes, start, end)
    output.double(tree.score)
    isThere = tree.previous()
    if (i % ELEMENTS_PER_STEP === 0) yield
  }
}

function* writeFields(keyspace: Keyspace, value: Value, output: RdbOutput): Writing {
  const { arena, hashes } = keyspace
  const nodes = new Int32Array(GATHER_MAX)
  const earliestMs = hashes.earliestMs(value)
  if (earliestMs !== 0) output.time(earliestMs)
  output.length(hashes.count(value))
  for (const count of segmentsOf(keyspace, value, nodes)) {
    for (let i = 0; i < count; i++) {
      const node = nodes[i]! >>> 0
      if (earliestMs !== 0) output.length(distance(arena, node, earliestMs))
      const field = keyOf(arena, node, slice)
      output.string(field.bytes, field.start, field.end)
      const content = memberValue(arena, node, slice)
      output.string(content.bytes, content.start, content.end)
    }
    yield
  }
}

/** How long after the first a field expires, and one; 0 for never. */
function distance(arena: Arena, node: Ref, earliestMs: number): number {
  const head = headOf(arena, node)
  return head & (EXPIRES << 8) ? expiryOf(arena, node, head) - earliestMs + 1 : 0
}

/** A small hash that has room for expiries but none: without the room, any version can read it. */
function writeNarrow({ hashes }: Keyspace, value: Value, output: RdbOutput): void {
  const bytes = hashes.narrowed(value)
  output.string(bytes, 0, bytes.length)
}
