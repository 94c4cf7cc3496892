/** Single bits. */
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import { growString, readString, writeString } from '../string/access.ts'
import { readBitOffset } from './offset.ts'

const badBit = () => new ReplyError('ERR bit is not an integer or out of range')

function setBit(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const offset = readBitOffset(call, args.next())
  const bit = args.int(badBit)
  if (bit !== 0 && bit !== 1) throw badBit()
  const entry = writeString(db, key)
  const oldSize = entry === 0 ? 0 : db.stringOf(entry).length
  const index = Math.floor(offset / 8)
  const { bytes, start } = growString(db, key, entry, index, index + 1)
  const at = start + index
  const shift = 7 - (offset % 8)
  const old = (bytes[at]! >>> shift) & 1
  if (old !== bit || index >= oldSize) {
    bytes[at] = (bytes[at]! & ~(1 << shift)) | (bit << shift)
    db.changed(key, 'setbit', 'string')
  }
  reply.integer(old)
}

export const singleBitCommands: readonly CommandSpec[] = [
  {
    name: 'SETBIT',
    syntax: 'key offset:integer value:integer',
    summary: 'Sets or clears a bit of the string at a key, which grows with zeros as needed.',
    since: '2.2.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: setBit,
  },
  {
    name: 'GETBIT',
    syntax: 'key offset:integer',
    summary: 'Replies with a bit of the string at a key.',
    since: '2.2.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run(call, args) {
      const key = args.key()
      const offset = readBitOffset(call, args.next())
      const held = readString(call.db, key)
      const index = Math.floor(offset / 8)
      const isInside = held !== undefined && index < held.length
      call.reply.integer(
        isInside ? (held.bytes[held.start + index]! >>> (7 - (offset % 8))) & 1 : 0,
      )
    },
  },
]
