/** What the server asks of the JavaScript engine's own threads. */
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'

/** What the threads beside the loop give up for it: nine tenths of a core that both want. */
const HELPER_NICENESS = 10
/** The first threads of a process after its own: V8's timekeeper, and its four workers. */
const HELPER_COUNT = 5

/**
 * V8 compiles and collects on threads of its own. Where the process has one core, as in a container or
 * when it is pinned, each of them takes turns with the loop, which then stands still for milliseconds
 * at a time. They are told to step back. Threads are processes to Linux's scheduler, with an id each.
 *
 * The threads that come after them stay as they are: on those the log is synced, and while the loop
 * keeps the core busy, one of them that has to step back ends its sync late.
 */
export function calmHelpers(): void {
  if (process.platform !== 'linux') return
  try {
    const ids = readdirSync('/proc/self/task').map(Number)
    const others = ids.filter((id) => id !== process.pid).sort((a, b) => a - b)
    for (const id of others.slice(0, HELPER_COUNT)) setPriority(id, HELPER_NICENESS)
  } catch {
    // Where that is not allowed they go on as they are.
  }
}
