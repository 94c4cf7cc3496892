/** What the naive store of the simulation keeps: plain values, and their words for comparing. */
import { type Content, hashText } from './history.ts'

/** A field of a hash. */
export interface Field {
  text: string
  expiresMs: number
}

/** A group of a stream: what it was given last, and who has not acknowledged what. */
export interface Group {
  lastId: string
  readonly pending: Map<string, string>
}

/** A stream. Ids stand in their order. */
export interface Stream {
  readonly type: 'stream'
  readonly entries: Map<string, readonly string[]>
  lastId: readonly [ms: number, sequence: number]
  readonly groups: Map<string, Group>
}

/** A typed value. */
export type Value =
  | { readonly type: 'string'; text: string }
  | { readonly type: 'list'; items: string[] }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'hash'; readonly fields: Map<string, Field> }
  | { readonly type: 'zset'; readonly scores: Map<string, number> }
  | Stream

/** What a key maps to. */
export interface Entry {
  value: Value
  /** Milliseconds since 1970, or infinity. */
  expiresMs: number
}

/** One of its types. */
export type Typed<T extends Value['type']> = Extract<Value, { type: T }>

/** An empty value. */
export function emptyValue(type: Value['type']): Value {
  switch (type) {
    case 'string':
      return { type, text: '' }
    case 'list':
      return { type, items: [] }
    case 'set':
      return { type, members: new Set() }
    case 'hash':
      return { type, fields: new Map() }
    case 'zset':
      return { type, scores: new Map() }
    case 'stream':
      return { type, entries: new Map(), lastId: [0, 0], groups: new Map() }
  }
}

/** Whether a value is one that no key can have. */
export function isGone(value: Value): boolean {
  switch (value.type) {
    case 'list':
      return value.items.length === 0
    case 'set':
      return value.members.size === 0
    case 'hash':
      return value.fields.size === 0
    case 'zset':
      return value.scores.size === 0
    default:
      return false
  }
}

/** A value that shares nothing with another. */
export function copyOf(value: Value): Value {
  return structuredClone(value)
}

/** Members of a sorted set in their order. */
export function ranked(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
}

/** The words for what a key maps to. */
export function contentOf({ value, expiresMs }: Entry): Content {
  if (value.type !== 'hash') return { text: textOf(value), expiresMs }
  const fields = [...value.fields].map(([name, it]) => [name, it.text, it.expiresMs] as const)
  const text = hashText(fields)
  const isLasting = fields.every(([, , fieldExpiresMs]) => fieldExpiresMs === Infinity)
  return isLasting ? { text, expiresMs } : { text, expiresMs, fields }
}

function textOf(value: Exclude<Value, Typed<'hash'>>): string {
  switch (value.type) {
    case 'string':
      return `string ${value.text}`
    case 'list':
      return `list ${value.items.join(' ')}`
    case 'set':
      return `set ${[...value.members].sort().join(' ')}`
    case 'zset':
      return `zset ${ranked(value.scores)
        .map(([member, score]) => `${member}=${score}`)
        .join(' ')}`
    case 'stream':
      return streamText(value)
  }
}

function streamText({ entries, lastId, groups }: Stream): string {
  const lines = [...entries].map(([id, words]) => `${id}:${words.join(',')}`)
  const groupLines = [...groups].sort().map(([name, { lastId: given, pending }]) => {
    return `${name}>${given}[${[...pending].map(([id, who]) => `${id}/${who}`).join(' ')}]`
  })
  return `stream last=${lastId.join('-')} ${lines.join(' ')} ${groupLines.join(' ')}`
}
