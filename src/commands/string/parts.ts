/** Parts of strings: their length, a range of them, and changes in place. */
import { copyBytes } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  wrongType,
} from '../../engine/index.ts'
import { NEVER, TYPE_STRING } from '../../keyspace/index.ts'
import { stringEncoding } from '../../values/index.ts'
import { checkStringSize, growString, readString, writeString } from './access.ts'

const EMPTY = new Uint8Array(0)
const offsetOutOfRange = () => new ReplyError('ERR offset is out of range')

function append(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const { bytes, start, end } = args.next()
  const entry = writeString(db, key)
  let size = end - start
  if (entry === 0) {
    db.setString(key, bytes, start, end, stringEncoding(bytes, start, end), NEVER)
  } else {
    const oldSize = db.stringOf(entry).length
    size += oldSize
    checkStringSize(call, size)
    const grown = growString(db, key, entry, oldSize, size)
    copyBytes(bytes, start, end, grown.bytes, grown.start + oldSize)
  }
  db.changed(key, 'append', 'string')
  reply.integer(size)
}

function setRange(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const offset = args.int()
  if (offset < 0) throw offsetOutOfRange()
  const { bytes, start, end } = args.next()
  const entry = db.peek(key)
  if (entry !== 0 && db.typeOf(entry) !== TYPE_STRING) throw wrongType()
  if (start === end) {
    reply.integer(entry === 0 ? 0 : db.stringOf(entry).length)
    return
  }
  const size = offset + end - start
  checkStringSize(call, size)
  const grown = growString(db, key, writeString(db, key), offset, size)
  copyBytes(bytes, start, end, grown.bytes, grown.start + offset)
  db.changed(key, 'setrange', 'string')
  reply.integer(grown.length)
}

/** The range from `first` to `last`, both included; from the end where they are negative. */
function getRange({ db, reply }: Call, args: Args): void {
  const key = args.key()
  let first = args.int()
  let last = args.int()
  const held = readString(db, key)
  const size = held === undefined ? 0 : held.length
  if (first < 0) first += size
  if (last < 0) last += size
  if (held === undefined || first >= size || last < 0 || first > last) {
    reply.bulk(EMPTY)
    return
  }
  const end = held.start + Math.min(last, size - 1) + 1
  reply.bulk(held.bytes, held.start + Math.max(first, 0), end)
}

export const partCommands: readonly CommandSpec[] = [
  {
    name: 'APPEND',
    syntax: 'key value',
    summary: 'Adds bytes to the end of the string at a key; a missing key counts as empty.',
    since: '2.0.0',
    complexity: 'O(1), amortised, in the length of the string; O(N) with N bytes added.',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: append,
  },
  {
    name: 'STRLEN',
    syntax: 'key',
    summary: 'Replies with the length in bytes of the string at a key.',
    since: '2.2.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, reply }, args) {
      const held = readString(db, args.key())
      reply.integer(held === undefined ? 0 : held.length)
    },
  },
  {
    name: 'SETRANGE',
    syntax: 'key offset:integer value',
    summary: 'Writes bytes over a part of the string at a key, which grows with zeros as needed.',
    since: '2.2.0',
    complexity:
      'O(1) for short values; O(N) with N bytes written and those that the string grows by.',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'update')],
    run: setRange,
  },
  {
    name: 'GETRANGE',
    syntax: 'key start:integer end:integer',
    summary: 'Replies with a part of the string at a key.',
    since: '2.4.0',
    complexity: 'O(N) with N bytes in the reply.',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: getRange,
  },
  {
    name: 'SUBSTR',
    syntax: 'key start:integer end:integer',
    summary: 'Replies with a part of the string at a key.',
    since: '1.0.0',
    complexity: 'O(N) with N bytes in the reply.',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    run: getRange,
  },
]
