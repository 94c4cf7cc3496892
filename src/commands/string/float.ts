/** INCRBYFLOAT. */
import { fromLatin1, type Slice } from '../../bytes/index.ts'
import { type CommandSpec, keyAt, notAFloat, ReplyError, wrongType } from '../../engine/index.ts'
import {
  EMBSTR_BYTES_MAX,
  ENCODING_EMBSTR,
  ENCODING_RAW,
  KEEP,
  TYPE_STRING,
} from '../../keyspace/index.ts'
import {
  addLongDoubles,
  formatLongDouble,
  type LongDouble,
  parseLongDouble,
} from '../../values/index.ts'

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 }

function parse(text: Slice): LongDouble | 'infinite' {
  const value = parseLongDouble(text.latin1())
  if (value === undefined) throw notAFloat()
  return value
}

function sumOf(held: LongDouble | 'infinite', by: LongDouble | 'infinite'): Uint8Array {
  const areFinite = held !== 'infinite' && by !== 'infinite'
  const sum = areFinite ? addLongDoubles(held, by) : undefined
  if (sum === undefined) throw new ReplyError('ERR increment would produce NaN or Infinity')
  return fromLatin1(formatLongDouble(sum))
}

export const floatCommands: readonly CommandSpec[] = [
  {
    name: 'INCRBYFLOAT',
    syntax: 'key increment:double',
    summary: 'Adds a number to the floating-point number at a key; a missing key counts as 0.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run({ db, effects, reply }, args) {
      const key = args.key()
      const increment = args.next()
      const entry = db.peek(key)
      if (entry !== 0 && db.typeOf(entry) !== TYPE_STRING) throw wrongType()
      const held = entry === 0 ? ZERO : parse(db.stringOf(entry))
      const text = sumOf(held, parse(increment))
      // It stays text even where it reads as an integer.
      const encoding = text.length > EMBSTR_BYTES_MAX ? ENCODING_RAW : ENCODING_EMBSTR
      db.setString(key, text, 0, text.length, encoding, KEEP)
      db.changed(key, 'incrbyfloat', 'string')
      reply.bulk(text)
      // Whoever replays it must not depend on how it adds and prints.
      effects.replaceWith('SET', key, text, 'KEEPTTL')
    },
  },
]
