/** How soon the simulation finds out each store that is broken on purpose. */
import { BROKEN } from './broken.ts'
import type { Variant } from './life.ts'
import { run } from './run.ts'
import { scheduleOf } from './schedule.ts'

/** Every one is found out within so many schedules. */
export const SCHEDULES_MAX = 300

/** @returns how many schedules it took, or `undefined` when there was no violation in all of them. */
export async function schedulesToFind(variant: Variant, seed = 1): Promise<number | undefined> {
  for (let i = 0; i < SCHEDULES_MAX; i++) {
    const { violation } = await run(scheduleOf(seed + i), { variant })
    if (violation !== undefined) return i + 1
  }
  return undefined
}

/** Shows all of them. @returns whether each was found out. */
export async function showTeeth(seed: number, print: (line: string) => void): Promise<boolean> {
  let areAllFound = true
  for (const variant of BROKEN) {
    const needed = await schedulesToFind(variant, seed)
    const count = needed === undefined ? `not within ${SCHEDULES_MAX}` : `${needed} schedules`
    print(`${count.padStart(16)}  a store that ${variant.name}`)
    areAllFound &&= needed !== undefined
  }
  return areAllFound
}
