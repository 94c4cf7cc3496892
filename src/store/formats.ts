/** In which form data is saved: as the settings say. */
import type { Config } from '../config/index.ts'
import type { Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { SaveFormat } from '../persistence/index.ts'
import { CommandFormat } from './command-format.ts'

export class Formats {
  readonly #host: Host
  readonly #config: Config
  readonly #keyspace: Keyspace

  constructor(host: Host, config: Config, keyspace: Keyspace) {
    this.#host = host
    this.#config = config
    this.#keyspace = keyspace
  }

  /** The form of a log's base. */
  get baseFormat(): 'rdb' | 'aof' {
    return 'aof'
  }

  /** A fresh one for a file. */
  of(_kind: 'rdb' | 'aof', _isBase: boolean): SaveFormat {
    const { aofTimestampEnabled } = this.#config.values
    const seconds = Math.floor(this.#host.clock.nowMs() / 1000)
    return new CommandFormat(this.#keyspace, aofTimestampEnabled ? seconds : undefined)
  }
}
