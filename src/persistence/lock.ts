/**
 * One store per data folder. The lock is a file that names its holder: the process, the moment of
 * the process's birth (so that a later process with the same id is told apart) and the machine. It
 * outlives a holder that was killed; whoever comes next sees that it is gone and takes over.
 */
import path from 'node:path'
import { FileError, type Files, type Processes, systemText } from '../host/index.ts'
import { AofError, type LogLine } from './errors.ts'

const LOCK_NAME = 'holdfast.lock'

/** Held from `take` to `release`. */
export class FolderLock {
  readonly #files: Files
  readonly #path: string
  readonly #holder: string
  readonly #log: LogLine

  private constructor(files: Files, lockPath: string, holder: string, log: LogLine) {
    this.#files = files
    this.#path = lockPath
    this.#holder = holder
    this.#log = log
  }

  /**
   * Takes the lock of `folder`, which must be there.
   * @throws AofError when a living process holds it, or one of which that cannot be known;
   *   FileError when none can be made.
   */
  static take(files: Files, processes: Processes, folder: string, log: LogLine): FolderLock {
    const lockPath = path.join(folder, LOCK_NAME)
    const birth = processes.birthOf(processes.id) ?? ''
    const holder = `${processes.id} ${birth || '-'} ${processes.machine}\n`
    // Twice, because the first attempt may end in removing what a dead process left.
    for (let attempt = 0; attempt < 2; attempt++) {
      if (create(files, lockPath, holder)) {
        const lock = new FolderLock(files, lockPath, holder, log)
        if (lock.#isOurs()) return lock
      }
      const found = readToJudge(files, lockPath, folder)
      if (found === undefined) continue
      const reason = whyHeld(found, processes)
      if (reason !== undefined) {
        throw new AofError(`The data folder "${folder}" is in use: ${reason} ("${lockPath}")`, {
          path: lockPath,
        })
      }
      log('notice', `Taking over the data folder from a process that ended (${found.trim()})`)
      files.remove(lockPath)
    }
    throw new AofError(`The data folder "${folder}" is being taken by another process just now`, {
      path: lockPath,
    })
  }

  /**
   * Gives the folder free. A lock that is not ours any more is left alone, and so is one that the disk
   * does not let go: whoever comes next sees that its holder is gone.
   */
  release(): void {
    try {
      if (this.#isOurs()) this.#files.remove(this.#path)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#log('warning', `Cannot remove the lock of the data folder: ${error.message}`)
    }
  }

  #isOurs(): boolean {
    return readIfThere(this.#files, this.#path) === this.#holder
  }
}

function create(files: Files, lockPath: string, holder: string): boolean {
  try {
    const file = files.open(lockPath, 'exclusive')
    try {
      const bytes = Buffer.from(holder)
      for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
    } catch (error) {
      if (error instanceof FileError) files.remove(lockPath)
      throw error
    } finally {
      file.close()
    }
    return true
  } catch (error) {
    if (error instanceof FileError && error.code === 'EEXIST') return false
    throw error
  }
}

function readIfThere(files: Files, lockPath: string): string | undefined {
  try {
    return Buffer.from(files.readAll(lockPath)).toString()
  } catch (error) {
    if (error instanceof FileError && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A lock that is there and cannot be read may be anybody's, so it is respected. */
function readToJudge(files: Files, lockPath: string, folder: string): string | undefined {
  try {
    return readIfThere(files, lockPath)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const advice = 'remove the lock if its holder is gone'
    throw new AofError(
      `The data folder "${folder}" may be in use: its lock cannot be read; ${advice} ` +
        `("${lockPath}": ${systemText(error.code)})`,
      { path: lockPath },
    )
  }
}

/** Why the lock must be respected; `undefined` when its holder is gone. */
function whyHeld(found: string, processes: Processes): string | undefined {
  const match = /^(\d+) (\S+) (.*)\n$/.exec(found)
  // A lock that was cut while it was written belongs to somebody who did not get further.
  if (match === null) return undefined
  const [, idText, birth, machine] = match
  if (machine !== processes.machine) {
    return `its lock is held by process ${idText} on "${machine}"; remove the lock if that is gone`
  }
  const living = processes.birthOf(Number(idText))
  if (living === undefined) return undefined
  const isAnother = birth !== '-' && living !== '' && living !== birth
  return isAnother ? undefined : `process ${idText} holds its lock`
}
