/** How soon the simulation finds out each store that is broken on purpose. */
import { BROKEN } from './broken.ts'
import type { Variant } from './life.ts'
import { run } from './run.ts'
import { scheduleOf } from './schedule.ts'

/** Every one is found out within so many schedules. */
export const SCHEDULES_MAX = 300

/** @returns how many schedules it took, or `undefined` when there was no violation in all of them. */
export function schedulesToFind(variant: Variant, seed = 1): number | undefined {
  for (let i = 0; i < SCHEDULES_MAX; i++) {
    if (run(scheduleOf(seed + i), { variant }).violation !== undefined) return i + 1
  }
  return undefined
}

/** Shows all of them. @returns whether each was found out. */
export function showTeeth(seed: number, print: (line: string) => void): boolean {
  let areAllFound = true
  for (const variant of BROKEN) {
    const needed = schedulesToFind(variant, seed)
    const count = needed === undefined ? `not within ${SCHEDULES_MAX}` : `${needed} schedules`
    print(`${count.padStart(16)}  a store that ${variant.name}`)
    areAllFound &&= needed !== undefined
  }
  return areAllFound
}
