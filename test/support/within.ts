/** Waiting for what others do, within bounds. */
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 10

/** Looks again and again until `isSo`. Throws when that takes longer than `limitMs`. */
export async function within(limitMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${isSo}`)
    await pause(LOOK_EVERY_MS)
  }
}
