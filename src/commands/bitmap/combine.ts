/** BITOP: strings combined bit by bit. */
import { type BitOperation, combineBits, Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  keysFrom,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { ENCODING_RAW, NEVER } from '../../keyspace/index.ts'
import { readString } from '../string/access.ts'

const OPERATIONS: readonly BitOperation[] = [
  'AND',
  'OR',
  'XOR',
  'NOT',
  'DIFF',
  'DIFF1',
  'ANDOR',
  'ONE',
]
const NO_BYTES = new Uint8Array(0)

function readOperation(args: Args): BitOperation {
  const operation = OPERATIONS.find((name) => args.take(name))
  if (operation === undefined) throw syntaxError()
  const sourceCount = args.left - 1
  if (operation === 'NOT' && sourceCount !== 1) {
    throw new ReplyError('ERR BITOP NOT must be called with a single source key.')
  }
  const isOfTwo = operation === 'DIFF' || operation === 'DIFF1' || operation === 'ANDOR'
  if (isOfTwo && sourceCount < 2) {
    throw new ReplyError(`ERR BITOP ${operation} must be called with at least two source keys.`)
  }
  return operation
}

function bitOperation({ db, reply }: Call, args: Args): void {
  const operation = readOperation(args)
  const target = args.key()
  const sources: Slice[] = []
  while (args.left > 0) {
    const held = readString(db, args.key())
    sources.push(
      held === undefined ? new Slice(NO_BYTES, 0, 0) : new Slice(held.bytes, held.start, held.end),
    )
  }
  const result = combineBits(operation, sources)
  if (result.length > 0) {
    db.setString(target, result, 0, result.length, ENCODING_RAW, NEVER)
    db.changed(target, 'set', 'string')
  } else db.storeNothing(target)
  reply.integer(result.length)
}

export const combineCommands: readonly CommandSpec[] = [
  {
    name: 'BITOP',
    syntax:
      '<AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE>:operation destkey:key key [key ...]',
    summary: 'Combines strings bit by bit and keeps the result at a key.',
    since: '2.6.0',
    complexity: 'O(N)',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(2, 'OW', 'update'), keysFrom(3, -1, 1, 'RO', 'access')],
    history: [['8.2.0', 'The operations `DIFF`, `DIFF1`, `ANDOR` and `ONE`.']],
    run: bitOperation,
  },
]
