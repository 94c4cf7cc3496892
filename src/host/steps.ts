/**
 * Work that waits for the disk between its steps, written down in one piece. A generator yields what
 * begins a wait; it goes on when that is done, and what failed is thrown where it waited.
 *
 *     run(function* () {
 *       yield (done) => file.syncLater(done)
 *       files.rename(from, to)
 *       yield (done) => files.syncFolderLater(folder, done)
 *     }, done)
 *
 * Unlike promises it goes on in the very call that ends the wait, so a test that moves the world step by
 * step sees every state in between.
 */
import { FileError } from './host.ts'

/** Begins something, and is told when it is done. */
export type Wait = (done: (error: FileError | undefined) => void) => void

/** Work with waits in it. */
export type Steps = Generator<Wait, void, void>

/**
 * Runs `steps` to their end, and then calls `done` with what the disk refused, if it did and nobody
 * caught it. Any other error is a mistake of ours and thrown on.
 */
export function runSteps(steps: () => Steps, done: (error: FileError | undefined) => void): void {
  const work = steps()
  const goOn = (error: FileError | undefined): void => {
    let next: IteratorResult<Wait, void>
    try {
      next = error === undefined ? work.next() : work.throw(error)
    } catch (thrown) {
      if (!(thrown instanceof FileError)) throw thrown
      done(thrown)
      return
    }
    if (next.done) done(undefined)
    else next.value(goOn)
  }
  goOn(undefined)
}
