/**
 * Reading a snapshot into a keyspace, in slices. What cannot be understood is refused, with the file,
 * the place and the reason; whoever asked for it then empties the keyspace.
 */
import { NONE } from '../arena/index.ts'
import { latin1, Slice } from '../bytes/index.ts'
import {
  type Database,
  type Keyspace,
  NEVER,
  setFrequency,
  setIdleSeconds,
  TYPE_STRING,
} from '../keyspace/index.ts'
import { stringEncoding } from '../values/index.ts'
import {
  OP_AUX,
  OP_END,
  OP_EXPIRY_MS,
  OP_EXPIRY_SECONDS,
  OP_FREQUENCY,
  OP_FUNCTION,
  OP_FUNCTION_OLD,
  OP_IDLE,
  OP_MODULE_AUX,
  OP_SELECT,
  OP_SIZES,
  OP_SLOT_INFO,
  VERSION_CHECKSUM,
  VERSION_MAX,
  VERSION_VALKEY,
} from './format.ts'
import { type ByteSource, keep, RdbInput } from './input.ts'
import { installValue } from './payload.ts'
import { ReadAhead } from './read-ahead.ts'
import { type Reading, ValueReader } from './read-value.ts'

/** How a snapshot is to be read. */
export interface RdbReaderOptions {
  readonly keyspace: Keyspace
  readonly file: ByteSource
  readonly path: string
  /** `rdbchecksum`. */
  readonly sums: boolean
  /** Entries whose time has come are wanted too: effects that follow may need them. */
  readonly keepsExpired: boolean
  /** An entry takes the place of one that is at its key. Without it, such a snapshot is refused. */
  readonly replaces?: boolean
  /** Takes the source of a library of functions. Without it, snapshots that have any are refused. */
  library?(code: Uint8Array): void
  /** A note at the beginning: who wrote the file and when. */
  aux?(name: string, value: string): void
  /** A collection without elements is passed over. */
  skipped?(key: Slice): void
}

const MAGIC_BYTES = 9
/** An entry takes this many bytes on average, or more: no wider a table is made beforehand. */
const ENTRY_BYTES_LIKELY = 16
const MODULE_END = 0
const MODULE_FLOAT = 3
const MODULE_DOUBLE = 4
const MODULE_STRING = 5

export class RdbReader {
  /** Entries that were put in, that had expired before, and that had nothing in them. */
  loaded = 0
  expired = 0
  empty = 0
  readonly #options: RdbReaderOptions
  readonly #input: RdbInput
  readonly #values: ValueReader
  readonly #key = new Slice(new Uint8Array(0), 0, 0)
  readonly #text = new Slice(new Uint8Array(0), 0, 0)
  #db: Database
  #version = 0
  #expiryMs = NEVER
  #idleSeconds = -1
  #frequency = -1
  /** The value that is being read. */
  #rest: Reading | undefined
  #isOver = false
  readonly #ahead = new ReadAhead()
  /** So many entries are read before the next look ahead. */
  #seenAhead = 0

  constructor(options: RdbReaderOptions) {
    this.#options = options
    this.#input = RdbInput.ofFile(options.file, options.path)
    this.#values = new ValueReader(options.keyspace)
    this.#db = options.keyspace.databases[0]!
  }

  /** How many bytes of the file were read: at the end, those that the snapshot takes. */
  get offset(): number {
    return this.#input.offset
  }

  /**
   * Reads on until `isEnough`. @returns whether all is read.
   * @throws RdbError when the file is refused.
   */
  step(isEnough: () => boolean): boolean {
    try {
      if (this.#version === 0) this.#readMagic()
      while (!this.#isOver) {
        this.#advance()
        if (isEnough()) break
      }
      return this.#isOver
    } catch (error) {
      this.#values.abandon()
      throw error
    }
  }

  #readMagic(): void {
    const input = this.#input
    if (input.left < MAGIC_BYTES) input.fail('the file is too short for a snapshot')
    const { bytes, start, end } = input.raw(MAGIC_BYTES, this.#text)
    const magic = latin1(bytes, start, end)
    const [, digits] = /^(?:REDIS(?=\d{4})|VALKEY(?=\d{3}))(\d+)$/.exec(magic) ?? []
    if (digits === undefined) input.fail('the signature is not that of a snapshot')
    const version = Number(digits)
    const isKnown = magic.startsWith('VALKEY')
      ? version === VERSION_VALKEY
      : version >= 1 && version <= VERSION_MAX
    if (!isKnown) input.fail(`format version ${version} is not known`)
    this.#version = version
    input.isSummed = this.#options.sums && version >= VERSION_CHECKSUM
  }

  /** Reads one piece: an entry, or a part of a long one, or what stands between entries. */
  #advance(): void {
    if (this.#rest !== undefined) {
      if (this.#rest.next().done !== true) return
      this.#rest = undefined
      this.#install()
      return
    }
    const input = this.#input
    if (this.#seenAhead <= 0) this.#seenAhead = this.#ahead.look(input.window, this.#db)
    const code = input.byte()
    if (code >= OP_SLOT_INFO) {
      this.#operate(code)
      return
    }
    this.#seenAhead--
    keep(input.string(this.#text), this.#key)
    this.#rest = this.#values.begin(code, this.#version, input)
    if (this.#rest === undefined) this.#install()
  }

  #operate(code: number): void {
    const input = this.#input
    switch (code) {
      case OP_EXPIRY_MS:
        this.#expiryMs = Math.max(1, input.time())
        return
      case OP_EXPIRY_SECONDS:
        this.#expiryMs = Math.max(1, input.int32() * 1000)
        return
      case OP_IDLE:
        this.#idleSeconds = input.length()
        return
      case OP_FREQUENCY:
        this.#frequency = input.byte()
        return
      case OP_SELECT:
        this.#select(input.length())
        return
      case OP_SIZES:
        // Nothing that is read may claim more room than its own length makes likely.
        this.#db.dict.reserve(Math.min(input.length(), input.left / ENTRY_BYTES_LIKELY))
        input.length()
        return
      case OP_SLOT_INFO:
        for (let i = 0; i < 3; i++) input.length()
        return
      case OP_AUX:
        this.#readAux()
        return
      case OP_FUNCTION:
        this.#readLibrary()
        return
      case OP_FUNCTION_OLD:
        input.fail('functions in the form of a pre-release are not supported')
        break
      case OP_MODULE_AUX:
        this.#skipModule()
        return
      case OP_END:
        this.#finish()
    }
  }

  #select(index: number): void {
    const { databases } = this.#options.keyspace
    const database = databases[index]
    if (database === undefined) {
      this.#input.fail(`database ${index} is used, and there are ${databases.length}`)
    }
    this.#db = database
  }

  #readAux(): void {
    const name = this.#input.string(this.#text).latin1()
    const value = this.#input.string(this.#text).latin1()
    this.#options.aux?.(name, value)
  }

  #readLibrary(): void {
    const { library } = this.#options
    const code = this.#input.string(this.#text).copyOf()
    if (library === undefined) this.#input.fail('it has functions, which cannot be held')
    library(code)
  }

  /** What a module keeps beside the keys says of itself how long it is, and is passed over. */
  #skipModule(): void {
    const input = this.#input
    input.longLength()
    for (let code = input.length(); code !== MODULE_END; code = input.length()) {
      if (code === MODULE_FLOAT) input.skip(4)
      else if (code === MODULE_DOUBLE) input.skip(8)
      else if (code === MODULE_STRING) input.string(this.#text)
      else if (code < MODULE_FLOAT) input.longLength()
      else input.fail('what a module keeps is damaged')
    }
  }

  /** Puts the value that was read under its key. */
  #install(): void {
    const { keyspace, keepsExpired, replaces } = this.#options
    const db = this.#db
    const values = this.#values
    const expiryMs = this.#expiryMs
    if (values.isEmpty) {
      this.empty++
      this.#options.skipped?.(this.#key)
      values.abandon()
    } else if (expiryMs !== NEVER && expiryMs < keyspace.nowMs && !keepsExpired) {
      this.expired++
      values.abandon()
    } else {
      if (db.peek(this.#key) !== NONE) {
        if (!replaces) this.#input.fail('a key is there twice')
        db.delete(this.#key)
      }
      this.loaded++
      if (values.type === TYPE_STRING) this.#installString(expiryMs)
      else {
        const entry = installValue(values, db, this.#key)
        this.#setUse(expiryMs === NEVER ? entry : db.setExpiry(entry, expiryMs))
      }
    }
    this.#expiryMs = NEVER
    this.#idleSeconds = -1
    this.#frequency = -1
  }

  /** The key was looked up just before, and is not looked up again for a string as most are. */
  #installString(expiryMs: number): void {
    const db = this.#db
    const { bytes, start, end } = this.#values.text
    db.putString(NONE, this.#key, bytes, start, end, stringEncoding(bytes, start, end), expiryMs)
    if (this.#idleSeconds >= 0 || this.#frequency >= 0) this.#setUse(db.find(this.#key))
  }

  #setUse(entry: number): void {
    const { keyspace } = this.#options
    if (keyspace.access.isLfu) {
      if (this.#frequency >= 0) setFrequency(keyspace, entry, this.#frequency)
    } else if (this.#idleSeconds >= 0) setIdleSeconds(keyspace, entry, this.#idleSeconds)
  }

  #finish(): void {
    if (this.#version >= VERSION_CHECKSUM && !this.#input.checksum()) {
      this.#input.fail('RDB CRC error: the checksum is not that of the data')
    }
    this.#isOver = true
  }
}
