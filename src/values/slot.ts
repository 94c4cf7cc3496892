/** What the types of values build on: the place of a value, and the space that all values share. */
import type { Arena, Ref } from '../arena/index.ts'
import type { HashHint, KeyHasher } from '../bytes/index.ts'
import type { Stretch } from '../structures/index.ts'
import type { Images, ValueImage } from './images.ts'

/** The place of one value under a key. */
export interface Slot extends Stretch {
  /** The entry that holds the value; none where it is under no key. */
  readonly entry?: Ref
  /** How the value is held, see encodings.ts. */
  encoding: number
  /** Puts `size` bytes of undefined content, under another encoding, in the place of the value. */
  reset(encoding: number, size: number): void
}

/** When small values change to the encoding of large ones; the directives of these names. */
export interface EncodingLimits {
  hashMaxListpackEntries: number
  hashMaxListpackValue: number
  listMaxListpackSize: number
  listCompressDepth: number
  setMaxIntsetEntries: number
  setMaxListpackEntries: number
  setMaxListpackValue: number
  zsetMaxListpackEntries: number
  zsetMaxListpackValue: number
  hllSparseMaxBytes: number
  streamNodeMaxBytes: number
  streamNodeMaxEntries: number
}

/** The limits that hold where no setting says otherwise. */
export function defaultLimits(): EncodingLimits {
  return {
    hashMaxListpackEntries: 512,
    hashMaxListpackValue: 64,
    listMaxListpackSize: -2,
    listCompressDepth: 0,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
    hllSparseMaxBytes: 3000,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
  }
}

/** What all values of a store share. */
export interface Space {
  readonly arena: Arena
  readonly hasher: KeyHasher
  /** The hash of a member or field that the running command may look for. */
  readonly hint: HashHint
  readonly limits: EncodingLimits
  /** Who is to be told before elements change. */
  readonly images: Images
  /** A whole number in `[0, 2^32)`, uniform. */
  uint32(): number
}

/** What the keyspace needs to know of a type whose values can own blocks. */
export interface ValueType {
  /** How many elements a value has. */
  count(value: Slot): number
  /**
   * Frees about `budget` of the blocks that a rooted value owns, and rewrites the root so that it can
   * be called again. The entry itself is the caller's. @returns whether all are freed.
   */
  free(value: Slot, budget: number): boolean
  /** Gives `target`, whose bytes are a copy of the root of `source`, blocks of its own. */
  copy(source: Slot, target: Slot): void
  /** What a rooted value is now, however it changes later. */
  imageOf(value: Slot): ValueImage
  /** Bytes of all blocks that a rooted value owns beyond its entry. */
  ownedBytes(value: Slot): number
}
