/** BITFIELD: integers of any width inside a string. */
import { parseInt64, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import {
  type BitFieldOverflow,
  type BitFieldType,
  fitBitField,
  readBitField,
  writeBitField,
} from '../../values/index.ts'
import { growString, readString, writeString } from '../string/access.ts'
import { readFieldOffset } from './offset.ts'

interface FieldStep {
  readonly kind: 'GET' | 'SET' | 'INCRBY'
  readonly type: BitFieldType
  readonly offset: number
  /** What is set or added. */
  readonly value: bigint
  readonly overflow: BitFieldOverflow
}

const LOWER_I = 105
const LOWER_U = 117

const badType = () =>
  new ReplyError(
    'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
  )

function readType({ bytes, start, end }: Slice): BitFieldType {
  const isSigned = bytes[start] === LOWER_I
  if (start === end || (!isSigned && bytes[start] !== LOWER_U)) throw badType()
  const bits = parseInt64(bytes, start + 1, end)
  if (bits === undefined || bits < 1n || bits > (isSigned ? 64n : 63n)) throw badType()
  return { isSigned, bits: Number(bits) }
}

function readOverflow(args: Args): BitFieldOverflow {
  if (args.take('WRAP')) return 'WRAP'
  if (args.take('SAT')) return 'SAT'
  if (args.take('FAIL')) return 'FAIL'
  throw new ReplyError('ERR Invalid OVERFLOW type specified')
}

function readSteps(call: Call, args: Args): FieldStep[] {
  const steps: FieldStep[] = []
  let overflow: BitFieldOverflow = 'WRAP'
  while (args.left > 0) {
    if (args.left > 1 && args.take('OVERFLOW')) {
      overflow = readOverflow(args)
      continue
    }
    const kind = readKind(args)
    const type = readType(args.next())
    const offset = readFieldOffset(call, args.next(), type.bits)
    const value = kind === 'GET' ? 0n : args.int64()
    steps.push({ kind, type, offset, value, overflow })
  }
  return steps
}

/** Whether enough arguments follow decides before they are read. */
function readKind(args: Args): FieldStep['kind'] {
  if (args.left > 2 && args.take('GET')) return 'GET'
  if (args.left > 3 && args.take('SET')) return 'SET'
  if (args.left > 3 && args.take('INCRBY')) return 'INCRBY'
  throw syntaxError()
}

function getFields({ db, reply }: Call, key: Slice, steps: readonly FieldStep[]): void {
  const held = readString(db, key)
  reply.array(steps.length)
  for (const { type, offset } of steps) {
    reply.integer(held === undefined ? 0 : readBitField(held.bytes, held, type, offset))
  }
}

function changeFields({ db, keyspace, reply }: Call, key: Slice, steps: readonly FieldStep[]) {
  const last = steps.reduce(
    (end, { kind, offset, type }) => (kind === 'GET' ? end : Math.max(end, offset + type.bits)),
    0,
  )
  const entry = writeString(db, key)
  const oldSize = entry === 0 ? -1 : db.stringOf(entry).length
  if (entry !== 0) {
    // One by one: they may be far from each other.
    for (const { kind, offset, type } of steps) {
      if (kind === 'GET') continue
      db.beforeBytes(entry, Math.floor(offset / 8), Math.ceil((offset + type.bits) / 8))
    }
  }
  const size = Math.ceil(last / 8)
  const held = growString(db, key, entry, size, size)
  const isGrown = held.length !== oldSize
  let changes = 0
  reply.array(steps.length)
  for (const step of steps) {
    const { kind, type, offset } = step
    const old = readBitField(held.bytes, held, type, offset)
    const value = kind === 'GET' ? old : newValue(step, old)
    if (value === undefined) reply.null()
    else {
      reply.integer(kind === 'INCRBY' ? value : old)
      if (kind === 'GET') continue
      writeBitField(held.bytes, held.start, step, value)
      if (isGrown || value !== old) changes++
    }
  }
  // A string that only grew, since all fields failed, has changed as well: the log must know.
  if (isGrown) changes = Math.max(changes, 1)
  if (changes === 0) return
  db.changed(key, 'setbit', 'string')
  keyspace.dirty += changes - 1
}

function newValue({ kind, type, value, overflow }: FieldStep, old: bigint): bigint | undefined {
  if (kind === 'INCRBY') return fitBitField(old + value, type, overflow)
  // Set without a sign, a negative value counts as the large one that has the same 64 bits.
  return fitBitField(type.isSigned ? value : BigInt.asUintN(64, value), type, overflow)
}

export const bitFieldCommands: readonly CommandSpec[] = [
  {
    name: 'BITFIELD',
    syntax:
      'key [<GET encoding offset:integer>:get-block | <[OVERFLOW <WRAP | SAT | FAIL>]:overflow-block <<SET encoding offset:integer value:integer>:set-block | <INCRBY encoding offset:integer increment:integer>:incrby-block>:write-operation>:write ...]:operation',
    summary: 'Reads and changes integers of any width inside the string at a key.',
    since: '3.2.0',
    complexity: 'O(1) for each integer.',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'update', 'access', 'variable_flags')],
    keyFlags: (args) => (onlyGets(args) ? ['RO', 'access'] : ['RW', 'access', 'update']),
    run(call, args) {
      const key = args.key()
      const steps = readSteps(call, args)
      if (steps.every(({ kind }) => kind === 'GET')) getFields(call, key, steps)
      else changeFields(call, key, steps)
    },
  },
  {
    name: 'BITFIELD_RO',
    syntax: 'key [GET encoding offset:integer [GET encoding offset:integer ...]:get-block]',
    summary: 'Reads integers of any width inside the string at a key.',
    since: '6.0.0',
    complexity: 'O(1) for each integer.',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run(call, args) {
      const key = args.key()
      const steps = readSteps(call, args)
      if (steps.some(({ kind }) => kind !== 'GET')) {
        throw new ReplyError('ERR BITFIELD_RO only supports the GET subcommand')
      }
      getFields(call, key, steps)
    },
  },
]

/** Whether BITFIELD's arguments change nothing; what is malformed is taken for a change. */
function onlyGets(args: Args): boolean {
  args.next()
  while (args.left > 0) {
    if (args.left > 2 && args.take('GET')) args.at += 2
    else if (args.left > 1 && args.take('OVERFLOW')) args.at++
    else return false
  }
  return true
}
