/**
 * Reading values in every form that they have ever had. A small one is read at once; a long one by a
 * generator, which pauses after every few hundred elements. Everything is checked on the way: what
 * comes out is a value as the commands make them, or the input is refused.
 *
 * The value stands in `draft`, or when it is a string in `text`, until the next is read.
 */
import { Slice } from '../bytes/index.ts'
import {
  type Keyspace,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from '../keyspace/index.ts'
import { LISTPACK_EMPTY } from '../structures/index.ts'
import { Draft, ENCODING_LISTPACK, ENCODING_ROOTED_MIN, ENCODING_STREAM } from '../values/index.ts'
import {
  RDB_HASH,
  RDB_HASH_EXPIRES,
  RDB_HASH_EXPIRES_OLD,
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_MODULE,
  RDB_MODULE_2,
  RDB_SET,
  RDB_STREAM,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STRING,
  RDB_ZSET,
  RDB_ZSET_2,
  VERSION_VALKEY,
} from './format.ts'
import type { RdbInput } from './input.ts'
import { readHash, readList, readNodes, readScores, readSet } from './read-elements.ts'
import { PackReader } from './read-pack.ts'
import { readStream } from './read-stream.ts'

/** A value on its way in, which pauses now and then. */
export type Reading = Generator<void, void, void>

export class ValueReader {
  readonly keyspace: Keyspace
  /** The type of the value that was read. */
  type = TYPE_STRING
  readonly draft = new Draft(ENCODING_LISTPACK, LISTPACK_EMPTY)
  readonly text = new Slice(new Uint8Array(0), 0, 0)
  /** The collection has nothing in it, which a database does not hold. */
  isEmpty = false
  readonly #packs: PackReader

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace
    this.#packs = new PackReader(keyspace)
  }

  /**
   * Reads a value. @returns what is left to read when it is a long one.
   * @throws RdbError when it is refused; `abandon` is to be called then.
   */
  begin(rdbType: number, version: number, input: RdbInput): Reading | undefined {
    const { draft, keyspace } = this
    this.isEmpty = false
    draft.restart(ENCODING_LISTPACK, LISTPACK_EMPTY)
    switch (rdbType) {
      case RDB_STRING:
        this.type = TYPE_STRING
        input.string(this.text)
        return undefined
      case RDB_LIST:
        this.type = TYPE_LIST
        return this.#filled(readList(keyspace, draft, input))
      case RDB_LIST_QUICKLIST:
      case RDB_LIST_QUICKLIST_2:
        this.type = TYPE_LIST
        return this.#filled(readNodes(keyspace, draft, rdbType, input))
      case RDB_SET:
        this.type = TYPE_SET
        return this.#filled(readSet(keyspace, draft, input))
      case RDB_ZSET:
      case RDB_ZSET_2:
        this.type = TYPE_ZSET
        return this.#filled(readScores(keyspace, draft, rdbType, input))
      case RDB_HASH:
      case RDB_HASH_EXPIRES:
      case RDB_HASH_EXPIRES_OLD: {
        this.type = TYPE_HASH
        const isValkey = version >= VERSION_VALKEY
        if (isValkey && rdbType === RDB_HASH_EXPIRES) break
        return this.#filled(readHash(keyspace, draft, rdbType, isValkey, input))
      }
      case RDB_STREAM:
      case RDB_STREAM_2:
      case RDB_STREAM_3: {
        this.type = TYPE_STREAM
        const { streams } = keyspace
        draft.restart(ENCODING_STREAM, streams.create())
        return readStream(streams, streams.streamOf(draft), rdbType, input)
      }
      case RDB_MODULE:
      case RDB_MODULE_2:
        return input.fail('a value of a module cannot be held')
    }
    const type = this.#packs.read(rdbType, version, draft, input)
    if (type < 0) input.fail(`unknown value type ${rdbType}`)
    this.type = type
    this.isEmpty = this.#count() === 0
    return undefined
  }

  *#filled(reading: Reading): Reading {
    yield* reading
    this.isEmpty = this.#count() === 0
  }

  #count(): number {
    return this.keyspace.types[this.type]!.count(this.draft)
  }

  /** What the value owns belongs to someone else by now. */
  forget(): void {
    this.draft.restart(ENCODING_LISTPACK, LISTPACK_EMPTY)
  }

  /** Gives back what the value owns: it is not wanted, or was refused. */
  abandon(): void {
    const { draft, keyspace } = this
    if (draft.encoding < ENCODING_ROOTED_MIN) return
    keyspace.discard(this.type, draft.encoding, draft.view())
    this.forget()
  }
}
