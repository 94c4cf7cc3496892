/**
 * Images: what values were at one instant, for those who write them down while they go on changing. A
 * type tells the image of a value of each element before it changes; `Images` says which value has one.
 * There are only some while something is saved, so what changes a value asks for `undefined` and no more.
 */
import type { Ref } from '../arena/index.ts'
import type { MemberImage, NodeImage } from '../structures/index.ts'
import type { Slot } from './slot.ts'
import type { SortedImage } from './sorted-image.ts'
import type { GroupImage, StreamImage } from './stream-image.ts'
import type { StringImage } from './string-image.ts'

/** A rooted value as it was, a set or hash, a sorted set, a list, a stream; or a long string. */
export type ValueImage = MemberImage | SortedImage | NodeImage | StreamImage | StringImage

/** Those images that are to be told of changes. */
export class Images {
  /** Of sets and hashes, by their entries. */
  members: Map<Ref, MemberImage> | undefined
  /** Of sorted sets, by their entries. */
  sorted: Map<Ref, SortedImage> | undefined
  /** Of lists, by their entries. */
  nodes: Map<Ref, NodeImage> | undefined
  /** Of long strings, by their entries. */
  strings: Map<Ref, StringImage> | undefined
  /** Of streams, by their blocks. */
  streams: Map<Ref, StreamImage> | undefined
  /** Of groups of those, by their blocks, where they are noted. */
  readonly groups = new Map<Ref, GroupImage>()

  /** From now on an image is told of what becomes of the value in an entry. */
  watch(image: ValueImage, entry: Ref): void {
    if (image.kind === 'members') this.members = added(this.members, entry, image)
    else if (image.kind === 'sorted') this.sorted = added(this.sorted, entry, image)
    else if (image.kind === 'nodes') this.nodes = added(this.nodes, entry, image)
    else if (image.kind === 'string') this.strings = added(this.strings, entry, image)
    else {
      this.streams = added(this.streams, image.stream, image)
      image.enterGroups(this.groups)
    }
  }

  /** The value in `entry` is in another one now. */
  moved(image: ValueImage, entry: Ref, value: Slot, to: Ref): void {
    // A stream is where it was, only its root is not.
    if (image.kind === 'stream') return
    this.forget(image, entry)
    if (image.kind === 'string') image.moved(to)
    else image.moved(value)
    this.watch(image, to)
  }

  /** An image is told no more. What it has kept is for the caller to free, by its `free`. */
  forget(image: ValueImage, entry: Ref): void {
    if (image.kind === 'members') this.members = without(this.members, entry)
    else if (image.kind === 'sorted') this.sorted = without(this.sorted, entry)
    else if (image.kind === 'nodes') this.nodes = without(this.nodes, entry)
    else if (image.kind === 'string') this.strings = without(this.strings, entry)
    else this.streams = without(this.streams, image.stream)
  }
}

function added<T>(map: Map<Ref, T> | undefined, ref: Ref, image: T): Map<Ref, T> {
  return (map ?? new Map<Ref, T>()).set(ref, image)
}

function without<T>(map: Map<Ref, T> | undefined, ref: Ref): Map<Ref, T> | undefined {
  map?.delete(ref)
  return map?.size === 0 ? undefined : map
}
