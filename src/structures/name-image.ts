/**
 * Named blocks as they were at one instant, while they go on changing. They are read in the order of
 * their names. A block that is still ahead is noted before it changes or goes, and read at the end.
 *
 *     names   ──── read ────► place ──── read where not noted ────► end ──► what was noted
 */
import type { Ref } from '../arena/index.ts'
import { compareRanges, Slice } from '../bytes/index.ts'
import type { NameTree } from './name-tree.ts'
import { TreeCursor } from './tree-cursor.ts'

/** What is noted of a block, which may go on noting. */
export interface NameNote {
  readonly block: Ref
  /** Frees about `budget` of what it keeps; it is told nothing any more. @returns whether all is freed. */
  free(budget: number): boolean
}

/** How blocks are noted. */
export interface NoteKeeper<Note> {
  /** What a block is now; from now on it is told of changes. */
  note(block: Ref): Note
  /** What was noted is told of no more. */
  forget(note: Note): void
}

/** Blocks that are passed over between two pauses. */
const PASSED_PER_STEP = 64
const FREED_PER_STEP = 64

const name = new Slice(new Uint8Array(0), 0, 0)

export class NameImage<Note extends NameNote> {
  /** How many there were. */
  readonly count: number
  readonly #tree: NameTree
  readonly #owner: Ref
  readonly #keeper: NoteKeeper<Note>
  /** Blocks with names up to here do not matter any more, unless they are noted. */
  #place: Uint8Array | undefined
  #isAtEnd = false
  /** Of blocks that are there, what they were. */
  #noted: Map<Ref, Note> | undefined
  /** The same of those that are there no more. */
  #gone: Note[] | undefined
  /** Blocks that were made since the instant. */
  #fresh: Set<Ref> | undefined
  /** What is just being read. */
  #current: Note | undefined

  /** The instant is now. */
  constructor(tree: NameTree, owner: Ref, keeper: NoteKeeper<Note>) {
    this.#tree = tree
    this.#owner = owner
    this.#keeper = keeper
    this.count = tree.tree.count(owner)
  }

  // ---- being told

  /** A block is about to change, or what belongs to it. @returns what is to be told of that. */
  before(block: Ref): Note | undefined {
    const noted = this.#noted?.get(block)
    if (noted !== undefined || this.#isPast(block)) return noted
    const note = this.#keeper.note(block)
    this.#noted ??= new Map()
    this.#noted.set(block, note)
    return note
  }

  /** A block was put in. */
  coming(block: Ref): void {
    if (this.#isAtEnd) return
    this.#fresh ??= new Set()
    this.#fresh.add(block)
  }

  /** A block is about to be taken out. @returns what is to be told of that, for the last time. */
  leaving(block: Ref): Note | undefined {
    const note = this.before(block)
    this.#fresh?.delete(block)
    if (note === undefined) return undefined
    this.#drop(note)
    this.#gone ??= []
    if (note !== this.#current) this.#gone.push(note)
    return note
  }

  #isPast(block: Ref): boolean {
    if (this.#isAtEnd || this.#fresh?.has(block)) return true
    const place = this.#place
    if (place === undefined) return false
    const { bytes, start, end } = this.#tree.nameOf(block, name)
    return compareRanges(bytes, start, end, place, 0, place.length) <= 0
  }

  #drop(note: Note): void {
    // Of one that has gone, another may have the block by now.
    if (this.#noted?.get(note.block) !== note) return
    this.#noted.delete(note.block)
    this.#keeper.forget(note)
  }

  // ---- reading

  /** Gives all that there were, each until the next is asked for, and `undefined` for a pause. */
  *each(): Generator<Note | undefined, void, void> {
    const cursor = new TreeCursor()
    let steps = 0
    for (let on = this.#seek(this.#place, cursor); on; ) {
      const block = this.#tree.blockAt(cursor)
      const isNew = !this.#noted?.has(block) && !this.#fresh?.has(block)
      if (!isNew && ++steps % PASSED_PER_STEP !== 0) on = this.#tree.tree.next(cursor)
      else {
        const note = isNew ? this.before(block) : undefined
        this.#place = this.#tree.nameOf(block, name).copyOf()
        if (note === undefined) yield
        else yield* this.#read(note)
        on = this.#seek(this.#place, cursor)
      }
    }
    this.#isAtEnd = true
    for (let note = this.#takeNote(); note !== undefined; note = this.#takeNote()) {
      yield* this.#read(note)
    }
  }

  #takeNote(): Note | undefined {
    const gone = this.#gone?.pop()
    if (gone !== undefined || this.#noted === undefined) return gone
    for (const note of this.#noted.values()) return note
    return undefined
  }

  *#read(note: Note): Generator<Note | undefined, void, void> {
    this.#current = note
    yield note
    this.#drop(note)
    while (!note.free(FREED_PER_STEP)) yield
    this.#current = undefined
  }

  /**
   * Gives those that there were and that are noted, or that `isWanted`, and notes them. `each` has not
   * begun yet, and will give them again. `undefined` is a pause.
   */
  *survey(isWanted: (block: Ref) => boolean): Generator<Note | undefined, void, void> {
    const cursor = new TreeCursor()
    let steps = 0
    for (let on = this.#seek(undefined, cursor); on; ) {
      const block = this.#tree.blockAt(cursor)
      const isIn = this.#noted?.has(block) || (!this.#fresh?.has(block) && isWanted(block))
      if (!isIn && ++steps % PASSED_PER_STEP !== 0) on = this.#tree.tree.next(cursor)
      else {
        const place = this.#tree.nameOf(block, name).copyOf()
        yield isIn ? this.before(block) : undefined
        on = this.#seek(place, cursor)
      }
    }
    for (let i = 0; i < (this.#gone?.length ?? 0); i++) yield this.#gone![i]
  }

  /** Moves `cursor` to the first block whose name is above `place`. @returns whether there is one. */
  #seek(place: Uint8Array | undefined, cursor: TreeCursor): boolean {
    const { tree } = this.#tree
    if (place === undefined) return tree.first(this.#owner, cursor)
    const sought = new Slice(place, 0, place.length)
    if (!tree.floor(this.#owner, sought, cursor)) return tree.first(this.#owner, cursor)
    return tree.next(cursor)
  }

  /** Frees about `budget` of what is kept; nothing is to be told any more. @returns whether all is. */
  free(budget: number): boolean {
    for (;;) {
      this.#current ??= this.#takeNote()
      if (this.#current === undefined) return true
      if (budget-- <= 0 || !this.#current.free(budget)) return false
      this.#drop(this.#current)
      this.#current = undefined
    }
  }
}
