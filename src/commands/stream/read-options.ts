/** The arguments of XREAD and XREADGROUP: options, then the streams, then an id for each. */
import type { Slice } from '../../bytes/index.ts'
import { type Args, ReplyError, syntaxError } from '../../engine/index.ts'
import { readWholeTimeoutMs } from '../timeout.ts'

/** What is to be read. */
export interface ReadOptions {
  /** How long to wait; 0 is for ever, -1 not at all. */
  readonly timeoutMs: number
  /** How many entries of each stream at the most. */
  readonly countMax: number
  /** How many streams, and the position of the first one's key; its id is `streams` further on. */
  readonly streams: number
  readonly keysAt: number
  /** For whom to read, in XREADGROUP. */
  readonly group: Slice | undefined
  readonly consumer: Slice | undefined
  /** What is delivered need not be acknowledged. */
  readonly isNoAck: boolean
}

/** Reads all arguments but the ids. `name` is in capitals. */
export function readOptions(args: Args, name: 'XREAD' | 'XREADGROUP'): ReadOptions {
  const isGroup = name === 'XREADGROUP'
  let timeoutMs = -1
  let countMax = Number.POSITIVE_INFINITY
  let isNoAck = false
  let group: Slice | undefined
  let consumer: Slice | undefined
  for (;;) {
    const { left } = args
    if (left > 1 && args.take('BLOCK')) timeoutMs = readWholeTimeoutMs(args)
    else if (left > 1 && args.take('COUNT')) countMax = readCount(args)
    else if (left > 1 && args.take('STREAMS')) break
    else if (left > 2 && args.take('GROUP')) {
      if (!isGroup) throw onlyInGroup('GROUP')
      group = args.next()
      consumer = args.next()
    } else if (args.take('NOACK')) {
      if (!isGroup) throw onlyInGroup('NOACK')
      isNoAck = true
    } else throw syntaxError()
  }
  if (args.left % 2 === 1) throw unbalanced(isGroup)
  if (isGroup && group === undefined) {
    throw new ReplyError('ERR Missing GROUP option for XREADGROUP')
  }
  const streams = args.left / 2
  return { timeoutMs, countMax, streams, keysAt: args.at, group, consumer, isNoAck }
}

/** No limit when it is 0 or less. */
function readCount(args: Args): number {
  const count = args.int()
  return count > 0 ? count : Number.POSITIVE_INFINITY
}

/** The keys of all streams. */
export function keysOf(args: Args, { streams, keysAt }: ReadOptions): Slice[] {
  return Array.from({ length: streams }, (_, i) => args.slice(keysAt + i))
}

function onlyInGroup(option: string): ReplyError {
  return new ReplyError(
    `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
  )
}

function unbalanced(isGroup: boolean): ReplyError {
  const name = isGroup ? 'xreadgroup' : 'xread'
  const ids = isGroup ? "ID or '>'" : "ID, '+', or '$'"
  return new ReplyError(
    `ERR Unbalanced '${name}' list of streams: ` +
      `for each stream key an ${ids} must be specified.`,
  )
}
