/**
 * Stores that are careless in one way each. They are made by wrapping the files that a store is given,
 * so the store itself is the real one; the simulation has to find out every one of them.
 */
import { FileError, type Files, type Host, type OpenFile } from '../../src/host/index.ts'
import type { Variant } from './life.ts'

type SyncDone = (error: FileError | undefined) => void

/** A change of every file that is opened. */
function eachFile(
  files: Files,
  change: (file: OpenFile, path: string) => Partial<OpenFile>,
): Files {
  return changed(files, {
    open(path, mode) {
      const file = files.open(path, mode)
      return changed(file, change(file, path))
    },
  })
}

/** The same object with some calls replaced. */
function changed<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Syncs that are none. */
function noSync(host: Host): Partial<OpenFile> {
  return {
    sync: () => {},
    syncLater: (done: SyncDone) => host.timers.soon(() => done(undefined)),
  }
}

/** After a failed sync, what is written is only noted; the next attempt begins with it. */
function kept(file: OpenFile): Partial<OpenFile> {
  let isKept = false
  const notes: Uint8Array[] = []
  const handOver = () => {
    isKept = false
    for (let note = notes[0]; note !== undefined; note = notes[0]) {
      const count = file.write(note, 0, note.length)
      if (count < note.length) notes[0] = note.subarray(count)
      else notes.shift()
    }
  }
  return {
    write(bytes, start, end) {
      if (!isKept) return file.write(bytes, start, end)
      notes.push(bytes.slice(start, end))
      return end - start
    },
    rewrite(bytes, start, end, position) {
      handOver()
      return file.rewrite(bytes, start, end, position)
    },
    truncate(size) {
      handOver()
      file.truncate(size)
    },
    sync() {
      handOver()
      file.sync()
    },
    syncLater(done: SyncDone) {
      handOver()
      file.syncLater((error) => {
        isKept = error !== undefined
        done(error)
      })
    },
  }
}

const isManifest = (path: string) => path.endsWith('.manifest')

/** Each must be found out. */
export const BROKEN: readonly Variant[] = [
  {
    name: 'acknowledges before the sync is done',
    files: (files, host) =>
      eachFile(files, (file) => ({
        syncLater(done: SyncDone) {
          file.syncLater(() => {})
          host.timers.soon(() => done(undefined))
        },
      })),
  },
  {
    name: 'never syncs the log',
    files: (files, host) =>
      eachFile(files, (_file, path) => (isManifest(path) ? {} : noSync(host))),
  },
  {
    name: 'forgets to sync the folder',
    files: (files, host) =>
      changed(files, {
        syncFolder: () => {},
        syncFolderLater: (_folder, done) => host.timers.soon(() => done(undefined)),
      }),
  },
  {
    name: 'forgets to sync the manifest',
    files: (files, host) =>
      eachFile(files, (_file, path) => (isManifest(path) ? noSync(host) : {})),
  },
  {
    name: 'renames the manifest before it is synced',
    files(files, host) {
      const late = new Map<string, OpenFile>()
      const lazy = eachFile(files, (file, path) => ({
        sync() {
          if (isManifest(path)) late.set(path, file)
          else file.sync()
        },
        syncLater(done: SyncDone) {
          if (!isManifest(path)) {
            file.syncLater(done)
            return
          }
          late.set(path, file)
          host.timers.soon(() => done(undefined))
        },
        close() {
          if (!late.has(path)) file.close()
        },
      }))
      return changed(lazy, {
        rename(from, to) {
          files.rename(from, to)
          late.get(from)?.sync()
          late.get(from)?.close()
          late.delete(from)
        },
      })
    },
  },
  {
    name: 'drops a failed write silently',
    files: (files) =>
      eachFile(files, (file) => ({
        write(bytes, start, end) {
          try {
            return file.write(bytes, start, end)
          } catch (error) {
            if (error instanceof FileError) return end - start
            throw error
          }
        },
      })),
  },
  {
    name: 'takes a short write for a whole one',
    files: (files) =>
      eachFile(files, (file) => ({
        write(bytes, start, end) {
          file.write(bytes, start, end)
          return end - start
        },
      })),
  },
  {
    name: 'releases replies after a failed sync',
    files: (files) =>
      eachFile(files, (file) => ({
        syncLater: (done: SyncDone) => file.syncLater(() => done(undefined)),
      })),
  },
  {
    name: 'releases replies after a failed sync on the loop',
    files: (files) =>
      eachFile(files, (file, path) => ({
        sync() {
          try {
            file.sync()
          } catch (error) {
            if (!(error instanceof FileError) || !path.includes('.incr.')) throw error
          }
        },
      })),
  },
  {
    name: 'keeps what comes after a failed sync in memory until it syncs again',
    files: (files) => eachFile(files, (file, path) => (path.includes('.incr.') ? kept(file) : {})),
  },
  {
    name: 'trusts a second sync after a failed one',
    files: (files) =>
      eachFile(files, (file) => ({
        syncLater: (done: SyncDone) =>
          file.syncLater((error) => (error === undefined ? done(error) : file.syncLater(done))),
      })),
  },
  {
    name: 'skips preserving an entry that changes while a snapshot is written',
    store({ keyspace }) {
      let preserver: typeof keyspace.preserver
      Object.defineProperty(keyspace, 'preserver', {
        get: () => preserver,
        set(next: typeof preserver) {
          preserver = next && changed(next, { preserve: () => {} })
        },
      })
    },
  },
  {
    name: 'skips preserving what a large collection was while that is written',
    store({ keyspace }) {
      const { images } = keyspace.space
      const watch = images.watch.bind(images)
      const skip = () => {}
      images.watch = (image, entry) => {
        if (image.kind === 'stream') image.beforeBlock = skip
        else if (image.kind === 'nodes') Object.assign(image, { before: skip, linked: skip })
        else if (image.kind === 'sorted') Object.assign(image, { before: skip, coming: skip })
        else Object.assign(image, { before: skip, coming: skip, leaving: () => false })
        watch(image, entry)
      }
    },
  },
]
