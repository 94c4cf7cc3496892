/** Values that scripts return, as replies. */
import { fromLatin1 } from '../bytes/index.ts'
import { LuaTable, type LuaValue } from '../lua/index.ts'
import type { ReplyWriter } from '../resp/index.ts'

/** Values that the reference can have on its stack: tables in tables beyond it are an error there. */
const STACK_MAX = 8000
/** What it needs free for each value, and has taken before the first. */
const STACK_FREE = 4
const STACK_BEGIN = 2
/** Beside what lies in an array there is nothing, but a map and its table, and the key. */
const ARRAY_SLOTS = 1
const COLLECTION_SLOTS = 3
const INT64_MIN = -(2n ** 63n)

/** What the writing of a value needs to know. */
export interface ReplyTarget {
  readonly reply: ReplyWriter
  /** Whether the script has chosen RESP3, where false is not null. */
  readonly isScriptResp3: boolean
  /** Writes an error and counts it, unless it was counted before. `text` begins with its code. */
  error(text: string, isCounted: boolean): void
}

/** Writes what a script has returned, in the protocol of its client. */
export function replyValue(value: LuaValue, target: ReplyTarget): void {
  if (value instanceof LuaTable) new TableWriter(target).writeAll(value)
  else writeScalar(value, target)
}

function writeScalar(value: LuaValue, { reply, isScriptResp3 }: ReplyTarget): void {
  if (typeof value === 'string') reply.latin1(value)
  else if (typeof value === 'number') writeInteger(reply, value)
  else if (typeof value !== 'boolean') reply.null()
  else if (isScriptResp3) reply.boolean(value)
  else if (value) reply.integer(1)
  else reply.null()
}

/** A table that is being written, and how far that is. */
interface OpenTable {
  readonly table: LuaTable
  readonly kind: 'array' | 'map' | 'set'
  /** Where its reply begins. */
  readonly mark: number
  /** Of an array the index of the last element, of others the place of the last key. */
  at: number
  /** Elements or pairs: all of an array, or those written. */
  count: number
  isValueNext: boolean
}

/** Keeps the tables that are open in a list: how deep they lie is not bounded by our own stack. */
class TableWriter {
  readonly #target: ReplyTarget
  readonly #reply: ReplyWriter
  readonly #open: OpenTable[] = []
  #stack = STACK_BEGIN

  constructor(target: ReplyTarget) {
    this.#target = target
    this.#reply = target.reply
  }

  writeAll(table: LuaTable): void {
    this.#begin(table)
    for (let open = this.#open.at(-1); open !== undefined; open = this.#open.at(-1)) {
      if (open.kind === 'array') this.#goOnArray(open)
      else this.#goOnCollection(open)
    }
  }

  #goOnArray(open: OpenTable): void {
    while (open.at < open.count) {
      const value = open.table.getNumber(++open.at)
      if (value instanceof LuaTable) {
        this.#begin(value)
        return
      }
      writeScalar(value, this.#target)
    }
    this.#end(ARRAY_SLOTS)
  }

  #goOnCollection(open: OpenTable): void {
    const { table } = open
    for (;;) {
      let value: LuaValue
      if (open.isValueNext) {
        value = table.valueAt(open.at)
        open.isValueNext = false
      } else {
        open.at = table.advance(open.at)
        if (open.at === 0) break
        open.count++
        value = table.keyAt(open.at)
        open.isValueNext = open.kind === 'map'
      }
      if (value instanceof LuaTable) {
        this.#begin(value)
        return
      }
      writeScalar(value, this.#target)
    }
    this.#reply.arrayAt(open.mark, open.count, open.kind)
    this.#end(COLLECTION_SLOTS)
  }

  #end(slots: number): void {
    this.#open.pop()
    this.#stack -= slots
  }

  #begin(table: LuaTable): void {
    if (this.#stack + STACK_FREE > STACK_MAX) {
      this.#target.error('ERR reached lua stack limit', false)
      return
    }
    // Most tables are arrays.
    if (table.keys.length > 0 && this.#special(table)) return
    let count = 0
    while (table.getNumber(count + 1) !== undefined) count++
    this.#reply.array(count)
    this.#stack += ARRAY_SLOTS
    this.#open.push({ table, kind: 'array', mark: 0, at: 0, count, isValueNext: false })
  }

  /** Tables with certain fields stand for other kinds of replies. @returns false when it is none */
  #special(table: LuaTable): boolean {
    const reply = this.#reply
    const error = table.get('err')
    if (typeof error === 'string') {
      const text = cText(error).replace(/[\r\n]+$/, '')
      this.#target.error(text, table.get('ignore_error_stats_update') === true)
      return true
    }
    const status = table.get('ok')
    if (typeof status === 'string') {
      reply.simple(oneLine(cText(status)))
      return true
    }
    const double = table.get('double')
    if (typeof double === 'number') {
      reply.float(double)
      return true
    }
    const bigNumber = table.get('big_number')
    if (typeof bigNumber === 'string') {
      reply.bigNumber(oneLine(bigNumber))
      return true
    }
    const verbatim = table.get('verbatim_string')
    if (verbatim instanceof LuaTable && this.#verbatim(verbatim)) return true
    return this.#collection(table)
  }

  #verbatim(table: LuaTable): boolean {
    const format = table.get('format')
    const text = table.get('string')
    if (typeof format !== 'string' || typeof text !== 'string') return false
    const reply = this.#reply
    if (reply.isResp3) {
      const kind = cText(format).slice(0, 3).padEnd(3)
      reply.raw(fromLatin1(`=${text.length + 4}\r\n${kind}:${text}\r\n`))
    } else reply.latin1(text)
    return true
  }

  #collection(table: LuaTable): boolean {
    const map = table.get('map')
    const shown = map instanceof LuaTable ? map : table.get('set')
    if (!(shown instanceof LuaTable)) return false
    const kind = shown === map ? 'map' : 'set'
    this.#stack += COLLECTION_SLOTS
    const mark = this.#reply.at
    this.#open.push({ table: shown, kind, mark, at: 0, count: 0, isValueNext: false })
    return true
  }
}

/** The number without its fraction; what has no place in 64 bits is the smallest there is. */
function writeInteger(reply: ReplyWriter, value: number): void {
  const whole = Math.trunc(value)
  if (Number.isSafeInteger(whole)) reply.integer(whole === 0 ? 0 : whole)
  else if (whole >= -(2 ** 63) && whole < 2 ** 63) reply.integer(BigInt(whole))
  else reply.integer(INT64_MIN)
}

/** A text up to its first zero byte. */
export function cText(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
