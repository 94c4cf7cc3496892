/**
 * Giving back the memory of a dict that nobody can reach any more, in steps. Between steps the root in
 * the entry says how far it came: the top bit of its depth is set, and in the place of the count of
 * segments stands the next place of the directory.
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { CHUNK_WORDS, readUint32, SLOTS, segmentDepth, writeUint32 } from './segment.ts'
import {
  DEPTH_IN_BLOCK_MAX,
  freeDirectory,
  ROOT_BYTES,
  ROOT_DEPTH_AT,
  ROOT_MASK_AT,
  ROOT_SEGMENTS_AT,
  ROOT_TOP_AT,
} from './table.ts'

const HAS_BEGUN = 0x80

/**
 * Frees the dict whose root begins at `bytes[at]` until about `budget` nodes are gone: whole segments,
 * of less than eight hundred nodes each. `free` frees a node and what it owns. The count in the root
 * is that of the nodes left. It must not be opened any more; when all is freed, it is an empty dict.
 * @returns whether all is freed.
 */
export function releaseDict(
  arena: Arena,
  bytes: Uint8Array,
  at: number,
  budget: number,
  free: (arena: Arena, node: Ref) => void,
): boolean {
  const top = readUint32(bytes, at + ROOT_TOP_AT)
  if (top === NONE) return true
  const depth = bytes[at + ROOT_DEPTH_AT]! & ~HAS_BEGUN
  const chunks = bytes[at + ROOT_MASK_AT]! + 1
  const hasBegun = (bytes[at + ROOT_DEPTH_AT]! & HAS_BEGUN) !== 0
  let place = hasBegun ? readUint32(bytes, at + ROOT_SEGMENTS_AT) : 0
  let left = budget
  while (place < 2 ** depth && left > 0) {
    const segment = depth === 0 ? top : segmentIn(arena, top, depth, place)
    place += 2 ** (depth - segmentDepth(arena, segment))
    left -= freeNodes(arena, segment, chunks, free)
    arena.free(segment)
  }
  if (place < 2 ** depth) {
    writeUint32(bytes, at, readUint32(bytes, at) - (budget - left))
    writeUint32(bytes, at + ROOT_SEGMENTS_AT, place)
    bytes[at + ROOT_DEPTH_AT] = depth | HAS_BEGUN
    return false
  }
  if (depth !== 0) freeDirectory(arena, top, depth)
  bytes.fill(0, at, at + ROOT_BYTES)
  return true
}

function segmentIn(arena: Arena, top: number, depth: number, place: number): Ref {
  if (depth > DEPTH_IN_BLOCK_MAX) return readUint32(arena.large(top), place * 4)
  return arena.words[top >>> 17]![wordOffset(top) + place]! >>> 0
}

function freeNodes(
  arena: Arena,
  segment: Ref,
  chunks: number,
  free: (arena: Arena, node: Ref) => void,
): number {
  const words = arena.words[segment >>> 17]!
  const end = wordOffset(segment) + chunks * CHUNK_WORDS
  let freed = 0
  for (let base = wordOffset(segment); base < end; base += CHUNK_WORDS) {
    for (let slot = 0; slot < SLOTS; slot++) {
      const node = words[base + slot]! >>> 0
      if (node === NONE) continue
      free(arena, node)
      freed++
    }
  }
  return freed
}
