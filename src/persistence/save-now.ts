/** Saving all entries in one go, for SAVE and for the end of a store: the loop is held meanwhile. */
import type { Files, OpenFile } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { ByteSink, SaveFormat } from './format.ts'

const BUFFER_BYTES = 2 ** 20

/** Gathers bytes for a file, and writes them as they come. */
class FileSink implements ByteSink {
  readonly #file: OpenFile
  readonly #bytes = new Uint8Array(BUFFER_BYTES)
  #size = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > BUFFER_BYTES - this.#size) this.flush()
    if (end - start > BUFFER_BYTES) writeAll(this.#file, bytes, start, end)
    else {
      this.#bytes.set(bytes.subarray(start, end), this.#size)
      this.#size += end - start
    }
  }

  flush(): void {
    writeAll(this.#file, this.#bytes, 0, this.#size)
    this.#size = 0
  }
}

/**
 * Writes all entries to a file, and syncs it; its name is not yet stable. Walks that are under way are
 * not disturbed. @throws FileError
 */
export function saveNow(files: Files, path: string, keyspace: Keyspace, format: SaveFormat): void {
  const file = files.open(path, 'create')
  try {
    const whole = new FileSink(file)
    const sink = format.through?.(whole) ?? whole
    format.begin(sink)
    for (const { index, count, expiringCount, dict } of keyspace.databases) {
      if (count === 0) continue
      format.select(sink, { index, count, expiringCount })
      dict.each((entry) => format.write(sink, entry, keyspace.imageOf(entry))?.(() => false))
    }
    format.end(sink)
    whole.flush()
    file.sync()
  } finally {
    file.close()
  }
}

function writeAll(file: OpenFile, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; ) at += file.write(bytes, at, end)
}
