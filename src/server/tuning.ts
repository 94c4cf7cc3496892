/** Settings of the JavaScript engine under the server. */
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/**
 * The path of a request is many small functions, and V8's default budget stops inlining them half
 * way. Twice the budget makes a command a tenth cheaper; more makes little difference to it, while
 * compiling takes twice as long again, on the core that serves. Code optimised from now on has it.
 */
export function tuneCompiler(): void {
  setFlagsFromString('--max-inlined-bytecode-size=800')
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=2000')
}

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
