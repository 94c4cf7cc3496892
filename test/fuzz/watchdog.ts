/**
 * Ends the process when a case does not end: a thread of its own looks whether the seed changes, since
 * the loop that would is held.
 */
import { writeSync } from 'node:fs'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

/** Cases take a few milliseconds, and the largest some hundred. */
const CASE_MS_MAX = 30_000
const LOOK_EVERY_MS = 1000
const STANDARD_ERROR = 2

/** Two words: the seed that is being tried, and how many were. */
type Board = Uint32Array

export class Watchdog {
  readonly #board: Board = new Uint32Array(new SharedArrayBuffer(8))
  readonly #thread = new Worker(new URL(import.meta.url), { workerData: this.#board })

  /** The case of this seed begins. */
  watch(seed: number): void {
    this.#board[0] = seed
    Atomics.add(this.#board, 1, 1)
  }

  /** Nothing is watched any more. */
  stop(): void {
    this.#thread.terminate()
  }
}

function look(board: Board): void {
  let before = -1
  let sinceMs = performance.now()
  setInterval(() => {
    const count = Atomics.load(board, 1)
    if (count !== before) sinceMs = performance.now()
    before = count
    if (performance.now() - sinceMs < CASE_MS_MAX) return
    const line = `VIOLATION: the case of seed ${board[0]} does not end\n`
    writeSync(STANDARD_ERROR, line)
    process.kill(process.pid, 'SIGKILL')
  }, LOOK_EVERY_MS)
}

if (!isMainThread && workerData instanceof Uint32Array) look(workerData)
