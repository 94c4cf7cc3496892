/** From the words of the history back to values, for the life after a cut. */
import type { Content } from './history.ts'
import type { Entry, Group, Stream, Value } from './values.ts'

/** Two databases that hold this. */
export function databasesOf(contents: ReadonlyMap<string, Content>): Map<string, Entry>[] {
  const databases = [new Map<string, Entry>(), new Map<string, Entry>()]
  for (const [id, content] of contents) {
    const at = id.indexOf(':')
    const entry = { value: valueIn(content), expiresMs: content.expiresMs }
    databases[Number(id.slice(0, at))]!.set(id.slice(at + 1), entry)
  }
  return databases
}

function valueIn({ text, fields }: Content): Value {
  const [type, ...words] = text.split(' ')
  const pairs = words.map((word) => word.split('=') as [string, string])
  switch (type) {
    case 'string':
      return { type, text: words.join(' ') }
    case 'list':
      return { type, items: words }
    case 'set':
      return { type, members: new Set(words) }
    case 'zset':
      return { type, scores: new Map(pairs.map(([member, score]) => [member, Number(score)])) }
    case 'hash': {
      const all = fields ?? pairs.map(([name, value]) => [name, value, Infinity] as const)
      return {
        type,
        fields: new Map(all.map(([name, value, expiresMs]) => [name, { text: value, expiresMs }])),
      }
    }
    default:
      return streamOf(text)
  }
}

function streamOf(text: string): Stream {
  const [, last] = /last=(\S+)/.exec(text)!
  const [ms, sequence] = last!.split('-').map(Number) as [number, number]
  const groups = new Map<string, Group>()
  for (const [, name, lastId, pending] of text.matchAll(/(\w+)>(\S+?)\[(.*?)\]/g)) {
    const held = pending!.split(' ').filter((word) => word !== '')
    groups.set(name!, {
      lastId: lastId!,
      pending: new Map(held.map((word) => word.split('/') as [string, string])),
    })
  }
  const entries = new Map<string, readonly string[]>()
  for (const [, id, words] of text.matchAll(/ (\d+-\d+):(\S+)/g))
    entries.set(id!, words!.split(','))
  return { type: 'stream', entries, lastId: [ms, sequence], groups }
}
