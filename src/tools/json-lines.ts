/**
 * Data as JSON lines, one object a key:
 *
 *     {"db":0,"key":"k","type":"hash","expireAtMs":1800000000000,"value":[["field","value",1790000000000]]}
 *
 * Bytes that are no UTF-8 stand as `{"base64":"…"}`. A list and a set are arrays; a sorted set has pairs of
 * member and score; a hash pairs of field and value, with the field's expiry where it has one. A library of
 * functions is a line of type `function` without a key.
 */
import { fromLatin1 } from '../bytes/index.ts'
import { rebuildEntry } from '../commands/index.ts'
import type { EffectArgument } from '../engine/index.ts'
import { type Database, NEVER, TYPE_NAMES } from '../keyspace/index.ts'
import type { DataSet } from './data-set.ts'
import { ToolError } from './errors.ts'
import { StreamLine } from './json-stream.ts'
import { asBytes, asText, type Json } from './json-text.ts'

const bytesOf = (arg: EffectArgument): Uint8Array => {
  if (arg instanceof Uint8Array) return arg
  return typeof arg === 'object' ? arg.copyOf() : fromLatin1(String(arg))
}

/** Writes the lines of all data, piece by piece: a large value is never a text as a whole. */
export function writeLines(data: DataSet, write: (text: string) => void): void {
  for (const code of data.libraries) {
    write(`${JSON.stringify({ type: 'function', value: asText(fromLatin1(code)) })}\n`)
  }
  for (const db of data.keyspace.databases) {
    if (db.count > 0) db.dict.each((entry) => writeLine(db, entry, write))
  }
}

function writeLine(db: Database, entry: number, write: (text: string) => void): void {
  const type = TYPE_NAMES[db.typeOf(entry)]!
  const expiry = db.expiryOf(entry)
  const head = JSON.stringify({
    db: db.index,
    key: asText(db.keyOf(entry).copyOf()),
    type,
    ...(expiry === NEVER ? {} : { expireAtMs: expiry }),
  })
  write(`${head.slice(0, -1)},"value":`)
  if (type === 'string' || type === 'stream') write(JSON.stringify(wholeValue(db, entry, type)))
  else writeElements(db, entry, write)
  write('}\n')
}

function wholeValue(db: Database, entry: number, type: string): Json {
  const made: [string, ...Uint8Array[]][] = []
  rebuildEntry(db, entry, (name, ...args) => {
    const words = args.map(bytesOf)
    // XGROUP has a word before the key.
    if (name === 'XGROUP') made.push([`XGROUP ${args[0]}`, ...words.slice(2)])
    else made.push([name, ...words.slice(1)])
  })
  return type === 'string' ? asText(made[0]![1] as Uint8Array) : StreamLine.valueOf(made)
}

/** An array of what the commands that make a value put in, as they come. */
function writeElements(db: Database, entry: number, write: (text: string) => void): void {
  let before = '['
  const put = (items: readonly Json[]) => {
    if (items.length === 0) return
    write(before + items.map((item) => JSON.stringify(item)).join(','))
    before = ','
  }
  let fields: readonly [Uint8Array, Uint8Array][] = []
  const expiries = new Map<string, number>()
  // When fields expire is said behind the command that sets them.
  const putFields = () => {
    put(fields.map(([field, value]) => fieldOf(field, value, expiries.get(keyOf(field)))))
    fields = []
    expiries.clear()
  }
  rebuildEntry(db, entry, (name, _key, ...args) => {
    const words = args.map(bytesOf)
    if (name === 'HPEXPIREAT') expiries.set(keyOf(words[3]!), Number(Buffer.from(words[0]!)))
    else if (name === 'HSET') {
      putFields()
      fields = pairs(words)
    } else if (name === 'ZADD') {
      put(pairs(words).map(([score, member]) => [asText(member), scoreOf(score)]))
    } else if (name !== 'PEXPIREAT') put(words.map(asText))
  })
  putFields()
  write(']')
}

function fieldOf(field: Uint8Array, value: Uint8Array, expiresMs: number | undefined): Json {
  return [asText(field), asText(value), ...(expiresMs === undefined ? [] : [expiresMs])]
}

const keyOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

function pairs(words: readonly Uint8Array[]): [Uint8Array, Uint8Array][] {
  return Array.from({ length: words.length / 2 }, (_, i) => [words[i * 2]!, words[i * 2 + 1]!])
}

/** A number where JSON has it, and the text of others such as `inf`. */
function scoreOf(bytes: Uint8Array): Json {
  const text = Buffer.from(bytes).toString()
  return JSON.stringify(Number(text)) === text ? Number(text) : text
}

/** Puts one line into the data. @throws ToolError saying what is wrong with it. */
export function takeLine(data: DataSet, text: string): void {
  const line = JSON.parse(text) as Record<string, unknown>
  const { db, key, type, value, expireAtMs } = line
  const run = (...argv: (Uint8Array | string | number)[]) => {
    const refused = data.run(...argv)
    if (refused !== undefined) throw new ToolError(refused)
  }
  if (type === 'function') {
    run('FUNCTION', 'LOAD', asBytes(value))
    return
  }
  run('SELECT', Number(db ?? 0))
  const name = asBytes(key)
  const database = data.keyspace.databases[Number(db ?? 0)]!
  const before = database.count
  make(run, name, String(type), value)
  if (database.count !== before + 1) throw new ToolError('the key is there twice, or has no value')
  if (expireAtMs !== undefined) run('PEXPIREAT', name, Number(expireAtMs))
}

type Run = (...argv: (Uint8Array | string | number)[]) => void

function make(run: Run, key: Uint8Array, type: string, value: unknown): void {
  if (type === 'string') {
    run('SET', key, asBytes(value))
    return
  }
  if (type === 'stream') {
    StreamLine.make(run, key, value)
    return
  }
  if (!Array.isArray(value)) throw new ToolError('the value is no array')
  const command = COMMANDS[type]
  if (command === undefined) throw new ToolError(`unknown type "${type}"`)
  for (let at = 0; at < value.length; at += ELEMENTS_PER_COMMAND) {
    const some: readonly unknown[] = value.slice(at, at + ELEMENTS_PER_COMMAND)
    run(command, key, ...some.flatMap((one) => argumentsOf(type, one)))
    if (type === 'hash') expireFields(run, key, some as readonly unknown[][])
  }
}

/** What puts elements in. */
const COMMANDS: Readonly<Record<string, string>> = {
  list: 'RPUSH',
  set: 'SADD',
  zset: 'ZADD',
  hash: 'HSET',
}
const ELEMENTS_PER_COMMAND = 64

function argumentsOf(type: string, one: unknown): (Uint8Array | string)[] {
  if (type === 'list' || type === 'set') return [asBytes(one)]
  const [first, second] = one as unknown[]
  return type === 'zset' ? [String(second), asBytes(first)] : [asBytes(first), asBytes(second)]
}

function expireFields(run: Run, key: Uint8Array, fields: readonly unknown[][]): void {
  for (const [field, , atMs] of fields) {
    if (atMs !== undefined) run('HPEXPIREAT', key, Number(atMs), 'FIELDS', 1, asBytes(field))
  }
}
