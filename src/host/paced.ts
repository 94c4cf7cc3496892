/**
 * Long work that can pause: a generator that yields now and then. It can be finished in one go, or done in
 * slices between which the loop serves others.
 */
import type { Clock, Timer, Timers } from './host.ts'

/** Work that may pause at each `yield`, which says for how many milliseconds it had better, 0 for none. */
export type Paced<T> = Generator<number, T, void>

/** Does all of it now. */
export function finishPaced<T>(work: Paced<T>): T {
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
  }
}

/** What came of paced work. */
export type PacedResult<T> = { readonly value: T } | { readonly error: unknown }

/**
 * Does it in slices of about `sliceMs`. `done` is called in a later turn, unless the work is stopped before.
 * Stopping runs what the work has to do at its end in any case (`finally`).
 */
export function runPaced<T>(
  work: Paced<T>,
  host: { readonly clock: Clock; readonly timers: Timers },
  sliceMs: number,
  done: (result: PacedResult<T>) => void,
): Timer {
  const { clock, timers } = host
  let isStopped = false
  const slice = () => {
    if (isStopped) return
    const untilMs = clock.monotonicMs() + sliceMs
    let pauseMs = 0
    try {
      do {
        const next = work.next()
        if (next.done) {
          isStopped = true
          done({ value: next.value })
          return
        }
        pauseMs = next.value
      } while (pauseMs === 0 && clock.monotonicMs() < untilMs)
    } catch (error) {
      if (isStopped) throw error
      isStopped = true
      done({ error })
      return
    }
    if (pauseMs > 0) timers.after(pauseMs, slice)
    else timers.later(slice)
  }
  timers.later(slice)
  return {
    stop: () => {
      if (isStopped) return
      isStopped = true
      work.return(undefined as never)
    },
  }
}
