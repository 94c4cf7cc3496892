/**
 * Names for files that get their real one when they are whole. A file that is given up is removed off the
 * loop, and a write that had begun may still end in it meanwhile. Whoever got the same name before that
 * is over would lose its file to the removal, or find the write in it: so a name is given out again only
 * when there is no file of that name any more, and the next file has another one until then.
 */
import type { Files } from '../host/index.ts'

const FREED = ['ENOENT', 'EROFS']

export class TemporaryNames {
  readonly #files: Files
  /** Paths of files that are written, or being removed. */
  readonly #taken = new Set<string>()

  constructor(files: Files) {
    this.#files = files
  }

  /** Takes the first path of `pathOf(1)`, `pathOf(2)`… that nobody has, for a file that is about to be made. */
  take(pathOf: (number: number) => string): string {
    let number = 1
    while (this.#taken.has(pathOf(number))) number++
    const path = pathOf(number)
    this.#taken.add(path)
    return path
  }

  /** There is no file at `path`: it has its real name, or was never made. */
  free(path: string): void {
    this.#taken.delete(path)
  }

  /** Removes a file that was given up, off the loop. */
  remove(path: string): void {
    this.#files.removeLater(path, (error) => {
      // One that cannot be removed keeps its name, unless nothing can be written to it either.
      if (error === undefined || FREED.includes(error.code)) this.free(path)
    })
  }
}
