/** Leaves events of a run out, as long as it still ends in a violation. */
import type { Outcome, RunOptions } from './outcome.ts'
import { run } from './run.ts'
import type { Schedule } from './schedule.ts'

/** Runs tried at most; a minute's worth. */
const RUNS_MAX = 1500

/** @returns the shortest run that was found, and what it came to, with its trace. */
export async function shrink(
  schedule: Schedule,
  options: RunOptions = {},
): Promise<{ schedule: Schedule; outcome: Outcome }> {
  let { happenings } = schedule
  let runs = 0
  const fails = async (fewer: typeof happenings) => {
    if (runs++ >= RUNS_MAX) return false
    return (await run({ ...schedule, happenings: fewer }, options)).violation !== undefined
  }
  for (let size = happenings.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < happenings.length; ) {
      const fewer = [...happenings.slice(0, at), ...happenings.slice(at + size)]
      if (await fails(fewer)) happenings = fewer
      else at += size
    }
  }
  const shortest = { ...schedule, happenings }
  return { schedule: shortest, outcome: await run(shortest, { ...options, isTraced: true }) }
}
