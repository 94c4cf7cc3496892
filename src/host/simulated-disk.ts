/**
 * A disk that a test owns. It knows two states of everything: what programs see, and what would
 * still be there after a power cut.
 *
 * - A file's bytes are stable when a sync of the file that began after they were written is done.
 * - A name (created, renamed, removed) is stable when its folder was synced. A rename is one step
 *   and never half done; but a step that was lost takes later steps on the same names with it.
 * - A failed sync behaves as on Linux: the bytes it covered are forgotten as unwritten, and those that
 *   came while it ran, so a later sync reports success although they never reach the disk, unless they
 *   are written again.
 *
 * Every call that changes something is a step. The power can be cut at any step; `crash` then draws
 * one of the disks that could be found afterwards; what may become of the bytes of a file is told in
 * `simulated-bytes.ts`.
 */
import path from 'node:path'
import { FileError, type Files, type OpenFile, type OpenMode, systemText } from './host.ts'
import type { Seeded } from './seeded.ts'
import { SimulatedBytes } from './simulated-bytes.ts'

/** Thrown at the step where the power fails, and by every call after it. */
export class PowerCut extends Error {
  constructor() {
    super('the power was cut')
    this.name = 'PowerCut'
  }
}

/** The kinds of calls that can be told to fail. */
export type DiskVerb = 'open' | 'write' | 'truncate' | 'sync' | 'rename' | 'remove' | 'syncFolder'

type Node = SimulatedBytes | 'folder'

/** A step on names that its folders have not been synced for: each name with what it means now. */
type NameStep = readonly (readonly [string, Node | undefined])[]

/** Files in memory with everything that can go wrong on a disk. See the top of this file. */
export class SimulatedDisk implements Files {
  /** Steps taken so far. */
  steps = 0
  /** The power fails at this step; never, unless told. */
  stopAtStep = Number.POSITIVE_INFINITY
  /** It also fails at the next step of this kind. */
  stopAtVerb: DiskVerb | undefined
  /** Space for the bytes of all files together. */
  capacityBytes = Number.POSITIVE_INFINITY
  /** The most that one write takes; asked at each. */
  writeBytesMax: () => number = () => Number.POSITIVE_INFINITY
  /** Given what finishes each sync off the loop; without it, see `finishSyncs`. */
  afterwards: ((finish: () => void) => void) | undefined
  /** Given what tells the program that something off the loop is done; without it, that is at once. */
  afterDone: ((tell: () => void) => void) | undefined
  /** Told of each step that the disk refuses. */
  onRefused: ((verb: DiskVerb, name: string) => void) | undefined
  /** Whether a power cut may leave each sector of a file as of another moment. */
  reordersSectors = false
  readonly #failures: { verb: DiskVerb; code: string; times: number; skipped: number }[] = []
  readonly #names = new Map<string, Node>()
  readonly #stableNames = new Map<string, Node>()
  #unsyncedSteps: NameStep[] = []
  #unfinishedSyncs: (() => void)[] = []
  #isOff = false

  constructor(later?: (finish: () => void) => void) {
    this.afterwards = later
    this.#names.set('/', 'folder')
    this.#stableNames.set('/', 'folder')
  }

  /** The next `times` calls of this kind fail, after `skipped` that do not. */
  fail(verb: DiskVerb, code: string, times = 1, skipped = 0): void {
    this.#failures.push({ verb, code, times, skipped })
  }

  /** From now on there is space for so many bytes. */
  fill(freeBytes: number): void {
    this.capacityBytes = this.#used() + freeBytes
  }

  /** All goes well again: no failing calls, and space without end. */
  heal(): void {
    this.#failures.length = 0
    this.capacityBytes = Number.POSITIVE_INFINITY
    this.writeBytesMax = () => Number.POSITIVE_INFINITY
  }

  /** The power holds. */
  keepOn(): void {
    this.stopAtStep = Number.POSITIVE_INFINITY
    this.stopAtVerb = undefined
  }

  /** Finishes the syncs that were begun off the loop. @returns how many. */
  finishSyncs(): number {
    const unfinished = this.#unfinishedSyncs
    this.#unfinishedSyncs = []
    for (const finish of unfinished) finish()
    return unfinished.length
  }

  /** Puts a file there, stable. For what a test wants to find on the disk. */
  put(name: string, bytes: Uint8Array | string): void {
    const full = resolve(name)
    for (const folder of foldersAbove(full)) {
      this.#names.set(folder, 'folder')
      this.#stableNames.set(folder, 'folder')
    }
    const node = new SimulatedBytes(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    this.#names.set(full, node)
    this.#stableNames.set(full, node)
  }

  /** One of the disks that could be found if the power failed now. This one stays as it is. */
  crash(random: Seeded, later?: (finish: () => void) => void): SimulatedDisk {
    const names = new Map(this.#stableNames)
    const lost = new Set<string>()
    for (const step of this.#unsyncedSteps) {
      if (random.chance(0.5) || step.some(([name]) => lost.has(name))) {
        for (const [name] of step) lost.add(name)
      } else {
        for (const [name, node] of step) setOrDelete(names, name, node)
      }
    }
    const found = new SimulatedDisk(later)
    found.reordersSectors = this.reordersSectors
    for (const [name, node] of names) {
      if (foldersAbove(name).some((folder) => names.get(folder) !== 'folder')) continue
      const copy =
        node === 'folder' ? node : new SimulatedBytes(node.afterCut(random, this.reordersSectors))
      found.#names.set(name, copy)
      found.#stableNames.set(name, copy)
    }
    return found
  }

  /**
   * The disk as another program finds it when this one was killed: nothing that was written is lost,
   * but what was not synced still is not.
   */
  afterKill(later?: (finish: () => void) => void): SimulatedDisk {
    const found = new SimulatedDisk(later)
    const copies = new Map<Node, Node>([['folder', 'folder']])
    const copyOf = (node: Node): Node => {
      const copy = copies.get(node) ?? (node as SimulatedBytes).copy()
      copies.set(node, copy)
      return copy
    }
    for (const [name, node] of this.#names) found.#names.set(name, copyOf(node))
    for (const [name, node] of this.#stableNames) found.#stableNames.set(name, copyOf(node))
    found.#unsyncedSteps = this.#unsyncedSteps.map((step) =>
      step.map(([name, node]) => [name, node === undefined ? undefined : copyOf(node)] as const),
    )
    found.reordersSectors = this.reordersSectors
    return found
  }

  /** Whether a failed sync has left bytes that programs see and no disk will have. */
  get hasForgotten(): boolean {
    return [...this.#names.values()].some((node) => node !== 'folder' && node.hasForgotten)
  }

  exists(name: string): boolean {
    this.#assertOn()
    return this.#names.has(resolve(name))
  }

  list(folder: string): string[] {
    this.#assertOn()
    const full = resolve(folder)
    if (this.#names.get(full) !== 'folder') throw refuse('ENOENT', folder)
    return [...this.#names.keys()]
      .filter((name) => name !== '/' && path.posix.dirname(name) === full)
      .map((name) => path.posix.basename(name))
      .sort()
  }

  open(name: string, mode: OpenMode): OpenFile {
    this.#assertOn()
    const full = resolve(name)
    const found = this.#names.get(full)
    if (found === 'folder') throw refuse('EISDIR', name)
    if (found === undefined && mode === 'read') throw refuse('ENOENT', name)
    if (found !== undefined && mode === 'exclusive') throw refuse('EEXIST', name)
    if (this.#names.get(path.posix.dirname(full)) !== 'folder') throw refuse('ENOENT', name)
    if (mode === 'read') return new SimulatedFile(this, found!, name)
    if (found !== undefined && mode === 'append') return new SimulatedFile(this, found, name)
    return this.step('open', name, () => {
      found?.truncate(0)
      const node = found ?? new SimulatedBytes()
      if (found === undefined) this.#rename([[full, node]])
      return new SimulatedFile(this, node, name)
    })
  }

  readAll(name: string): Uint8Array {
    const file = this.open(name, 'read')
    const bytes = new Uint8Array(file.size())
    file.read(bytes, 0, bytes.length, 0)
    return bytes
  }

  rename(from: string, to: string): void {
    const node = this.#names.get(resolve(from))
    if (node === undefined) throw refuse('ENOENT', from)
    this.step('rename', from, () =>
      this.#rename([
        [resolve(from), undefined],
        [resolve(to), node],
      ]),
    )
  }

  remove(name: string): void {
    if (!this.#names.has(resolve(name))) throw refuse('ENOENT', name)
    this.step('remove', name, () => this.#rename([[resolve(name), undefined]]))
  }

  removeLater(name: string, done: (error: FileError | undefined) => void): void {
    this.later(() => this.remove(name), done)
  }

  syncFolderLater(folder: string, done: (error: FileError | undefined) => void): void {
    this.later(() => this.syncFolder(folder), done)
  }

  makeFolder(name: string): void {
    const full = resolve(name)
    for (const folder of [...foldersAbove(full), full]) {
      if (this.#names.get(folder) === 'folder') continue
      this.step('open', folder, () => this.#rename([[folder, 'folder']]))
    }
  }

  syncFolder(folder: string): void {
    const full = resolve(folder)
    if (this.#names.get(full) !== 'folder') throw refuse('ENOENT', folder)
    this.step('syncFolder', folder, () => {
      const touches = (step: NameStep) => step.some(([name]) => path.posix.dirname(name) === full)
      for (const step of this.#unsyncedSteps.filter(touches)) {
        for (const [name, node] of step) setOrDelete(this.#stableNames, name, node)
      }
      this.#unsyncedSteps = this.#unsyncedSteps.filter((step) => !touches(step))
    })
  }

  /**
   * Takes a step, for `SimulatedFile` too. A change is made before the power fails at it, because
   * `crash` may lose it anyway; a sync is not, because it promises.
   */
  step<T>(verb: DiskVerb, name: string, change: () => T): T {
    this.#assertOn()
    this.steps++
    const isLast = this.steps >= this.stopAtStep || verb === this.stopAtVerb
    if (isLast && (verb === 'sync' || verb === 'syncFolder')) this.#cut()
    const failure = this.#failures.find((one) => one.verb === verb && one.times > 0)
    if (failure !== undefined && failure.skipped-- <= 0) {
      failure.times--
      throw this.refuse(verb, failure.code, name)
    }
    const result = change()
    if (isLast) this.#cut()
    return result
  }

  /** @returns the error of a step that the disk refuses. */
  refuse(verb: DiskVerb, code: string, name: string): FileError {
    this.onRefused?.(verb, name)
    return refuse(code, name)
  }

  /** Takes a step off the loop, which ends when the test says so. */
  later(step: () => void, done: (error: FileError | undefined) => void): void {
    this.finishLater(() => {
      let failure: FileError | undefined
      try {
        step()
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        failure = error
      }
      const tell = () => done(failure)
      if (this.afterDone === undefined) tell()
      else this.afterDone(tell)
    })
  }

  /** Leaves the end of a call off the loop to the test. */
  finishLater(finish: () => void): void {
    if (this.afterwards === undefined) this.#unfinishedSyncs.push(finish)
    else this.afterwards(finish)
  }

  /** How many of `count` bytes the disk takes at once. */
  takes(count: number): number {
    const room =
      this.capacityBytes === Number.POSITIVE_INFINITY ? count : this.capacityBytes - this.#used()
    return Math.max(0, Math.min(count, this.writeBytesMax(), room))
  }

  #used(): number {
    const nodes = new Set([...this.#names.values()].filter((node) => node !== 'folder'))
    let used = 0
    for (const node of nodes) used += node.size
    return used
  }

  #rename(step: NameStep): void {
    for (const [name, node] of step) setOrDelete(this.#names, name, node)
    this.#unsyncedSteps.push(step)
  }

  #assertOn(): void {
    if (this.#isOff) throw new PowerCut()
  }

  #cut(): never {
    this.#isOff = true
    throw new PowerCut()
  }
}

class SimulatedFile implements OpenFile {
  readonly #disk: SimulatedDisk
  readonly #node: SimulatedBytes
  readonly #path: string
  #isClosed = false

  constructor(disk: SimulatedDisk, node: SimulatedBytes, name: string) {
    this.#disk = disk
    this.#node = node
    this.#path = name
  }

  read(into: Uint8Array, start: number, count: number, position: number): number {
    this.#assertOpen()
    const end = Math.min(this.#node.size, position + count)
    if (end <= position) return 0
    into.set(this.#node.bytes.subarray(position, end), start)
    return end - position
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    this.#assertOpen()
    return this.#append(bytes, start, end)
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    return this.#disk.step('write', this.#path, () => {
      const count = this.#disk.takes(end - start)
      if (count === 0 && end > start) throw this.#disk.refuse('write', 'ENOSPC', this.#path)
      this.#node.append(bytes.subarray(start, start + count))
      return count
    })
  }

  writeLater(
    bytes: Uint8Array,
    start: number,
    end: number,
    done: (error: FileError | undefined) => void,
  ): void {
    this.#assertOpen()
    // The system ends what was begun, also when the file is closed meanwhile.
    const write = () => {
      for (let at = start; at < end; ) at += this.#append(bytes, at, end)
    }
    this.#disk.later(write, done)
  }

  rewrite(bytes: Uint8Array, start: number, end: number, position: number): number {
    this.#assertOpen()
    return this.#disk.step('write', this.#path, () => {
      const count = Math.min(end - start, this.#disk.writeBytesMax())
      this.#node.rewrite(bytes.subarray(start, start + count), position)
      return count
    })
  }

  size(): number {
    this.#assertOpen()
    return this.#node.size
  }

  truncate(sizeBytes: number): void {
    this.#assertOpen()
    this.#disk.step('truncate', this.#path, () => this.#node.truncate(sizeBytes))
  }

  sync(): void {
    this.#assertOpen()
    this.#finishSync(this.#node.version)
  }

  syncLater(done: (error: FileError | undefined) => void): void {
    this.#assertOpen()
    const { version } = this.#node
    this.#disk.later(() => this.#finishSync(version), done)
  }

  close(): void {
    this.#isClosed = true
  }

  #finishSync(version: number): void {
    try {
      this.#disk.step('sync', this.#path, () => this.#node.settle(version))
    } catch (error) {
      if (error instanceof FileError) this.#node.forget(this.#node.version)
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw refuse('EBADF', this.#path)
  }
}

function refuse(code: string, name: string): FileError {
  return new FileError(code, name, `The simulated disk refuses "${name}": ${systemText(code)}`)
}

function resolve(name: string): string {
  return path.posix.resolve('/', name)
}

function foldersAbove(full: string): string[] {
  const folders: string[] = []
  for (let at = full; at !== '/'; ) {
    at = path.posix.dirname(at)
    folders.unshift(at)
  }
  return folders
}

function setOrDelete(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) names.delete(name)
  else names.set(name, node)
}
