/**
 * Loads the files of a log in their order. The last one may end in the middle of a command, because
 * the machine stopped while it was written; that tail was never acknowledged as stable, and is cut
 * off when `aof-load-truncated` allows it. Everything else that is wrong is refused, with the file
 * and the byte, since going on would silently lose what follows.
 */
import { FileError, type Files, type OpenFile, type Paced } from '../host/index.ts'
import { type ApplyCommands, type ReadEnd, readCommandsPaced } from './command-reader.ts'
import { AofError, type LogLine } from './errors.ts'
import { type Layout, sizeOf } from './layout.ts'
import type { Manifest, Part } from './manifest.ts'

/** What a disk writes as a whole. */
const SECTOR_BYTES = 512
const COPY_BYTES = 64 * 1024

/** Loads the snapshot at the beginning of `file`. @returns the offset after it. */
export type LoadSnapshot = (file: OpenFile, path: string, progress: LoadProgress) => Paced<number>

/** How far loading has come. */
export interface LoadProgress {
  /** There are so many bytes to load in all. */
  begun(totalBytes: number): void
  /**
   * So many of them were loaded so far, and so many keys or commands since the last call.
   * @returns for how many milliseconds loading should pause.
   */
  passed(loadedBytes: number, count: number): number
}

/** What loading needs. */
export interface LoadOptions {
  readonly files: Files
  readonly apply: ApplyCommands
  readonly loadSnapshot: LoadSnapshot
  /** `aof-load-truncated`. */
  readonly allowsCutTail: boolean
  readonly log: LogLine
  readonly monotonicMs: () => number
  readonly progress?: LoadProgress | undefined
}

/** What was loaded. */
export interface Loaded {
  readonly commands: number
  readonly baseBytes: number
  /** Base and increments together, after a cut tail was removed. */
  readonly totalBytes: number
}

/** Loads everything that `manifest` names. @throws AofError when the log cannot be trusted. */
export function* loadParts(
  layout: Layout,
  manifest: Manifest,
  options: LoadOptions,
): Paced<Loaded> {
  const base = manifest.base === undefined ? [] : [manifest.base]
  const parts = [...base, ...manifest.increments]
  for (const part of parts) assertThere(options.files, layout, part.name)
  const sizeOfPart = ({ name }: Part) => sizeOf(options.files, layout.pathOf(name))
  options.progress?.begun(parts.reduce((sum, part) => sum + sizeOfPart(part), 0))
  let commands = 0
  let totalBytes = 0
  let baseBytes = 0
  // The next increment is there, and empty, for a moment before anything is written to it.
  const isLast = (index: number) => parts.slice(index + 1).every((part) => sizeOfPart(part) === 0)
  for (const [index, part] of parts.entries()) {
    const isBase = index < base.length
    const beganMs = options.monotonicMs()
    const progress = shifted(options.progress, totalBytes)
    commands += yield* loadPart(layout, part.name, isLast(index), { ...options, progress })
    const bytes = sizeOfPart(part)
    totalBytes += bytes
    if (isBase) baseBytes = bytes
    const seconds = ((options.monotonicMs() - beganMs) / 1000).toFixed(3)
    const kind = isBase ? 'base' : 'incr'
    options.log('notice', `DB loaded from ${kind} file ${part.name}: ${seconds} seconds`)
  }
  return { commands, baseBytes, totalBytes }
}

function assertThere(files: Files, layout: Layout, name: string): void {
  const path = layout.pathOf(name)
  if (files.exists(path)) return
  throw new AofError(
    `The append only file ${path} cannot be opened: No such file or directory, ` +
      `and the manifest "${layout.manifestPath}" names it`,
    { path },
  )
}

/** Progress in a file before which there are so many bytes in others. */
function shifted(progress: LoadProgress | undefined, bytesBefore: number): LoadProgress {
  return {
    begun: () => {},
    passed: (bytes, count) => progress?.passed(bytesBefore + bytes, count) ?? 0,
  }
}

function* loadPart(
  layout: Layout,
  name: string,
  isLast: boolean,
  options: LoadOptions & { readonly progress: LoadProgress },
): Paced<number> {
  const path = layout.pathOf(name)
  const file = options.files.open(path, 'read')
  let end: ReadEnd
  try {
    const from = yield* loadSnapshot(file, path, options)
    const apply = guarded(path, options.apply)
    end = yield* readCommandsPaced(file, from, { ...options.progress, apply })
  } finally {
    file.close()
  }
  if (end.kind === 'damaged' && !(isLast && isTorn(path, end.offsetBytes, options))) {
    throw new AofError(
      `Bad file format reading the append only file "${path}" at byte ${end.offsetBytes}: ` +
        `${end.why}. Make a backup of your AOF files, then use ` +
        `./redis-check-aof --fix ${layout.manifestHint}`,
      { path, offsetBytes: end.offsetBytes },
    )
  }
  if (end.kind === 'damaged') keepTornTail(layout, name, end.wholeUpTo, options)
  if (end.kind !== 'whole') repairTail(layout, name, end.wholeUpTo, isLast, options)
  return end.commands
}

function* loadSnapshot(
  file: OpenFile,
  path: string,
  options: LoadOptions & { readonly progress: LoadProgress },
): Paced<number> {
  const signature = new Uint8Array(5)
  const count = file.read(signature, 0, 5, 0)
  if (count < 5 || Buffer.from(signature).toString('latin1') !== 'REDIS') return 0
  options.log('notice', 'Reading RDB base file on AOF loading...')
  return yield* options.loadSnapshot(file, path, options.progress)
}

/** Adds the place to what goes wrong in a command, which knows nothing of files. */
function guarded(path: string, apply: ApplyCommands): ApplyCommands {
  return (bytes, start, end, offsetBytes) => {
    try {
      apply(bytes, start, end, offsetBytes)
    } catch (cause) {
      if (cause instanceof AofError || cause instanceof FileError) throw cause
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new AofError(
        `Cannot replay the commands at bytes ${offsetBytes} to ${offsetBytes + end - start} of ` +
          `the append only file "${path}": ${why}`,
        { path, offsetBytes, cause },
      )
    }
  }
}

/**
 * Whether what is wrong is a sector that was never written, while later ones were: a file system may
 * write what was not synced in any order before a power cut, and shows zeros in between. Nothing from
 * there on was synced, since a sync would have written that sector too.
 */
function isTorn(path: string, offsetBytes: number, options: LoadOptions): boolean {
  if (!options.allowsCutTail) return false
  const rest = new Uint8Array(SECTOR_BYTES - (offsetBytes % SECTOR_BYTES))
  const file = options.files.open(path, 'read')
  try {
    return (
      file.read(rest, 0, rest.length, offsetBytes) === rest.length &&
      rest.every((byte) => byte === 0)
    )
  } finally {
    file.close()
  }
}

/** Puts what is about to be cut off into a file of its own: it may be more than a short tail. */
function keepTornTail(
  layout: Layout,
  name: string,
  from: number,
  { files, log }: LoadOptions,
): void {
  const path = layout.pathOf(name)
  const keptPath = `${path}.torn-at-${from}`
  log(
    'warning',
    `!!! "${path}" was torn at byte ${from}; what follows is kept in "${keptPath}" !!!`,
  )
  const file = files.open(path, 'read')
  const kept = files.open(keptPath, 'create')
  try {
    const chunk = new Uint8Array(COPY_BYTES)
    for (let at = from; ; ) {
      const count = file.read(chunk, 0, chunk.length, at)
      if (count === 0) break
      for (let done = 0; done < count; ) done += kept.write(chunk, done, count)
      at += count
    }
    kept.sync()
  } finally {
    file.close()
    kept.close()
  }
  files.syncFolder(layout.folder)
}

function repairTail(
  layout: Layout,
  name: string,
  wholeUpTo: number,
  isLast: boolean,
  options: LoadOptions,
): void {
  const path = layout.pathOf(name)
  const where = { path, offsetBytes: wholeUpTo }
  if (!isLast) {
    throw new AofError(
      `The append only file "${path}" ends inside of the command at byte ${wholeUpTo}, ` +
        'and it is not the last file of the log',
      where,
    )
  }
  if (!options.allowsCutTail) {
    throw new AofError(
      `Unexpected end of file reading the append only file "${path}" in the command at byte ` +
        `${wholeUpTo}. Make a backup, then use ./redis-check-aof --fix ${layout.manifestHint}, ` +
        "or set 'aof-load-truncated' to yes and start again.",
      where,
    )
  }
  options.log('warning', `!!! Warning: short read while loading the AOF file ${name}!!!`)
  options.log('warning', `!!! Truncating the AOF ${name} at offset ${wholeUpTo} !!!`)
  const file = options.files.open(path, 'append')
  try {
    file.truncate(wholeUpTo)
    file.sync()
  } finally {
    file.close()
  }
  options.log('warning', `AOF ${name} loaded anyway because aof-load-truncated is enabled`)
}
