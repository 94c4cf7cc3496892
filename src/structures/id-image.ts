/**
 * An ordered map by ids as it was at one instant, while it goes on changing. What an id led to before it
 * changed, or that it was not there, is noted in a second tree; whoever reads gets the two merged.
 *
 *     noted   id 4 · payload as it was … · whether it was there 1
 *
 * Reading begins and goes on anywhere, as often as is wanted: `seek` after something has changed.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { ID_WORDS, type IdTree, newIdTree, type WideId } from './id-tree.ts'
import { TreeCursor } from './tree-cursor.ts'
import type { PayloadVisitor } from './tree-nodes.ts'

/** Words of the block that owns the second tree. */
const OWNER_WORDS = 2

/** An id as it stands at a cursor. */
class HeldId implements WideId {
  msHigh = 0
  msLow = 0
  seqHigh = 0
  seqLow = 0

  read({ words, at }: TreeCursor): this {
    this.msHigh = words[at]!
    this.msLow = words[at + 1]!
    this.seqHigh = words[at + 2]!
    this.seqLow = words[at + 3]!
    return this
  }
}

const held = new HeldId()
const sought = new TreeCursor()
const NOWHERE = new TreeCursor()

export class IdImage {
  /** How many ids there were. */
  readonly count: number
  /** Where the payload of an id begins, in words from where the id stands. */
  readonly payloadAt: number = ID_WORDS
  readonly #arena: Arena
  readonly #tree: IdTree
  readonly #payloadWords: number
  /** Whose tree it is; `NONE` when it is there no more. */
  #owner: Ref
  /** There from the first change on. */
  #noted: IdTree | undefined
  #notedOwner: Ref = NONE
  /** Where reading is in the two trees. */
  #live = NOWHERE
  #old = NOWHERE

  /** The instant is now. */
  constructor(arena: Arena, tree: IdTree, owner: Ref) {
    this.#arena = arena
    this.#tree = tree
    this.#owner = owner
    this.#payloadWords = tree.nodes.leafStride - ID_WORDS
    this.count = tree.count(owner)
  }

  // ---- reading

  /** Moves `cursor` to the first id that is not below one. @returns whether there is one. */
  ceiling(id: WideId, cursor: TreeCursor): boolean {
    this.#open()
    if (this.#owner === NONE) this.#live.end()
    else this.#tree.ceiling(this.#owner, id, this.#live)
    if (this.#noted === undefined) this.#old.end()
    else this.#noted.ceiling(this.#notedOwner, id, this.#old)
    return this.#settle(cursor)
  }

  /** Moves `cursor` to the id after the one it was moved to last. @returns whether there is one. */
  next(cursor: TreeCursor): boolean {
    const { node, index } = this.#old
    if (node !== NONE && cursor.node === node && cursor.index === index)
      this.#noted!.next(this.#old)
    else this.#tree.next(this.#live)
    return this.#settle(cursor)
  }

  /** Whether an id was there; then `cursor` is moved to it. */
  find(id: WideId, cursor: TreeCursor): boolean {
    if (this.#noted?.find(this.#notedOwner, id, cursor)) {
      return this.#wasThere(cursor) || cursor.end()
    }
    return this.#owner !== NONE && this.#tree.find(this.#owner, id, cursor)
  }

  /** Moves `cursor` to the last id that is not above one. @returns whether there is one. */
  floor(id: WideId, cursor: TreeCursor): boolean {
    this.#open()
    const live = this.#live
    const old = this.#old
    let isOld = this.#noted?.floor(this.#notedOwner, id, old) ?? old.end()
    while (isOld && !this.#wasThere(old)) isOld = this.#noted!.previous(old)
    let isLive = this.#owner === NONE ? live.end() : this.#tree.floor(this.#owner, id, live)
    while (isLive && this.#isNoted(live)) isLive = this.#tree.previous(live)
    if (!isLive && !isOld) return cursor.end()
    // Both trees go on from there.
    return this.ceiling(
      held.read(!isLive || (isOld && compareIds(live, old) < 0) ? old : live),
      cursor,
    )
  }

  /** There may be very many images, most of which are of nothing and never read. */
  #open(): void {
    if (this.#live !== NOWHERE) return
    this.#live = new TreeCursor()
    this.#old = new TreeCursor()
  }

  #isNoted(cursor: TreeCursor): boolean {
    return this.#noted?.find(this.#notedOwner, held.read(cursor), sought) ?? false
  }

  /** The lower of what the two trees have, where it counts. */
  #settle(cursor: TreeCursor): boolean {
    const live = this.#live
    const old = this.#old
    while (old.node !== NONE) {
      const order = live.node === NONE ? 1 : compareIds(live, old)
      if (order < 0) break
      if (order === 0) this.#tree.next(live)
      if (this.#wasThere(old)) {
        cursor.moveTo(old)
        return true
      }
      this.#noted!.next(old)
    }
    cursor.moveTo(live)
    return live.node !== NONE
  }

  #wasThere({ words, at }: TreeCursor): boolean {
    return words[at + ID_WORDS + this.#payloadWords] === 1
  }

  /** Visits all ids, with a pause after every `step` of them, in which the map may change. */
  *each(step: number, visit: (cursor: TreeCursor) => void): Generator<void, void, void> {
    if (this.count === 0) return
    const cursor = new TreeCursor()
    const last = new HeldId()
    let isThere = this.ceiling(last, cursor)
    while (isThere) {
      for (let i = 0; isThere && i < step; i++) {
        visit(cursor)
        last.read(cursor)
        isThere = this.next(cursor)
      }
      if (!isThere) return
      yield
      isThere = this.ceiling(last, cursor)
      if (isThere && isIdAt(last, cursor)) isThere = this.next(cursor)
    }
  }

  // ---- being told

  /** An id that is missing is about to be put in. */
  coming(id: WideId): void {
    if (!this.#note(id)) return
    const { words, at } = sought
    words[at + ID_WORDS + this.#payloadWords] = 0
  }

  /**
   * What `cursor` stands at is about to be changed or taken out. `clone` is told where the payload stands
   * that is kept: it may be about to change what that leads to.
   * @returns whether it was not noted before.
   */
  before(cursor: TreeCursor, clone?: PayloadVisitor): boolean {
    if (!this.#note(held.read(cursor))) return false
    const { words, at } = sought
    for (let i = 0; i < this.#payloadWords; i++) {
      words[at + ID_WORDS + i] = cursor.words[cursor.at + ID_WORDS + i]!
    }
    words[at + ID_WORDS + this.#payloadWords] = 1
    clone?.(words, at + ID_WORDS)
    return true
  }

  /** The tree is about to be freed, and all in it was noted. */
  left(): void {
    this.#owner = NONE
  }

  #note(id: WideId): boolean {
    if (this.#noted === undefined) {
      this.#noted = newIdTree(this.#arena, 0, this.#payloadWords + 1)
      this.#notedOwner = this.#arena.allocate(OWNER_WORDS * 4)
      this.#noted.begin(this.#notedOwner)
    }
    return this.#noted.insert(this.#notedOwner, id, sought)
  }

  /**
   * Frees about `budget` leaves of what is noted. `release` is told of the payload of each id that was
   * there. @returns whether all is freed.
   */
  free(budget: number, release?: PayloadVisitor): boolean {
    if (this.#noted === undefined) return true
    const isDone = this.#noted.free(this.#notedOwner, budget, (words, at) => {
      if (words[at + this.#payloadWords] === 1) release?.(words, at)
    })
    if (!isDone) return false
    this.#arena.free(this.#notedOwner)
    this.#noted = undefined
    return true
  }
}

function isIdAt(id: WideId, { words, at }: TreeCursor): boolean {
  return (
    words[at] === id.msHigh &&
    words[at + 1] === id.msLow &&
    words[at + 2] === id.seqHigh &&
    words[at + 3] === id.seqLow
  )
}

function compareIds(a: TreeCursor, b: TreeCursor): number {
  for (let i = 0; i < ID_WORDS; i++) {
    const high = a.words[a.at + i]! >>> 0
    const low = b.words[b.at + i]! >>> 0
    if (high !== low) return high < low ? -1 : 1
  }
  return 0
}
