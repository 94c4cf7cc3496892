/**
 * Nodes that have an expiry in the order of time, for collections whose members expire one by one: a
 * treap (Seidel and Aragon, "Randomized Search Trees"), whose links are the two words behind the
 * expiry of a node (structures/node.ts), so that it takes no memory of its own.
 *
 *     order      earlier to the left; nodes of one time in the order of their refs
 *     priority   a mix of the ref: a parent's is above its children's
 *
 * Adding and removing are O(log n), and finding the earliest is. The root is the caller's to keep;
 * what changes the tree returns the new one.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { expiryOf, expiryOffset, headOf } from './node.ts'

/** Where the links stand, in words after the expiry's first. */
const LEFT = 2
const RIGHT = 3

/** Every node has another priority: each step can be undone, so no two refs come to the same. */
function priorityOf(node: Ref): number {
  let mix = Math.imul(node ^ (node >>> 16), 0x7feb352d)
  mix = Math.imul(mix ^ (mix >>> 15), 0x846ca68b)
  return (mix ^ (mix >>> 16)) >>> 0
}

function linkOf(arena: Arena, node: Ref, side: number): Ref {
  const words = arena.words[node >>> 17]!
  return words[expiryOffset(node, headOf(arena, node)) + side]! >>> 0
}

function setLink(arena: Arena, node: Ref, side: number, child: Ref): void {
  arena.words[node >>> 17]![expiryOffset(node, headOf(arena, node)) + side] = child
}

function timeOf(arena: Arena, node: Ref): number {
  return expiryOf(arena, node, headOf(arena, node))
}

/** Whether `node`, which expires at `time`, stands to the left of `other`. */
function isBefore(arena: Arena, node: Ref, time: number, other: Ref): boolean {
  const otherTime = timeOf(arena, other)
  return time < otherTime || (time === otherTime && node < other)
}

/** Adds a node that is not in the tree, by the expiry that stands in it. @returns the new root. */
export function addToExpiryTree(arena: Arena, root: Ref, node: Ref): Ref {
  const time = timeOf(arena, node)
  const priority = priorityOf(node)
  let parent: Ref = NONE
  let side = LEFT
  let below = root
  while (below !== NONE && priorityOf(below) > priority) {
    parent = below
    side = isBefore(arena, node, time, below) ? LEFT : RIGHT
    below = linkOf(arena, below, side)
  }
  splitUnder(arena, node, time, below)
  if (parent === NONE) return node
  setLink(arena, parent, side, node)
  return root
}

/** Hangs what stands in `below` to the left of `node` and what stands to its right under it. */
function splitUnder(arena: Arena, node: Ref, time: number, below: Ref): void {
  // Where the next node of each half is to hang: at first under `node` itself.
  let leftEnd = node
  let leftSide = LEFT
  let rightEnd = node
  let rightSide = RIGHT
  while (below !== NONE) {
    if (isBefore(arena, node, time, below)) {
      setLink(arena, rightEnd, rightSide, below)
      rightEnd = below
      rightSide = LEFT
      below = linkOf(arena, below, LEFT)
    } else {
      setLink(arena, leftEnd, leftSide, below)
      leftEnd = below
      leftSide = RIGHT
      below = linkOf(arena, below, RIGHT)
    }
  }
  setLink(arena, leftEnd, leftSide, NONE)
  setLink(arena, rightEnd, rightSide, NONE)
}

/** Takes out a node whose expiry is still the one it was added with. @returns the new root. */
export function removeFromExpiryTree(arena: Arena, root: Ref, node: Ref): Ref {
  const time = timeOf(arena, node)
  let parent: Ref = NONE
  let side = LEFT
  for (let at = root; at !== node; at = linkOf(arena, at, side)) {
    if (at === NONE) throw new Error('a node that should be in the tree is not')
    parent = at
    side = isBefore(arena, node, time, at) ? LEFT : RIGHT
  }
  let left = linkOf(arena, node, LEFT)
  let right = linkOf(arena, node, RIGHT)
  let top = root
  while (left !== NONE || right !== NONE) {
    const isLeft = right === NONE || (left !== NONE && priorityOf(left) > priorityOf(right))
    const next = isLeft ? left : right
    if (parent === NONE) top = next
    else setLink(arena, parent, side, next)
    parent = next
    side = isLeft ? RIGHT : LEFT
    if (isLeft) left = linkOf(arena, next, RIGHT)
    else right = linkOf(arena, next, LEFT)
  }
  if (parent === NONE) return NONE
  setLink(arena, parent, side, NONE)
  return top
}

/** The node that expires first; `NONE` when the tree is empty. */
export function firstInExpiryTree(arena: Arena, root: Ref): Ref {
  if (root === NONE) return NONE
  let node = root
  for (let left = linkOf(arena, node, LEFT); left !== NONE; left = linkOf(arena, node, LEFT)) {
    node = left
  }
  return node
}

/** How many nodes expire at `time` or before: O(log n) and as many steps as are counted. */
export function countInExpiryTree(arena: Arena, root: Ref, time: number): number {
  let count = 0
  for (let node = root; node !== NONE; ) {
    const isDue = timeOf(arena, node) <= time
    if (isDue) count += 1 + countInExpiryTree(arena, linkOf(arena, node, LEFT), time)
    node = linkOf(arena, node, isDue ? RIGHT : LEFT)
  }
  return count
}

/** Throws when an invariant does not hold. For tests. @returns how many nodes there are. */
export function checkExpiryTree(arena: Arena, root: Ref): number {
  if (root === NONE) return 0
  let count = 1
  for (const side of [LEFT, RIGHT]) {
    const child = linkOf(arena, root, side)
    if (child === NONE) continue
    if (priorityOf(child) >= priorityOf(root)) throw new Error('a child is above its parent')
    const isLeft = isBefore(arena, child, timeOf(arena, child), root)
    if (isLeft !== (side === LEFT)) throw new Error('a node is on the wrong side')
    count += checkExpiryTree(arena, child)
  }
  return count
}
