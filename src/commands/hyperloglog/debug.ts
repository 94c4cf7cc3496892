/** PFDEBUG and PFSELFTEST: looking into a HyperLogLog, and trying the arithmetic out. */
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import {
  denseRegister,
  describeRuns,
  isDense,
  makeDense,
  REGISTERS,
  SKETCH_HEADER_BYTES,
} from '../../values/index.ts'
import { brokenSketch, writeSketch } from './access.ts'
import { selfTest } from './self-test.ts'

/** @returns whether it was sparse. Being dense is a change that replicas need to hear of. */
function turnDense({ keyspace }: Call, sketch: Value): boolean {
  if (isDense(sketch)) return false
  if (!makeDense(sketch)) throw brokenSketch()
  keyspace.dirty++
  return true
}

function replyRegisters(call: Call, sketch: Value): void {
  turnDense(call, sketch)
  call.reply.array(REGISTERS)
  for (let i = 0; i < REGISTERS; i++) {
    call.reply.integer(denseRegister(sketch.bytes, sketch.start + SKETCH_HEADER_BYTES, i))
  }
}

function debug(call: Call, args: Args): void {
  const { db, reply } = call
  const what = args.text()
  const word = what.toUpperCase()
  if (word === 'SIMD') {
    // Two ways of computing are compared by it in the reference; here there is one.
    if (!args.take('ON') && !args.take('OFF'))
      throw new ReplyError('ERR Argument must be ON or OFF')
    reply.simple('disabled')
    return
  }
  const sketch = writeSketch(db, args.key())
  if (sketch === undefined) throw new ReplyError('ERR The specified key does not exist')
  if (word === 'GETREG') replyRegisters(call, sketch)
  else if (word === 'DECODE') {
    if (isDense(sketch)) throw new ReplyError('ERR HLL encoding is not sparse')
    reply.latin1(describeRuns(sketch))
  } else if (word === 'ENCODING') reply.simple(isDense(sketch) ? 'dense' : 'sparse')
  else if (word === 'TODENSE') reply.integer(turnDense(call, sketch) ? 1 : 0)
  else throw new ReplyError(`ERR Unknown PFDEBUG subcommand '${what.split('\0', 1)[0]}'`)
}

export const sketchDebugCommands: readonly CommandSpec[] = [
  {
    name: 'PFDEBUG',
    syntax: 'subcommand key',
    summary: 'Looks into a HyperLogLog, for tests.',
    since: '2.8.9',
    complexity: 'N/A',
    isInternal: true,
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    keys: [keyAt(2, 'RW', 'access')],
    run: debug,
  },
  {
    name: 'PFSELFTEST',
    syntax: '',
    summary: 'Tries out whether HyperLogLogs count well enough.',
    since: '2.8.9',
    complexity: 'N/A',
    isInternal: true,
    arity: 1,
    flags: ['admin'],
    run({ keyspace, reply }) {
      const fault = selfTest(keyspace.space)
      if (fault !== undefined) throw new ReplyError(`TESTFAILED ${fault}`)
      reply.ok()
    },
  },
]
