/**
 * The real world: the host that a server runs on. Every call of the file system goes through
 * `attempt`, which turns Node's errors into `FileError` with the system's code.
 */
import { randomFillSync } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type Clock,
  FileError,
  type Files,
  type Host,
  type OpenFile,
  type OpenMode,
  type Processes,
  type RandomSource,
  systemText,
  type Timer,
  type Timers,
} from './host.ts'

/** The host of a running program: this machine's clock, randomness, timers, disk and processes. */
export function nodeHost(): Host {
  return { clock, random: new SystemRandom(), timers, files, processes }
}

// The global of this name is looked up each time, which takes a fifth of reading the clock.
const { performance } = globalThis

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** Words drawn at once. With a sixteenth of them a word costs fifty nanoseconds and not one. */
const POOL_WORDS = 4096

/** Draws words from a pool, because a call for each would be slow. */
class SystemRandom implements RandomSource {
  readonly #pool = new Uint32Array(POOL_WORDS)
  #used = POOL_WORDS

  uint32(): number {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    return this.#pool[this.#used++]!
  }

  fill(into: Uint8Array): void {
    randomFillSync(into)
  }
}

/**
 * What waits for the end of a turn. Node's queue alone would be unfair to replies: a slice that asks for
 * the next one is in it before all that the next turn asks for, and each reply would wait for two slices.
 */
class TurnEnd {
  #soon: (() => void)[] = []
  #later: (() => void)[] = []
  #isScheduled = false

  soon(call: () => void): void {
    this.#soon.push(call)
    this.#schedule()
  }

  later(call: () => void): void {
    this.#later.push(call)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#end)
  }

  readonly #end = (): void => {
    this.#isScheduled = false
    if (this.#later.length === 0 && this.#soon.length === 1) {
      // The replies of the turn, most often: without other arrays.
      this.#soon.pop()!()
      return
    }
    const calls = [...this.#soon, ...this.#later]
    this.#soon = []
    this.#later = []
    callAll(calls, 0)
  }
}

function callAll(calls: readonly (() => void)[], from: number): void {
  let at = from
  try {
    while (at < calls.length) calls[at++]!()
  } finally {
    // Those behind one that fails have their turn all the same.
    if (at < calls.length) setImmediate(callAll, calls, at)
  }
}

const turnEnd = new TurnEnd()

const timers: Timers = {
  after(delayMs, call): Timer {
    const timeout = setTimeout(call, delayMs).unref()
    return { stop: () => clearTimeout(timeout) }
  },
  every(periodMs, call): Timer {
    const interval = setInterval(call, periodMs).unref()
    return { stop: () => clearInterval(interval) }
  },
  soon: (call) => turnEnd.soon(call),
  later: (call) => turnEnd.later(call),
}

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants

/** Without O_APPEND, because Linux then takes no notice of a position, which `rewrite` needs. */
const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  append: O_RDWR | O_CREAT,
  create: O_RDWR | O_CREAT | O_TRUNC,
  exclusive: O_RDWR | O_CREAT | O_EXCL,
}

/**
 * Opens a file that is about to lose its name, if there is one. With the last that refers to it the
 * system frees its pages and blocks, which for a snapshot of gigabytes takes longer than the loop may be
 * held: closed off the loop, it goes there. Windows renames nothing onto what is open.
 */
function openReplaced(path: string): number | undefined {
  if (process.platform === 'win32') return undefined
  try {
    return fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}

const files: Files = {
  exists: (name) => fs.existsSync(name),
  list: (folder) => attempt('list', folder, () => fs.readdirSync(folder).sort()),
  open: (name, mode) =>
    attempt('open', name, () => new NodeFile(name, fs.openSync(name, OPEN_FLAGS[mode], 0o644))),
  readAll: (name) => attempt('read', name, () => fs.readFileSync(name)),
  rename(from, to) {
    attempt('rename', from, () => {
      const replaced = openReplaced(to)
      try {
        fs.renameSync(from, to)
      } finally {
        if (replaced !== undefined) fs.close(replaced, () => {})
      }
    })
  },
  remove: (name) => attempt('remove', name, () => fs.unlinkSync(name)),
  makeFolder(name) {
    attempt('create', name, () => makeFolders(name))
  },
  syncFolder(name) {
    // Windows cannot open a folder as a file, and keeps its entries in a journal of its own.
    if (process.platform === 'win32') return
    attempt('sync', name, () => {
      const fd = fs.openSync(name, 'r')
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    })
  },
  syncFolderLater(name, done) {
    if (process.platform === 'win32') {
      setImmediate(() => done(undefined))
      return
    }
    let fd: number
    try {
      fd = fs.openSync(name, 'r')
    } catch (error) {
      setImmediate(() => tell('sync', name, error as Error, done))
      return
    }
    fs.fsync(fd, (error) => {
      fs.closeSync(fd)
      tell('sync', name, error, done)
    })
  },
  removeLater(name, done) {
    fs.unlink(name, (error) => tell('remove', name, error, done))
  },
}

class NodeFile implements OpenFile {
  readonly #path: string
  readonly #fd: number
  /** Where the next write goes. Nobody else writes to a file that we append to. */
  #end: number
  #callsInFlight = 0
  #isClosed = false

  constructor(name: string, fd: number) {
    this.#path = name
    this.#fd = fd
    this.#end = fs.fstatSync(fd).size
  }

  read(into: Uint8Array, start: number, count: number, position: number): number {
    return attempt('read', this.#path, () => fs.readSync(this.#fd, into, start, count, position))
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    const count = this.rewrite(bytes, start, end, this.#end)
    this.#end += count
    return count
  }

  writeLater(
    bytes: Uint8Array,
    start: number,
    end: number,
    done: (error: FileError | undefined) => void,
  ): void {
    this.#callsInFlight++
    fs.write(this.#fd, bytes, start, end - start, this.#end, (error, count) => {
      this.#end += count ?? 0
      const isPart = error === null && count < end - start
      this.#callsInFlight--
      if (isPart && !this.#isClosed) this.writeLater(bytes, start + count, end, done)
      else this.#landed('write', error, done)
    })
  }

  rewrite(bytes: Uint8Array, start: number, end: number, position: number): number {
    try {
      return fs.writeSync(this.#fd, bytes, start, end - start, position)
    } catch (error) {
      throw asFileError('write', this.#path, error)
    }
  }

  size(): number {
    return attempt('read', this.#path, () => fs.fstatSync(this.#fd).size)
  }

  truncate(sizeBytes: number): void {
    attempt('truncate', this.#path, () => fs.ftruncateSync(this.#fd, sizeBytes))
    this.#end = sizeBytes
  }

  sync(): void {
    attempt('sync', this.#path, () => fs.fdatasyncSync(this.#fd))
  }

  syncLater(done: (error: FileError | undefined) => void): void {
    this.#callsInFlight++
    fs.fdatasync(this.#fd, (error) => {
      this.#callsInFlight--
      this.#landed('sync', error, done)
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closeWhenQuiet()
  }

  /** A call off the loop has ended. */
  #landed(verb: string, error: Error | null, done: (error: FileError | undefined) => void): void {
    if (this.#isClosed) this.#closeWhenQuiet()
    tell(verb, this.#path, error, done)
  }

  /** A number that is closed while a call uses it could by then mean another file. */
  #closeWhenQuiet(): void {
    if (this.#callsInFlight > 0) return
    attempt('close', this.#path, () => fs.closeSync(this.#fd))
  }
}

/** Hands on how a call off the loop has ended. */
function tell(
  verb: string,
  name: string,
  error: Error | null,
  done: (error: FileError | undefined) => void,
): void {
  const failure = error === null ? undefined : asFileError(verb, name, error)
  if (failure !== undefined && !(failure instanceof FileError)) throw failure
  done(failure)
}

/** Node's own way of making several never ends where folders cannot be made, as in /proc. */
function makeFolders(name: string): void {
  if (isFolder(name)) return
  const above = path.dirname(name)
  if (above !== name) makeFolders(above)
  try {
    fs.mkdirSync(name)
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(name)) throw error
  }
}

function isFolder(name: string): boolean {
  return fs.statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function attempt<T>(verb: string, name: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asFileError(verb, name, error)
  }
}

function asFileError(verb: string, name: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code
  // A wrong argument is our mistake and no answer of the disk.
  if (code === undefined || code.startsWith('ERR_')) return error as Error
  return new FileError(code, name, `Cannot ${verb} "${name}": ${systemText(code)}`)
}

const processes: Processes = {
  id: process.pid,
  machine: os.hostname(),
  birthOf(id) {
    if (!isAlive(id)) return undefined
    const stat = statOnLinux(id)
    if (stat === undefined) return ''
    return stat.isEnded ? undefined : stat.birth
  },
  collectGarbage() {
    // The function is made known to new contexts only, and is one of V8's own.
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
    setFlagsFromString('--no-expose-gc')
  },
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    // EPERM: there is one, and it belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The boot of the machine with the tick of the process's start: proc(5), `stat`. */
function statOnLinux(id: number): { birth: string; isEnded: boolean } | undefined {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    const stat = fs.readFileSync(path.join('/proc', String(id), 'stat'), 'latin1')
    // The second field is the program's name in brackets, and may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A process that was killed keeps its id until its parent has taken note; it holds nothing.
    return { birth: `${boot}.${fields[19]}`, isEnded: fields[0] === 'Z' || fields[0] === 'X' }
  } catch {
    return undefined
  }
}
