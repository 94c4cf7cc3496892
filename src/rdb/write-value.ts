/**
 * Values as they stand in a snapshot. A small one is written at once; a long one by a generator, which
 * pauses after every few hundred elements, so that whoever writes decides how long to hold the loop.
 * What it writes it reads from the value's image, so the value may change while it pauses, if it is
 * watched (values/images.ts).
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
  EXPIRES,
  expiryOf,
  headOf,
  keyOf,
  type MemberImage,
  memberValue,
  type NodeImage,
  NodeView,
} from '../structures/index.ts'
import {
  ENCODING_INTSET,
  ENCODING_LISTPACKEX,
  type SortedImage,
  type StringImage,
  type ValueImage,
} from '../values/index.ts'
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

const slice = new Slice(new Uint8Array(0), 0, 0)

/** How a value, or what `image` says that it was, is written in files of a version. */
export function rdbTypeOf(
  keyspace: Keyspace,
  type: number,
  value: Value,
  image: ValueImage | undefined,
  version: number,
): number {
  const isRooted = image !== undefined
  if (type === TYPE_STRING) return RDB_STRING
  if (type === TYPE_LIST) return RDB_LIST_QUICKLIST_2
  if (type === TYPE_SET) {
    if (value.encoding === ENCODING_INTSET) return RDB_SET_INTSET
    return isRooted || version < VERSION_ACTIVITY ? RDB_SET : RDB_SET_LISTPACK
  }
  if (type === TYPE_ZSET) return isRooted ? RDB_ZSET_2 : RDB_ZSET_LISTPACK
  if (type === TYPE_HASH) {
    if (image?.kind === 'members') return image.earliestMs === 0 ? RDB_HASH : RDB_HASH_EXPIRES
    const isTimed = keyspace.hashes.earliestMs(value) !== 0
    return isTimed ? RDB_HASH_LISTPACK_EXPIRES : RDB_HASH_LISTPACK
  }
  return version < VERSION_ACTIVITY ? RDB_STREAM_2 : RDB_STREAM_3
}

/**
 * Writes a value as `rdbType`: what `image` says, or one without blocks of its own as it stands.
 * @returns what is left to write when it is a long one.
 */
export function writeValue(
  keyspace: Keyspace,
  value: Value,
  image: ValueImage | undefined,
  rdbType: number,
  output: RdbOutput,
): Writing | undefined {
  if (image !== undefined) return writeImage(keyspace, image, rdbType, output)
  switch (rdbType) {
    case RDB_LIST_QUICKLIST_2:
      output.length(1)
      output.length(NODE_LISTPACK)
      break
    case RDB_SET:
      writeSmallSet(keyspace, value, output)
      return undefined
    case RDB_HASH_LISTPACK:
      if (value.encoding === ENCODING_LISTPACKEX) {
        writeNarrow(keyspace, value, output)
        return undefined
      }
      break
    case RDB_HASH_LISTPACK_EXPIRES:
      output.time(keyspace.hashes.earliestMs(value))
      break
  }
  output.string(value.bytes, value.start, value.start + value.size)
  return undefined
}

function writeImage(
  { arena, streams }: Keyspace,
  image: ValueImage,
  rdbType: number,
  output: RdbOutput,
): Writing {
  switch (image.kind) {
    case 'nodes':
      return writeNodes(arena, image, output)
    case 'sorted':
      return writeScores(arena, image, output)
    case 'members':
      return rdbType === RDB_SET
        ? writeMembers(arena, image, output)
        : writeFields(arena, image, output)
    case 'string':
      return writeBytes(image, output)
    case 'stream':
      return writeStream(streams, image, rdbType, output)
  }
}

/** A long string, which is not compressed: that would hold the loop. */
function* writeBytes(image: StringImage, output: RdbOutput): Writing {
  output.length(image.size)
  while (image.step((bytes, start, end) => output.bytes(bytes, start, end))) yield
}

function* writeNodes(arena: Arena, image: NodeImage, output: RdbOutput): Writing {
  const view = new NodeView(arena)
  const write = (node: Ref) => {
    view.look(node)
    const { bytes, start, end } = view
    output.length(view.isPlain ? NODE_PLAIN : NODE_LISTPACK)
    if (view.isCompressed) output.packed(bytes, start, end, view.rawSize)
    else output.string(bytes, start, end)
  }
  output.length(image.nodes)
  while (image.step(write)) yield
}

function writeSmallSet({ sets }: Keyspace, value: Value, output: RdbOutput): void {
  output.length(sets.count(value))
  sets.each(value, ({ bytes, start, end }) => output.string(bytes, start, end))
}

function* writeMembers(arena: Arena, image: MemberImage, output: RdbOutput): Writing {
  const write = (node: Ref) => {
    const { bytes, start, end } = keyOf(arena, node, slice)
    output.string(bytes, start, end)
  }
  output.length(image.count)
  while (image.step(write)) yield
}

/** From the highest score down, as the reference does it: so it loads them quickest. */
function* writeScores(arena: Arena, image: SortedImage, output: RdbOutput): Writing {
  const write = (node: Ref, score: number) => {
    const { bytes, start, end } = keyOf(arena, node, slice)
    output.string(bytes, start, end)
    output.double(score)
  }
  output.length(image.count)
  while (image.step(write)) yield
}

function* writeFields(arena: Arena, image: MemberImage, output: RdbOutput): Writing {
  const { earliestMs } = image
  const write = (node: Ref) => {
    if (earliestMs !== 0) output.length(distance(arena, node, earliestMs))
    const field = keyOf(arena, node, slice)
    output.string(field.bytes, field.start, field.end)
    const content = memberValue(arena, node, slice)
    output.string(content.bytes, content.start, content.end)
  }
  if (earliestMs !== 0) output.time(earliestMs)
  output.length(image.count)
  while (image.step(write)) yield
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
