/**
 * Pages of memory, the allocator over them, and exact accounting. All bulk data of the store lives
 * here, outside the reach of the garbage collector. A `Ref` names a block; every block has exactly
 * one owner, who frees it.
 */
export {
  Arena,
  blockOffset,
  doubleOffset,
  NONE,
  pageOf,
  type Ref,
  SMALL_BYTES_MAX,
  wordOffset,
} from './arena.ts'
export { SparePages } from './spare-pages.ts'
