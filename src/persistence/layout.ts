/**
 * Where the files of the log are, and the few steps that change what they mean. A step writes the
 * new manifest beside the old one, syncs it, renames it over, and syncs the folder: at every moment
 * one whole manifest is there, and it names only files whose own names are stable already.
 */
import path from 'node:path'
import { FileError, type Files, type Steps } from '../host/index.ts'
import { AofError, type LogLine } from './errors.ts'
import {
  EMPTY_MANIFEST,
  formatManifest,
  type Manifest,
  type Part,
  parseManifest,
} from './manifest.ts'

/** The directives that say where the log is. */
export interface LogPlace {
  /** `dir`. */
  readonly dir: string
  /** `appenddirname`, a folder inside `dir`. */
  readonly folderName: string
  /** `appendfilename`, how all names in the folder begin. */
  readonly fileName: string
}

/** The names and the manifest of one log. */
export class Layout {
  readonly place: LogPlace
  readonly folder: string
  readonly manifestPath: string
  readonly #files: Files

  constructor(files: Files, place: LogPlace) {
    this.#files = files
    this.place = place
    this.folder = path.join(place.dir, place.folderName)
    this.manifestPath = path.join(this.folder, `${place.fileName}.manifest`)
  }

  /** The same names in another folder of data. */
  at(dir: string): Layout {
    return new Layout(this.#files, { ...this.place, dir })
  }

  /** The path of a file in the folder. */
  pathOf(name: string): string {
    return path.join(this.folder, name)
  }

  /** Where a rewrite writes the base before it is one: the first of such paths, or another one. */
  temporaryBase(number: number): string {
    return this.pathOf(`temp-rewriteaof${number === 1 ? '' : `-${number}`}.aof`)
  }

  /** How people name the manifest when they run the checker. */
  get manifestHint(): string {
    return `${this.place.folderName}/${this.place.fileName}.manifest`
  }

  /** The manifest, or `undefined` when there is none. */
  read(): Manifest | undefined {
    if (!this.#files.exists(this.manifestPath)) return undefined
    return parseManifest(this.#files.readAll(this.manifestPath), this.manifestPath)
  }

  /** Makes this the manifest, durably. The names in it must be stable before. */
  write(manifest: Manifest): void {
    this.prepare(manifest)
    this.adoptPrepared()
  }

  /** `write` without holding the loop. */
  *writeInSteps(manifest: Manifest): Steps {
    const bytes = formatManifest(manifest)
    const file = this.#files.open(this.#temporaryPath, 'create')
    try {
      for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
      yield (done) => file.syncLater(done)
    } finally {
      file.close()
    }
    this.#files.rename(this.#temporaryPath, this.manifestPath)
    yield (done) => this.#files.syncFolderLater(this.folder, done)
  }

  /** Writes a file of the log as a whole and syncs it; its name is not yet stable. */
  writePart({ name }: Part, bytes: Uint8Array): void {
    writeWhole(this.#files, this.pathOf(name), bytes)
  }

  /** Removes a file that was never in force; calls when that is over. What fails is left alone. */
  removePart({ name }: Part, done: () => void): void {
    this.#files.removeLater(this.pathOf(name), done)
  }

  /** Nothing is in force: the end of a beginning that failed. */
  removeManifest(): void {
    removeIfThere(this.#files, this.manifestPath)
  }

  /** The first half of `write`: the manifest is stable under its temporary name. */
  prepare(manifest: Manifest): void {
    const bytes = formatManifest(manifest)
    writeWhole(this.#files, this.#temporaryPath, bytes)
    this.#files.syncFolder(this.folder)
  }

  /** The second half of `write`. */
  adoptPrepared(): void {
    this.#files.rename(this.#temporaryPath, this.manifestPath)
    this.#files.syncFolder(this.folder)
  }

  /** Makes the folder, and those above it, with names that survive a power cut. */
  makeFolder(): void {
    makeStableFolder(this.#files, this.folder)
  }

  /** The next base file: its number follows the present one, and those that are to go. */
  nextBase(manifest: Manifest, format: 'rdb' | 'aof'): Part {
    const older = manifest.history.filter(({ name }) => /\.base\.(rdb|aof)$/.test(name))
    const bases = manifest.base === undefined ? older : [...older, manifest.base]
    const sequence = Math.max(0, ...bases.map((part) => part.sequence)) + 1
    return { name: `${this.place.fileName}.${sequence}.base.${format}`, sequence, extra: [] }
  }

  /** The next increment. */
  nextIncrement(manifest: Manifest): Part {
    const sequence = (manifest.increments.at(-1)?.sequence ?? 0) + 1
    return { name: `${this.place.fileName}.${sequence}.incr.aof`, sequence, extra: [] }
  }

  /**
   * Refuses to begin a new log where the files of one lie without their manifest, since beginning
   * would overwrite them. A prepared manifest beside them says that they are the remains of a first
   * start that was cut; there was no log yet.
   */
  assertNothingWouldBeLost(): void {
    if (!this.#files.exists(this.folder) || this.#files.exists(this.#temporaryPath)) return
    for (const name of this.#files.list(this.folder)) {
      const isPart = name.startsWith(this.place.fileName) && /\.(base|incr)\.(rdb|aof)$/.test(name)
      if (!isPart || sizeOf(this.#files, this.pathOf(name)) === 0) continue
      throw new AofError(
        `"${this.pathOf(name)}" holds data, but the manifest "${this.manifestPath}" is missing. ` +
          'Restore the manifest, or move the files elsewhere to begin empty.',
        { path: this.manifestPath },
      )
    }
  }

  /**
   * Takes over a log of one file, as it was before there were manifests, by making it the base.
   * It can be cut at any point and is taken up again at the next start.
   * @returns the manifest, or `undefined` when there is no such file to take over.
   */
  takeOverSingleFile(found: Manifest | undefined, log: LogLine): Manifest | undefined {
    const { dir, fileName, folderName } = this.place
    const single = path.join(dir, fileName)
    if (!this.#files.exists(single)) return undefined
    const isBegun =
      found !== undefined &&
      found.base?.name === fileName &&
      found.increments.length === 0 &&
      !this.#files.exists(this.pathOf(fileName))
    if (found !== undefined && !isBegun) return undefined

    const base = { name: fileName, sequence: 1, extra: [] }
    const manifest = { ...EMPTY_MANIFEST, base }
    this.makeFolder()
    this.write(manifest)
    this.#files.rename(single, this.pathOf(fileName))
    this.#files.syncFolder(this.folder)
    this.#files.syncFolder(dir)
    log(
      'notice',
      `Successfully migrated an old-style AOF file (${fileName}) ` +
        `into the AOF directory (${folderName}).`,
    )
    return manifest
  }

  /** Removes history files, then their names from the manifest. What fails is left for later. */
  removeHistory(manifest: Manifest, log: LogLine): Manifest {
    if (manifest.history.length === 0) return manifest
    const rest = { ...manifest, history: [] }
    try {
      for (const { name } of manifest.history) {
        log('notice', `Removing the history file ${name}`)
        removeIfThere(this.#files, this.pathOf(name))
      }
      this.write(rest)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      log('warning', `Cannot remove history files of the AOF: ${error.message}`)
      return manifest
    }
    return rest
  }

  get #temporaryPath(): string {
    return this.pathOf(`temp-${this.place.fileName}.manifest`)
  }
}

/**
 * Makes a folder, and those above it that are missing, with names that survive a power cut. One that
 * is there is synced all the same, and so is its name: whoever made it may have been killed before.
 */
export function makeStableFolder(files: Files, folder: string): void {
  const above: string[] = []
  for (let at = folder; !files.exists(at); at = path.dirname(at)) above.push(path.dirname(at))
  files.makeFolder(folder)
  for (const made of [folder, ...above]) files.syncFolder(made)
  if (above.length > 0) return
  try {
    files.syncFolder(path.dirname(folder))
  } catch (error) {
    // Somebody else's folder, who gave us one in it.
    if (!(error instanceof FileError) || !['EACCES', 'EPERM'].includes(error.code)) throw error
  }
}

/** The size of a file. */
export function sizeOf(files: Files, name: string): number {
  const file = files.open(name, 'read')
  try {
    return file.size()
  } finally {
    file.close()
  }
}

/** Writes a file as a whole and syncs it; its name is not yet stable. */
export function writeWhole(files: Files, name: string, bytes: Uint8Array): void {
  const file = files.open(name, 'create')
  try {
    for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
    file.sync()
  } finally {
    file.close()
  }
}

function removeIfThere(files: Files, name: string): void {
  try {
    files.remove(name)
  } catch (error) {
    if (!(error instanceof FileError) || error.code !== 'ENOENT') throw error
  }
}
