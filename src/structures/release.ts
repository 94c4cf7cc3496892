/**
 * Giving back the memory of a dict that nobody can reach any more, in steps. Between steps its root says
 * how far it came: the top bit of its depth is set, in the place of the count of segments stands the next
 * place of the directory, and in the spare byte which chunk of the segment there is next.
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
  ROOT_SPARE_AT,
  ROOT_TOP_AT,
} from './table.ts'

const HAS_BEGUN = 0x80
/** A segment takes as long to go through as so many nodes, even when it is empty. */
const SEGMENT_COST = 8

/**
 * Frees the dict whose root begins at `bytes[at]` until `budget` nodes are gone, or at most eleven more:
 * the last chunk goes as a whole. A dict with much room for few nodes takes more steps. `free` frees a
 * node and what it owns. The count in the root is that of the nodes left. It must not be opened any
 * more; when all is freed, it is an empty dict.
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
  let chunk = hasBegun ? bytes[at + ROOT_SPARE_AT]! : 0
  let freed = 0
  let costs = 0
  while (place < 2 ** depth && freed + costs < budget) {
    const segment = depth === 0 ? top : segmentIn(arena, top, depth, place)
    while (chunk < chunks && freed + costs < budget)
      freed += freeChunk(arena, segment, chunk++, free)
    if (chunk < chunks) break
    place += 2 ** (depth - segmentDepth(arena, segment))
    arena.free(segment)
    chunk = 0
    costs += SEGMENT_COST
  }
  if (place < 2 ** depth) {
    writeUint32(bytes, at, readUint32(bytes, at) - freed)
    writeUint32(bytes, at + ROOT_SEGMENTS_AT, place)
    bytes[at + ROOT_SPARE_AT] = chunk
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

/** @returns how many nodes there were. */
function freeChunk(
  arena: Arena,
  segment: Ref,
  chunk: number,
  free: (arena: Arena, node: Ref) => void,
): number {
  const words = arena.words[segment >>> 17]!
  const base = wordOffset(segment) + chunk * CHUNK_WORDS
  let freed = 0
  for (let slot = 0; slot < SLOTS; slot++) {
    const node = words[base + slot]! >>> 0
    if (node === NONE) continue
    free(arena, node)
    freed++
  }
  return freed
}
