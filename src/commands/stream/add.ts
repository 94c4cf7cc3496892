/** XADD and XTRIM: appending to a stream, and cutting it at its oldest end. */
import { NONE, type Ref } from '../../arena/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
  wrongArity,
} from '../../engine/index.ts'
import {
  ENTRY_BYTES_MAX,
  ID_INVALID,
  ID_MINUS,
  ID_PLUS,
  ID_TIME_STAR,
  parseStreamId,
  StreamId,
} from '../../values/index.ts'
import { createStream, writeStream } from './access.ts'
import { invalidId, lentId, replyId } from './ids.ts'
import { TrimOptions } from './trim-options.ts'

const STAR = 42
/** The form of an id that is left to the server, beside those of `parseStreamId`. */
const ID_AUTO = -1

const options = new TrimOptions()
const id = new StreamId()
const lastId = new StreamId()

function add(call: Call, args: Args): void {
  const { db, keyspace, reply, effects } = call
  const key = args.key()
  const form = readForm(args)
  const idAt = args.at - 1
  options.settle(keyspace, true)
  if (args.left < 2 || args.left % 2 === 1) throw wrongArity('xadd')
  if (form !== ID_AUTO && form !== ID_TIME_STAR && id.isMin) {
    throw new ReplyError('ERR The ID specified in XADD must be greater than 0-0')
  }
  const from = args.at
  let stream = writeStream(call, key)
  if (stream === NONE && options.isExistingOnly) {
    reply.null()
    return
  }
  chooseId(call, stream, form)
  checkSize(args, from)
  if (stream === NONE) stream = createStream(call, key)
  keyspace.streams.entries.append(stream, id, args.request, from, args.left / 2)
  replyId(reply, id)
  db.changed(key, 'xadd', 'stream')
  if (options.isGiven && keyspace.streams.trimmer.trim(stream, options) > 0) {
    db.changed(key, 'xtrim', 'stream')
  }
  if (options.isApproximate) tellBound(call, args, stream)
  if (form === ID_AUTO || form === ID_TIME_STAR) {
    if (effects.sink === undefined) effects.suppress()
    else effects.replaceArgument(args.request, idAt, lentId(id))
  }
}

/** Reads the options and the id after them. @returns the form of the id. */
function readForm(args: Args): number {
  options.clear()
  for (;;) {
    if (args.left === 0) throw wrongArity('xadd')
    const { bytes, start, end } = args.slice(args.at)
    if (end - start === 1 && bytes[start] === STAR) {
      args.at++
      return ID_AUTO
    }
    if (options.take(args, true)) continue
    const form = parseStreamId(bytes, start, end, id)
    if (form === ID_INVALID || form === ID_MINUS || form === ID_PLUS) throw invalidId()
    args.at++
    return form
  }
}

/** Makes `id` the one of the new entry. */
function chooseId({ keyspace }: Call, stream: Ref, form: number): void {
  if (stream === NONE) lastId.setMin()
  else keyspace.streams.lastId(stream, lastId)
  if (lastId.isMax) {
    throw new ReplyError(
      'ERR The stream has exhausted the last possible ID, unable to add more items',
    )
  }
  if (form === ID_AUTO) {
    if (lastId.isSince(keyspace.nowMs)) id.set(lastId).increment()
    else id.setTime(keyspace.nowMs)
    return
  }
  if (form === ID_TIME_STAR && id.hasTimeOf(lastId)) {
    if (lastId.isSequenceMax) throw notAboveLast()
    id.set(lastId).increment()
  }
  if (id.compare(lastId) <= 0) throw notAboveLast()
}

function notAboveLast(): ReplyError {
  return new ReplyError(
    'ERR The ID specified in XADD is equal or smaller than the target stream top item',
  )
}

function checkSize(args: Args, from: number): void {
  const { starts, ends } = args.request
  // All are in one request, so most are seen to be short enough at once.
  if (ends[args.count - 1]! - starts[from]! <= ENTRY_BYTES_MAX) return
  let size = 0
  for (let i = from; i < args.count; i++) size += ends[i]! - starts[i]!
  if (size > ENTRY_BYTES_MAX) throw new ReplyError('ERR Elements are too large to be stored')
}

/** The effect has the bound that a trim which was not exact has come to. */
function tellBound(call: Call, args: Args, stream: Ref): void {
  const { effects } = call
  effects.replaceArgument(args.request, options.boundAt - 1, '=')
  effects.replaceArgument(args.request, options.boundAt, options.reached(call, stream))
}

function trim(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  options.clear()
  while (args.left > 0) if (!options.take(args, false)) throw syntaxError()
  options.settle(keyspace, false)
  const stream = writeStream(call, key)
  const deleted = stream === NONE ? 0 : keyspace.streams.trimmer.trim(stream, options)
  reply.integer(deleted)
  if (deleted === 0) return
  db.changed(key, 'xtrim', 'stream')
  keyspace.dirty += deleted - 1
  if (options.isApproximate) tellBound(call, args, stream)
}

/** XADD and XTRIM. */
export const addCommands: readonly CommandSpec[] = [
  {
    name: 'XADD',
    syntax:
      'key [NOMKSTREAM] [KEEPREF | DELREF | ACKED]:condition ' +
      '[<MAXLEN | MINID>:strategy [=:equal | ~:approximately]:operator threshold ' +
      '[LIMIT count:integer]]:trim <*:auto-id | id>:id-selector field value [field value ...]:data',
    summary:
      'Appends an entry to a stream, which is made if it is missing, and may trim the stream.',
    since: '5.0.0',
    argumentsSince: { nomkstream: '6.2.0', 'trim/strategy/minid': '6.2.0', 'trim/count': '6.2.0' },
    complexity: 'O(1), and O(N) when trimming, where N is the number of entries that go',
    arity: -5,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    tips: ['nondeterministic_output'],
    history: [
      ['6.2.0', 'Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.'],
      ['7.0.0', 'Added support for the `<ms>-*` explicit ID form.'],
      ['8.2.0', 'Added the `KEEPREF`, `DELREF` and `ACKED` options.'],
    ],
    run: add,
  },
  {
    name: 'XTRIM',
    syntax:
      'key <<MAXLEN | MINID>:strategy [=:equal | ~:approximately]:operator threshold ' +
      '[LIMIT count:integer]>:trim [KEEPREF | DELREF | ACKED]:condition',
    summary: 'Deletes the oldest entries of a stream.',
    since: '5.0.0',
    argumentsSince: { 'trim/strategy/minid': '6.2.0', 'trim/count': '6.2.0' },
    complexity: 'O(N), where N is the number of entries that go; whole blocks of them go at once',
    arity: -4,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'delete')],
    tips: ['nondeterministic_output'],
    history: [
      ['6.2.0', 'Added the `MINID` trimming strategy and the `LIMIT` option.'],
      ['8.2.0', 'Added the `KEEPREF`, `DELREF` and `ACKED` options.'],
    ],
    run: trim,
  },
]
