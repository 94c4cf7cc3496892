/**
 * Images: what values were at one instant, for those who write them down while they go on changing. A
 * type tells the image of a value of each element before it changes; `Images` says which value has one.
 * There are only some while something is saved, so what changes a value asks for `undefined` and no more.
 */
import type { Ref } from '../arena/index.ts'
import type { IdImage, MemberImage, NodeImage } from '../structures/index.ts'
import type { Slot } from './slot.ts'
import type { SortedImage } from './sorted-image.ts'
import type { StreamImage } from './stream-image.ts'

/** A rooted value as it was: a set or hash, a sorted set, a list, a stream. */
export type ValueImage = MemberImage | SortedImage | NodeImage | StreamImage

/** The root of what an image has kept, for the caller to free. */
export interface Leftover {
  readonly kind: 'members' | 'nodes'
  readonly root: Uint8Array
}

/** Those images that are to be told of changes. */
export class Images {
  /** Of sets and hashes, by their entries. */
  members: Map<Ref, MemberImage> | undefined
  /** Of sorted sets, by their entries. */
  sorted: Map<Ref, SortedImage> | undefined
  /** Of lists, by their entries. */
  nodes: Map<Ref, NodeImage> | undefined
  /** Of streams, by their blocks. */
  streams: Map<Ref, StreamImage> | undefined
  /** Of what groups and consumers of those have pending, by their blocks. */
  pending: Map<Ref, IdImage> | undefined

  /** From now on an image is told of what becomes of the value in an entry. */
  watch(image: ValueImage, entry: Ref): void {
    if (image.kind === 'members') this.members = added(this.members, entry, image)
    else if (image.kind === 'sorted') this.sorted = added(this.sorted, entry, image)
    else if (image.kind === 'nodes') this.nodes = added(this.nodes, entry, image)
    else {
      this.streams = added(this.streams, image.stream, image)
      image.eachPending((ref, one) => {
        this.pending = added(this.pending, ref, one)
      })
    }
  }

  /** The value in `entry` is in another one now. */
  moved(image: ValueImage, entry: Ref, value: Slot, to: Ref): void {
    this.#forget(image, entry)
    image.moved(value)
    this.watch(image, to)
  }

  /** A consumer goes, and all that it has pending was told of. */
  consumerLeft(consumer: Ref): void {
    this.pending?.get(consumer)?.left()
    this.pending = without(this.pending, consumer)
  }

  /** An image is told no more, and frees what it can. @returns what is left to be freed. */
  close(image: ValueImage, entry: Ref): Leftover | undefined {
    this.#forget(image, entry)
    if (image.kind === 'stream') {
      image.close()
      return undefined
    }
    const root = image.takeRest()
    if (root === undefined) return undefined
    return { kind: image.kind === 'nodes' ? 'nodes' : 'members', root }
  }

  #forget(image: ValueImage, entry: Ref): void {
    if (image.kind === 'members') this.members = without(this.members, entry)
    else if (image.kind === 'sorted') this.sorted = without(this.sorted, entry)
    else if (image.kind === 'nodes') this.nodes = without(this.nodes, entry)
    else {
      this.streams = without(this.streams, image.stream)
      image.eachPending((ref, one) => {
        if (this.pending?.get(ref) === one) this.pending = without(this.pending, ref)
      })
    }
  }
}

function added<T>(map: Map<Ref, T> | undefined, ref: Ref, image: T): Map<Ref, T> {
  return (map ?? new Map<Ref, T>()).set(ref, image)
}

function without<T>(map: Map<Ref, T> | undefined, ref: Ref): Map<Ref, T> | undefined {
  map?.delete(ref)
  return map?.size === 0 ? undefined : map
}
