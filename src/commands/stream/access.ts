/** Reaching streams and groups, and the refusals when there is none. */
import { NONE, type Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import { type Call, ReplyError, wrongType } from '../../engine/index.ts'
import { type Database, TYPE_STREAM } from '../../keyspace/index.ts'
import { readUint32 } from '../../structures/index.ts'
import { ENCODING_STREAM } from '../../values/index.ts'

/** The stream at `key` for a command that reads it; `NONE` when there is none. */
export function readStream({ db }: Call, key: Slice): Ref {
  return streamIn(db, db.read(key))
}

/** The stream at `key` for a command that changes it; `NONE` when there is none. */
export function writeStream({ db }: Call, key: Slice): Ref {
  return streamIn(db, db.write(key))
}

/** The same for commands whose looking counts as reading. */
export function visitStream(call: Call, key: Slice): Ref {
  return visitEntry(call, call.db.read(key))
}

/** The same for a command that looks the key up before it reads its other arguments. */
export function visitEntry({ db }: Call, entry: Ref): Ref {
  if (entry !== NONE) db.beforeChange(entry)
  return streamIn(db, entry)
}

/** A stream never moves, and its root never changes: no object for the value is needed. */
function streamIn(db: Database, entry: Ref): Ref {
  if (entry === NONE) return NONE
  if (db.typeOf(entry) !== TYPE_STREAM) throw wrongType()
  const { bytes, start } = db.stringOf(entry)
  return readUint32(bytes, start)
}

/** Makes an empty stream at `key`, which must be missing. */
export function createStream({ db, keyspace }: Call, key: Slice): Ref {
  const { streams } = keyspace
  return streams.streamOf(db.create(key, TYPE_STREAM, ENCODING_STREAM, streams.create()))
}

/** The group of a stream, either of which may be missing: then this is `NONE`. It may be changed. */
export function findGroup({ keyspace }: Call, stream: Ref, name: Slice): Ref {
  return stream === NONE ? NONE : keyspace.streams.groups.named(stream, name)
}

/** There is no such key or group; `where` says more about it. */
export function noKeyOrGroup(key: Slice, group: Slice, where = ''): ReplyError {
  return new ReplyError(
    `NOGROUP No such key '${shown(key)}' or consumer group '${shown(group)}'${where}`,
  )
}

/** There is a stream but not the group. */
export function noGroup(key: Slice, group: Slice): ReplyError {
  return new ReplyError(
    `NOGROUP No such consumer group '${shown(group)}' for key name '${shown(key)}'`,
  )
}

/** The reference shows names up to a zero byte. */
export function shown(name: Slice): string {
  return name.latin1().split('\0', 1)[0]!
}
