/** What is done with all nodes of a quicklist: freeing, copying, counting, saving, checking. */
import { NONE, type Ref } from '../arena/index.ts'
import { listpackCount } from './listpack.ts'
import { isListpackValid } from './listpack-check.ts'
import type { Quicklist } from './quicklist.ts'
import { NodeStretch } from './quicklist-content.ts'
import {
  copyOfNode,
  countOf,
  flagsOfNode,
  footprintOf,
  LZF,
  nextOf,
  PLAIN,
  previousOf,
  rawSizeOf,
} from './quicklist-node.ts'
import type { Stretch } from './stretch.ts'

/** Frees up to `budget` nodes of the open quicklist, from its head. @returns whether all are gone. */
export function freeNodes({ chain }: Quicklist, budget: number): boolean {
  for (; budget > 0 && chain.head !== NONE; budget--) {
    chain.count -= countOf(chain.arena, chain.head)
    chain.drop(chain.head)
  }
  return chain.head === NONE
}

/** Begins a quicklist at `target` with copies of all nodes of the open one, which `target` is then. */
export function copyNodes({ chain }: Quicklist, target: Stretch): void {
  const { arena, head, fill, depth } = chain
  chain.begin(target, fill, depth)
  for (let node = head; node !== NONE; node = nextOf(arena, node)) {
    chain.linkAfter(chain.tail, copyOfNode(arena, node))
    chain.count += countOf(arena, node)
  }
  chain.save()
}

/** Bytes that the nodes of the open quicklist take from the arena. */
export function nodesFootprint({ chain }: Quicklist): number {
  let size = 0
  for (let node = chain.head; node !== NONE; node = nextOf(chain.arena, node)) {
    size += footprintOf(chain.arena, node)
  }
  return size
}

/** Bytes of all content of the open quicklist, as it would be without compression. */
export function contentSize({ chain }: Quicklist): number {
  let size = 0
  for (let node = chain.head; node !== NONE; node = nextOf(chain.arena, node)) {
    size += rawSizeOf(chain.arena, node)
  }
  return size
}

/**
 * Visits the content of each node of the open quicklist, first to last: a listpack, or the bytes of
 * one element. It is lent for the call.
 */
export function eachNode(
  { chain }: Quicklist,
  visit: (content: Stretch, isPlain: boolean) => void,
): void {
  const s = new NodeStretch(chain.arena, chain)
  for (let node = chain.head; node !== NONE; node = nextOf(chain.arena, node)) {
    s.open(node)
    visit(s, (flagsOfNode(chain.arena, node) & PLAIN) !== 0)
  }
}

/** Throws when an invariant of the open quicklist does not hold. For tests. */
export function checkQuicklist(list: Quicklist): void {
  const { chain } = list
  const { arena, depth } = chain
  let count = 0
  let index = 0
  let previous: Ref = NONE
  for (let node = chain.head; node !== NONE; node = nextOf(arena, node)) {
    if (previousOf(arena, node) !== previous) throw new Error('a node leads back elsewhere')
    const isOuter = index < depth || index >= chain.nodes - depth
    if (isOuter && flagsOfNode(arena, node) & LZF) throw new Error('an outer node is compressed')
    count += countOf(arena, node)
    previous = node
    index++
  }
  if (chain.tail !== previous) throw new Error('the tail is not the last node')
  if (index !== chain.nodes) throw new Error(`there are ${index} nodes, not ${chain.nodes}`)
  if (count !== chain.count) throw new Error(`there are ${count} elements, not ${chain.count}`)
  const counts: number[] = []
  eachNode(list, (content, isPlain) => counts.push(isPlain ? 1 : checkedCount(content)))
  let node = chain.head
  for (const held of counts) {
    if (countOf(arena, node) !== held) throw new Error('a node counts wrongly')
    node = nextOf(arena, node)
  }
}

function checkedCount(content: Stretch): number {
  const { bytes, start, size } = content
  if (!isListpackValid(bytes, start, start + size)) throw new Error('a listpack is damaged')
  return listpackCount(content)
}
