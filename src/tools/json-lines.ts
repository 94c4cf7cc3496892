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
import { asBytes, asText, type Json, type JsonBytes } from './json-text.ts'

/** The commands that make a value, by name, without the key. */
type Made = readonly (readonly [name: string, ...args: Uint8Array[]])[]

const bytesOf = (arg: EffectArgument): Uint8Array => {
  if (arg instanceof Uint8Array) return arg
  return typeof arg === 'object' ? arg.copyOf() : fromLatin1(String(arg))
}

/** Gives every line of the data, without its line end. */
export function eachLine(data: DataSet, take: (line: string, index: number) => void): void {
  let index = 0
  for (const code of data.libraries) {
    take(JSON.stringify({ type: 'function', value: asText(fromLatin1(code)) }), index++)
  }
  for (const db of data.keyspace.databases) {
    if (db.count === 0) continue
    db.dict.each((entry) => take(JSON.stringify(lineOf(db, entry)), index++))
  }
}

function lineOf(db: Database, entry: number): Json {
  const made: [string, ...Uint8Array[]][] = []
  rebuildEntry(db, entry, (name, ...args) => {
    const isGroup = name === 'XGROUP'
    const words = args.map(bytesOf)
    // XGROUP has a word before the key.
    if (isGroup) made.push([`XGROUP ${args[0]}`, ...words.slice(2)])
    else made.push([name, ...words.slice(1)])
  })
  const type = TYPE_NAMES[db.typeOf(entry)]!
  const expiry = db.expiryOf(entry)
  return {
    db: db.index,
    key: asText(db.keyOf(entry).copyOf()),
    type,
    ...(expiry === NEVER ? {} : { expireAtMs: expiry }),
    value: jsonOf(type, made),
  }
}

function jsonOf(type: string, made: Made): Json {
  const of = (name: string) => made.filter((one) => one[0] === name).flatMap((one) => one.slice(1))
  if (type === 'string') return asText(made[0]![1] as Uint8Array)
  if (type === 'stream') return StreamLine.valueOf(made)
  if (type === 'hash') {
    const expiries = new Map(
      made
        .filter((one) => one[0] === 'HPEXPIREAT')
        .map(([, at, , , field]) => [
          String(asText(field!)) + keyOf(field!),
          Number(Buffer.from(at!)),
        ]),
    )
    return pairs(of('HSET') as Uint8Array[]).map(([field, value]) => {
      const at = expiries.get(String(asText(field)) + keyOf(field))
      return [asText(field), asText(value), ...(at === undefined ? [] : [at])]
    })
  }
  if (type === 'zset') {
    return pairs(of('ZADD') as Uint8Array[]).map(([score, member]) => [
      asText(member),
      scoreOf(score),
    ])
  }
  return made.flatMap((one) => (one.slice(1) as Uint8Array[]).map(asText))
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
  for (const one of value as unknown[]) {
    const [first, second, third] = Array.isArray(one) ? (one as unknown[]) : [one]
    if (type === 'list') run('RPUSH', key, asBytes(one as JsonBytes))
    else if (type === 'set') run('SADD', key, asBytes(one as JsonBytes))
    else if (type === 'zset') run('ZADD', key, String(second), asBytes(first))
    else if (type === 'hash') {
      run('HSET', key, asBytes(first), asBytes(second))
      if (third !== undefined) run('HPEXPIREAT', key, Number(third), 'FIELDS', 1, asBytes(first))
    } else throw new ToolError(`unknown type "${type}"`)
  }
}
