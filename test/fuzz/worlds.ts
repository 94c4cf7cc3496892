/**
 * Worlds follow one another by the thousand here. V8 does not count the pages of their arenas, so it would
 * not collect them in time: who is done with a world hands its pages on to the next.
 */
import { SparePages } from '../../src/arena/index.ts'
import { World, type WorldOptions } from '../support/world.ts'

const spares = new SparePages()

/** A world of its own. Call `retire` when nobody uses it any more. */
export function newWorld(options: WorldOptions): World {
  return new World({ ...options, spares })
}

/** Leaves the memory of a world to the next ones. */
export function retire({ store }: World): void {
  store.keyspace.arena.retire()
}
