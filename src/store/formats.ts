/** In which form data is saved: as the settings say. */
import { fromLatin1 } from '../bytes/index.ts'
import type { Config } from '../config/index.ts'
import type { Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import { GatheredSink, type SaveFormat } from '../persistence/index.ts'
import { RdbFormat } from '../rdb/index.ts'
import { CommandFormat } from './command-format.ts'

/** What forms are chosen by, and what is saved beside the keys. */
export interface FormatParts {
  readonly host: Host
  readonly config: Config
  readonly keyspace: Keyspace
  /** The sources of the libraries of functions, one character a byte. */
  libraries(): readonly string[]
  /** The version that snapshots say they come from. */
  readonly version: string
}

export class Formats {
  readonly #parts: FormatParts

  constructor(parts: FormatParts) {
    this.#parts = parts
  }

  /** The form of a log's base. */
  get baseFormat(): 'rdb' | 'aof' {
    return this.#parts.config.values.aofUseRdbPreamble ? 'rdb' : 'aof'
  }

  /** What a log begins with. */
  emptyBase(): { readonly format: 'rdb' | 'aof'; readonly bytes: Uint8Array } {
    const gathered = new GatheredSink()
    if (this.baseFormat === 'rdb') {
      const format = this.of('rdb', true)
      const sink = format.through?.(gathered) ?? gathered
      format.begin(sink)
      format.end(sink)
    }
    return { format: this.baseFormat, bytes: gathered.bytes }
  }

  /** A fresh one for a file, which is the base of a log or stands alone. */
  of(kind: 'rdb' | 'aof', isBase: boolean): SaveFormat {
    const { host, config, keyspace } = this.#parts
    const seconds = Math.floor(host.clock.nowMs() / 1000)
    const libraries = this.#parts.libraries().map((text) => fromLatin1(text))
    const { aofTimestampEnabled, rdbcompression, rdbchecksum, maxmemoryPolicy } = config.values
    if (kind === 'aof') {
      return new CommandFormat(keyspace, libraries, aofTimestampEnabled ? seconds : undefined)
    }
    const isLfu = maxmemoryPolicy.endsWith('-lfu')
    return new RdbFormat({
      keyspace,
      compresses: rdbcompression,
      sums: rdbchecksum,
      uses: isLfu ? 'frequency' : maxmemoryPolicy.endsWith('-lru') ? 'idle' : 'none',
      aux: [
        ['redis-ver', this.#parts.version],
        ['redis-bits', '64'],
        ['ctime', String(seconds)],
        ['used-mem', String(keyspace.arena.usedBytes)],
        ['aof-base', isBase ? '1' : '0'],
      ],
      libraries,
    })
  }
}
