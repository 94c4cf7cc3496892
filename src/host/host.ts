/** Time as the store sees it. */
export interface Clock {
  /** Milliseconds since 1970, an integer. May jump when the operator sets the clock. */
  nowMs(): number
  /** Milliseconds since some fixed moment, with a fraction. Never runs backwards. */
  monotonicMs(): number
}

/** Where randomness comes from: the system's, or a seed. */
export interface RandomSource {
  /** A whole number in `[0, 2^32)`, uniform. */
  uint32(): number
  /** Fills `into` with random bytes. */
  fill(into: Uint8Array): void
}

/** A timer that was started. */
export interface Timer {
  /** Stops the timer. Stopping twice does no harm. */
  stop(): void
}

/** Calls in the future. */
export interface Timers {
  /** Calls once, not before `delayMs` have gone by. Never keeps a process alive by itself. */
  after(delayMs: number, call: () => void): Timer
  /** Calls again and again, about every `periodMs`. Never keeps a process alive by itself. */
  every(periodMs: number, call: () => void): Timer
  /** Calls once when this turn of the loop has handled its events. */
  soon(call: () => void): void
  /** The same behind all that `soon` was given: for work that can wait longer than replies can. */
  later(call: () => void): void
}

/** The error names of the operating system that the store tells apart. */
export type FileErrorCode =
  | 'ENOENT'
  | 'ENOSPC'
  | 'EIO'
  | 'EACCES'
  | 'EROFS'
  | 'EEXIST'
  | (string & {})

const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EBADF: 'Bad file descriptor',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ESTALE: 'Stale file handle',
}

/** The system's sentence for an error name, as strerror(3) words it; the name when unknown. */
export function systemText(code: FileErrorCode): string {
  return SYSTEM_TEXTS[code] ?? code
}

/** The disk refused. `code` is the system's name for the reason. */
export class FileError extends Error {
  readonly code: FileErrorCode
  readonly path: string

  constructor(code: FileErrorCode, path: string, message: string) {
    super(message)
    this.name = 'FileError'
    this.code = code
    this.path = path
  }
}

/**
 * `read` fails when there is none; `append` creates; `create` empties what was there; `exclusive`
 * creates, and fails with EEXIST when there is one already.
 */
export type OpenMode = 'read' | 'append' | 'create' | 'exclusive'

/** An open file. Calls that fail throw `FileError`. */
export interface OpenFile {
  /** Reads up to `count` bytes at `position` into `into` from `start`. @returns 0 at the end. */
  read(into: Uint8Array, start: number, count: number, position: number): number
  /** Adds `bytes[start, end)` at the file's end. @returns bytes written, maybe fewer than asked. */
  write(bytes: Uint8Array, start: number, end: number): number
  /**
   * The same off the loop, for the whole range. The bytes must stay as they are until `done`, which
   * is never called before this returns. No other write may be begun meanwhile.
   */
  writeLater(
    bytes: Uint8Array,
    start: number,
    end: number,
    done: (error: FileError | undefined) => void,
  ): void
  /**
   * Writes `bytes[start, end)` over what is there from `position` on; all of it must lie inside of
   * the file. @returns bytes written, perhaps fewer than asked.
   */
  rewrite(bytes: Uint8Array, start: number, end: number, position: number): number
  /** The size in bytes. */
  size(): number
  truncate(sizeBytes: number): void
  /** Returns when all that was written is on stable storage (fdatasync). */
  sync(): void
  /** The same off the loop. `done` gets the error, if any, and never before this returns. */
  syncLater(done: (error: FileError | undefined) => void): void
  close(): void
}

/** The file system. Calls that fail throw `FileError`. */
export interface Files {
  exists(path: string): boolean
  /** Names in a folder, sorted. */
  list(folder: string): string[]
  open(path: string, mode: OpenMode): OpenFile
  /** A whole file, for small ones. */
  readAll(path: string): Uint8Array
  rename(from: string, to: string): void
  remove(path: string): void
  /** Makes the folder, and those above it, unless they are there. */
  makeFolder(path: string): void
  /** Makes the folder's own entries (creations, renames) durable. */
  syncFolder(path: string): void
  /** The same off the loop. */
  syncFolderLater(path: string, done: (error: FileError | undefined) => void): void
  /** Removes a file off the loop, since a long one takes long. */
  removeLater(path: string, done: (error: FileError | undefined) => void): void
}

/** Why one cannot work in a folder, in the system's words, or `undefined`. */
export function folderRefusal(files: Files, folder: string): string | undefined {
  try {
    files.list(folder)
    return undefined
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return systemText(error.code)
  }
}

/** What a lock file must know about programs, so that a dead holder's lock is recognised. */
export interface Processes {
  /** This process. */
  readonly id: number
  /** The name of this machine or container. Ids mean nothing outside of it. */
  readonly machine: string
  /**
   * A word that tells a process from a later one with the same id, or an empty word where the
   * system does not say. `undefined` when there is no such process.
   */
  birthOf(id: number): string | undefined
  /** Frees what nothing refers to. Holds the loop for some milliseconds. */
  collectGarbage(): void
}

/** The world outside, as one object to hand down. */
export interface Host {
  readonly clock: Clock
  readonly random: RandomSource
  readonly timers: Timers
  readonly files: Files
  readonly processes: Processes
}
