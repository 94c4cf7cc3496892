/** Values alone, as RESTORE gets them: from anybody, so nothing about them is taken for granted. */

import type { Slice } from '../bytes/index.ts'
import { type Database, NEVER, TYPE_STRING } from '../keyspace/index.ts'
import { ENCODING_ROOTED_MIN, stringEncoding } from '../values/index.ts'
import { Crc64 } from './crc64.ts'
import { FOOTER_BYTES } from './dump.ts'
import { VERSION_MAX, VERSION_VALKEY } from './format.ts'
import { RdbInput } from './input.ts'
import { ValueReader } from './read-value.ts'

/** Whether a payload has a version that is known, and the checksum that belongs to it. */
export function isPayloadWhole({ bytes, start, end }: Slice, skipsChecksum = false): boolean {
  if (end - start < FOOTER_BYTES) return false
  const version = versionOf(bytes, end)
  if (version > VERSION_MAX && version !== VERSION_VALKEY) return false
  if (skipsChecksum) return true
  const crc = new Crc64()
  crc.update(bytes, start, end - 8)
  return crc.equals(bytes, end - 8)
}

function versionOf(bytes: Uint8Array, end: number): number {
  return bytes[end - FOOTER_BYTES]! | (bytes[end - FOOTER_BYTES + 1]! << 8)
}

/** A value that was read from a payload, and is under no key yet. */
export class Payload {
  readonly #reader: ValueReader

  private constructor(reader: ValueReader) {
    this.#reader = reader
  }

  /** Reads a whole payload. Throws `RdbError` when it is refused; nothing is left behind then. */
  static read(db: Database, { bytes, start, end }: Slice): Payload {
    const input = RdbInput.ofBytes(bytes.subarray(start, end - FOOTER_BYTES))
    const reader = new ValueReader(db.keyspace)
    try {
      const rest = reader.begin(input.byte(), versionOf(bytes, end), input)
      if (rest !== undefined) while (rest.next().done !== true);
      if (reader.isEmpty) input.fail('a collection has no elements')
      if (input.left > 0) input.fail('the value does not end with the payload')
    } catch (error) {
      reader.abandon()
      throw error
    }
    return new Payload(reader)
  }

  /** Puts the value at a key, which must be free. @returns the entry. */
  install(db: Database, key: Slice): number {
    return installValue(this.#reader, db, key)
  }

  /** Gives the value back instead. */
  discard(): void {
    this.#reader.abandon()
  }
}

/** Puts the value that a reader has just read at a key, which must be free. @returns the entry. */
export function installValue(reader: ValueReader, db: Database, key: Slice): number {
  const { type, draft, text } = reader
  if (type === TYPE_STRING) {
    const { bytes, start, end } = text
    db.setString(key, bytes, start, end, stringEncoding(bytes, start, end), NEVER)
    return db.peek(key)
  }
  const { entry } = db.create(key, type, draft.encoding, draft.view())
  // The blocks that a root owns are the entry's now.
  if (draft.encoding >= ENCODING_ROOTED_MIN) reader.forget()
  db.fields.adopt(entry)
  return entry
}
