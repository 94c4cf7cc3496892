/** `--intrinsic-latency`: how long this machine keeps a program waiting that only computes. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Session } from '../session.ts'

/** Ctrl-C is looked at between slices. */
const SLICE_MS = 50

/** Computes for as long as was asked. No server is needed. @returns the exit status. */
export async function runIntrinsicLatency(session: Session): Promise<number> {
  let isStopped = false
  const unlisten = session.io.onInterrupt(() => {
    isStopped = true
  })
  const runTimeUs = session.options.intrinsicSeconds * 1_000_000
  let runs = 0
  let worstUs = 0
  let usedMs = 0
  while (!isStopped && usedMs * 1000 < runTimeUs) {
    const sliceStart = performance.now()
    let now = sliceStart
    while (now - sliceStart < SLICE_MS) {
      const start = now
      compute(runs)
      now = performance.now()
      runs++
      const latencyUs = Math.floor((now - start) * 1000)
      if (latencyUs <= worstUs) continue
      worstUs = latencyUs
      await session.print(`Max latency so far: ${worstUs} microseconds.\n`)
      now = performance.now()
    }
    usedMs += now - sliceStart
    await nextTurn()
  }
  unlisten()
  const averageUs = (usedMs * 1000) / Math.max(1, runs)
  await session.print(
    `\n${runs} total runs (avg latency: ${averageUs.toFixed(4)} microseconds / ` +
      `${(averageUs * 1000).toFixed(2)} nanoseconds per run).\n` +
      `Worst run took ${(worstUs / averageUs).toFixed(0)}x longer than the average latency.\n`,
  )
  return 0
}

const scratch = new Uint32Array(64)

/** A little work that the compiler cannot leave out. */
function compute(seed: number): void {
  for (let at = 0; at < scratch.length; at++) {
    scratch[at] = Math.imul(scratch[(at + seed) & 63]! ^ seed, 0x9e3779b1) + at
  }
}
