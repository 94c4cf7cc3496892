/**
 * A quicklist as it was at one instant, while it goes on changing. It is read node by node, from the
 * first to the last. Before a node changes a copy of it is put aside, and one that is taken out is kept:
 * such *ghosts* hang at the node behind their place, in order, and are read when the reader comes there.
 *
 *     live      A ─ B' ─ N ─ D          B was changed, N is new, C was taken out, E from the end
 *     ghosts        B        C     E    read as A B C D E; B' and N are *passed*
 *
 * Nodes have no order that could be compared, so a node that the reader has passed may be put aside in
 * vain; its ghosts come to no place where they would be read.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { Chain } from './quicklist-chain.ts'
import { copyOfNode, freeNode, nextOf, setNext } from './quicklist-node.ts'
import type { Stretch } from './stretch.ts'

/** Ghosts that follow each other. */
interface Run {
  first: Ref
  last: Ref
}

export class NodeImage {
  readonly kind = 'nodes'
  /** How many nodes there were. */
  readonly nodes: number
  readonly #arena: Arena
  /** The next live node for the reader; `NONE` at the end. */
  #next: Ref
  /** What is to be read before a live node. */
  readonly #ghosts = new Map<Ref, Run>()
  /** What is to be read behind the last one. */
  #tail: Run | undefined
  /** Live nodes that are new, or whose ghost says what they were. */
  readonly #passed = new Set<Ref>()
  /** What is just being read. */
  #run: Ref = NONE

  /** The instant is now. */
  constructor(arena: Arena, root: Stretch) {
    const chain = new Chain(arena)
    chain.open(root)
    this.#arena = arena
    this.nodes = chain.nodes
    this.#next = chain.head
  }

  /** The root stands elsewhere; the nodes do not. */
  moved(): void {}

  /** Visits one node, live or not, whose neighbours mean nothing. @returns false when all are read. */
  step(visit: (node: Ref) => void): boolean {
    while (this.#run === NONE) {
      const node = this.#next
      const run = node === NONE ? this.#tail : this.#ghosts.get(node)
      if (run !== undefined) {
        this.#run = run.first
        if (node === NONE) this.#tail = undefined
        else this.#ghosts.delete(node)
      } else if (node === NONE) return false
      else {
        this.#next = nextOf(this.#arena, node)
        if (this.#passed.has(node)) continue
        visit(node)
        return true
      }
    }
    const ghost = this.#run
    this.#run = nextOf(this.#arena, ghost)
    visit(ghost)
    freeNode(this.#arena, ghost)
    return true
  }

  /** The content of a node is about to change. */
  before(node: Ref): void {
    if (this.#passed.has(node)) return
    this.#passed.add(node)
    const ghost = copyOfNode(this.#arena, node)
    this.#ghosts.set(node, this.#joined(this.#ghosts.get(node), { first: ghost, last: ghost })!)
  }

  /** A new node was put in. */
  linked(node: Ref): void {
    this.#passed.add(node)
  }

  /** A node was taken out from before `next`. @returns whether it is kept, and must not be freed. */
  leaving(node: Ref, next: Ref): boolean {
    const isPassed = this.#passed.delete(node)
    let run = this.#ghosts.get(node)
    this.#ghosts.delete(node)
    if (node === this.#next) this.#next = next
    else if (next === this.#next) {
      // It stood just before the next one, so it was read.
      this.#free(run?.first ?? NONE)
      return false
    }
    if (!isPassed) {
      setNext(this.#arena, node, NONE)
      run = this.#joined(run, { first: node, last: node })
    }
    const behind = next === NONE ? this.#tail : this.#ghosts.get(next)
    const joined = this.#joined(run, behind)
    if (next === NONE) this.#tail = joined
    else if (joined !== undefined) this.#ghosts.set(next, joined)
    return !isPassed
  }

  #joined(run: Run | undefined, behind: Run | undefined): Run | undefined {
    if (run === undefined || behind === undefined) return run ?? behind
    setNext(this.#arena, run.last, behind.first)
    return { first: run.first, last: behind.last }
  }

  #free(ghost: Ref): void {
    while (ghost !== NONE) {
      const next = nextOf(this.#arena, ghost)
      freeNode(this.#arena, ghost)
      ghost = next
    }
  }

  /** Frees about `budget` ghosts; nothing is to be told any more. @returns whether all are gone. */
  free(budget: number): boolean {
    for (; budget > 0; budget--) {
      if (this.#run === NONE && !this.#takeRun()) return true
      const ghost = this.#run
      this.#run = nextOf(this.#arena, ghost)
      freeNode(this.#arena, ghost)
    }
    return false
  }

  /** Goes on to some ghosts. @returns whether there are any. */
  #takeRun(): boolean {
    for (const [node, run] of this.#ghosts) {
      this.#ghosts.delete(node)
      this.#run = run.first
      return true
    }
    this.#run = this.#tail?.first ?? NONE
    this.#tail = undefined
    return this.#run !== NONE
  }
}
