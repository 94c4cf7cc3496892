/**
 * Who goes first on a core that programs share. Linux's scheduler knows threads and no processes, and a
 * program that compiles has its engine's threads beside its own: what is meant for one has to be told
 * to all of them, or a measurement waits a tick of 4 ms for the compiler of the load beside it.
 */
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'

/** The niceness of what steps back for everything else, and of what goes before everything else. */
const LAST = 19
const FIRST = -10

/** All threads of this program step back. */
export function stepBack(): void {
  setAll(LAST)
}

/** All threads of this program go first, where that is allowed; else they stay as they are. */
export function goFirst(): void {
  setAll(FIRST)
}

function setAll(niceness: number): void {
  for (const id of threads()) {
    try {
      setPriority(id, niceness)
    } catch {
      // Not allowed, or a thread that has ended meanwhile.
    }
  }
}

/** The threads of this program; where they are not to be known, the one that asks. */
function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    return [0]
  }
}
