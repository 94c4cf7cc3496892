/**
 * The manifest in force while the log is open, and the changes of it, none of which holds the loop. A
 * change that fails is taken back, so what is in memory and what a new start would find stay the same.
 */
import { FileError, type Files, type Steps } from '../host/index.ts'
import type { LogLine } from './errors.ts'
import type { Layout } from './layout.ts'
import { EMPTY_MANIFEST, type Manifest, type Part } from './manifest.ts'

export class ManifestKeeper {
  readonly #layout: Layout
  readonly #files: Files
  readonly #log: LogLine
  #current: Manifest
  #isCertain = true

  /** `EMPTY_MANIFEST` stands for none. */
  constructor(layout: Layout, files: Files, current: Manifest, log: LogLine) {
    this.#layout = layout
    this.#files = files
    this.#current = current
    this.#log = log
  }

  /** The manifest in force. */
  get current(): Manifest {
    return this.#current
  }

  /** Another one is in force by now. */
  set current(manifest: Manifest) {
    this.#current = manifest
  }

  /**
   * Whether a new start would find the manifest in force. After a change that failed, and could not be
   * taken back either, it may find the one that was to come: the files of both must stay.
   */
  get isCertain(): boolean {
    return this.#isCertain
  }

  /** Puts `next` in force. When that fails, the old one stays. Names in it must be there. */
  *adopt(next: Manifest): Steps {
    try {
      yield (done) => this.#files.syncFolderLater(this.#layout.folder, done)
      yield* this.#layout.writeInSteps(next)
    } catch (error) {
      if (error instanceof FileError) yield* this.#restore()
      throw error
    }
    this.#current = next
    this.#isCertain = true
  }

  /** Puts back `old`, after which `name` is in use no more and removed. What fails is left alone. */
  *takeBack(old: Manifest, name: string): Steps {
    try {
      if (this.#current !== old || !this.#isCertain) yield* this.adopt(old)
      yield (done) => this.#files.removeLater(this.#layout.pathOf(name), done)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#log('warning', `Cannot take back a change of the AOF: ${error.message}`)
    }
  }

  /** Makes a file the base of all but `increments`. @throws FileError: all is as before. */
  *replaceBase(temporaryPath: string, base: Part, increments: readonly Part[]): Steps {
    const old = this.#current
    const parts = [...(old.base === undefined ? [] : [old.base]), ...old.increments]
    const replaced = parts.filter((part) => !increments.includes(part))
    const layout = this.#layout
    this.#files.rename(temporaryPath, layout.pathOf(base.name))
    try {
      yield* this.adopt({
        base,
        // The newest comes first, as the reference writes it.
        history: [...replaced.reverse(), ...old.history],
        increments,
      })
    } catch (error) {
      if (error instanceof FileError) yield* this.takeBack(old, base.name)
      throw error
    }
  }

  /** Removes history files, then their names. What fails is left for later. */
  *removeHistory(): Steps {
    const { history } = this.#current
    if (history.length === 0) return
    try {
      for (const { name } of history) {
        this.#log('notice', `Removing the history file ${name} in the background`)
        yield* this.#removeIfThere(name)
      }
      yield* this.adopt({ ...this.#current, history: [] })
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#log('warning', `Cannot remove history files of the AOF: ${error.message}`)
    }
  }

  *#removeIfThere(name: string): Steps {
    try {
      yield (done) => this.#files.removeLater(this.#layout.pathOf(name), done)
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'ENOENT') throw error
    }
  }

  *#restore(): Steps {
    this.#isCertain = false
    try {
      if (this.#current === EMPTY_MANIFEST) this.#layout.removeManifest()
      else yield* this.#layout.writeInSteps(this.#current)
      this.#isCertain = true
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#log('warning', `Cannot restore the AOF manifest: ${error.message}`)
    }
  }
}
