/** Lists, sets, hashes, sorted sets and streams of the naive store. */
import { type Answer, type Model, Refusal, WAIT } from './model.ts'
import { anyOrder, list, type Row } from './model-rows.ts'
import { ranked } from './values.ts'

type End = 'LEFT' | 'RIGHT'

function push(m: Model, end: End, [key, ...texts]: readonly string[]): Answer {
  const value = m.open(key!, 'list')
  if (end === 'LEFT') value.items.unshift(...[...texts].reverse())
  else value.items.push(...texts)
  m.change(key!)
  return `:${value.items.length}`
}

function take(m: Model, end: End, key: string): string | undefined {
  const value = m.value(key, 'list')
  if (value === undefined) return undefined
  const text = end === 'LEFT' ? value.items.shift() : value.items.pop()
  m.change(key)
  return text
}

function takeWaiting(m: Model, end: End, words: readonly string[]): Answer | typeof WAIT {
  for (const key of words.slice(0, -1)) {
    const text = take(m, end, key)
    if (text !== undefined) return list([`$${key}`, `$${text}`])
  }
  return WAIT
}

function moveElement(m: Model, [from, to, source, target]: readonly string[]): Answer | undefined {
  const found = m.value(from!, 'list')
  if (found === undefined) return undefined
  if (from === to && found.items.length === 1) {
    // It is never empty, so it keeps its expiry.
    m.change(from!)
    return `$${found.items[0]}`
  }
  m.value(to!, 'list')
  const text = take(m, source as End, from!)!
  push(m, target as End, [to!, text])
  return `$${text}`
}

function trim(m: Model, [key, start, stop]: readonly string[]): Answer {
  const value = m.value(key!, 'list')
  if (value === undefined) return '+OK'
  const count = value.items.length
  value.items = value.items.slice(Number(start), count + Number(stop) + 1)
  m.change(key!)
  return '+OK'
}

function addMembers(m: Model, [key, ...members]: readonly string[]): Answer {
  const value = m.open(key!, 'set')
  const before = value.members.size
  for (const member of members) value.members.add(member)
  m.change(key!)
  return `:${value.members.size - before}`
}

function removeMembers(m: Model, [key, ...members]: readonly string[]): Answer {
  const value = m.value(key!, 'set')
  if (value === undefined) return ':0'
  const count = members.filter((member) => value.members.delete(member)).length
  if (count > 0) m.change(key!)
  return `:${count}`
}

/** A field whose time has come counts as new, though it was not removed yet. */
function setFields(m: Model, [key, ...words]: readonly string[]): Answer {
  const { fields } = m.open(key!, 'hash')
  let added = 0
  for (let i = 0; i < words.length; i += 2) {
    if (!((fields.get(words[i]!)?.expiresMs ?? 0) > m.nowMs)) added++
    fields.set(words[i]!, { text: words[i + 1]!, expiresMs: Infinity })
  }
  m.change(key!)
  return `:${added}`
}

/** Here those whose time has come count too. */
function removeFields(m: Model, [key, ...names]: readonly string[]): Answer {
  const value = m.value(key!, 'hash')
  if (value === undefined) return ':0'
  const count = names.filter((name) => value.fields.delete(name)).length
  if (count > 0) m.change(key!)
  return `:${count}`
}

function incrementField(m: Model, [key, name, by]: readonly string[]): Answer {
  m.meetField(key!, name!)
  const old = m.value(key!, 'hash')?.fields.get(name!)
  if (old !== undefined && !/^-?\d{1,15}$/.test(old.text)) throw new Refusal('ERR')
  const text = String(Number(old?.text ?? 0) + Number(by))
  const { fields } = m.open(key!, 'hash')
  fields.set(name!, { text, expiresMs: old?.expiresMs ?? Infinity })
  m.change(key!)
  return `:${text}`
}

function expireField(m: Model, [key, ms, , , name]: readonly string[]): Answer {
  m.meetField(key!, name!)
  const field = m.value(key!, 'hash')?.fields.get(name!)
  if (field === undefined) return '[:-2]'
  field.expiresMs = m.nowMs + Number(ms)
  m.change(key!)
  return '[:1]'
}

function addScores(m: Model, [key, ...words]: readonly string[]): Answer {
  const { scores } = m.open(key!, 'zset')
  const before = scores.size
  for (let i = 0; i < words.length; i += 2) scores.set(words[i + 1]!, Number(words[i]))
  m.change(key!)
  return `:${scores.size - before}`
}

function addToScore(m: Model, [key, by, member]: readonly string[]): Answer {
  const { scores } = m.open(key!, 'zset')
  const score = (scores.get(member!) ?? 0) + Number(by)
  scores.set(member!, score)
  m.change(key!)
  return `$${score}`
}

function removeScores(m: Model, [key, ...members]: readonly string[]): Answer {
  const value = m.value(key!, 'zset')
  if (value === undefined) return ':0'
  const count = members.filter((member) => value.scores.delete(member)).length
  if (count > 0) m.change(key!)
  return `:${count}`
}

function popLowest(m: Model, key: string): [string, number] | undefined {
  const value = m.value(key, 'zset')
  if (value === undefined) return undefined
  const lowest = ranked(value.scores)[0]!
  value.scores.delete(lowest[0])
  m.change(key)
  return lowest
}

function addEntry(m: Model, [key, ...words]: readonly string[]): Answer {
  const isBounded = words[0] === 'MAXLEN'
  const stream = m.open(key!, 'stream')
  const [ms, sequence] = stream.lastId
  stream.lastId = m.nowMs > ms ? [m.nowMs, 0] : [ms, sequence + 1]
  const id = stream.lastId.join('-')
  stream.entries.set(id, words.slice(isBounded ? 4 : 1))
  if (isBounded) trimEntries(stream.entries, Number(words[2]))
  m.change(key!)
  return `$${id}`
}

function trimEntries(entries: Map<string, unknown>, countMax: number): number {
  const ids = [...entries.keys()].slice(0, Math.max(0, entries.size - countMax))
  for (const id of ids) entries.delete(id)
  return ids.length
}

function createGroup(m: Model, [, key, name, from]: readonly string[]): Answer {
  const stream = m.open(key!, 'stream')
  if (stream.groups.has(name!)) throw new Refusal('BUSYGROUP')
  const lastId = from === '$' ? stream.lastId.join('-') : '0-0'
  stream.groups.set(name!, { lastId, pending: new Map() })
  m.change(key!)
  return '+OK'
}

function readGroup(m: Model, words: readonly string[]): Answer {
  const [, name, consumer, , countText, , key] = words
  const stream = m.value(key!, 'stream')
  const group = stream?.groups.get(name!)
  if (stream === undefined || group === undefined) throw new Refusal('NOGROUP')
  const ids = [...stream.entries.keys()]
    .filter((id) => isLater(id, group.lastId))
    .slice(0, Number(countText))
  for (const id of ids) {
    group.pending.set(id, consumer!)
    group.lastId = id
  }
  if (ids.length === 0) return '_'
  m.change(key!)
  const entries = ids.map((id) =>
    list([`$${id}`, list(stream.entries.get(id)!.map((word) => `$${word}`))]),
  )
  return list([list([`$${key}`, list(entries)])])
}

function isLater(id: string, than: string): boolean {
  const [ms, sequence] = id.split('-').map(Number) as [number, number]
  const [otherMs, otherSequence] = than.split('-').map(Number) as [number, number]
  return ms > otherMs || (ms === otherMs && sequence > otherSequence)
}

/** Commands of values that have elements. */
export const COLLECTION_COMMANDS: Readonly<Record<string, Row>> = {
  LPUSH: { isWrite: true, run: (m, words) => push(m, 'LEFT', words) },
  RPUSH: { isWrite: true, run: (m, words) => push(m, 'RIGHT', words) },
  LPOP: { isWrite: true, run: (m, [key]) => bulk(take(m, 'LEFT', key!)) },
  RPOP: { isWrite: true, run: (m, [key]) => bulk(take(m, 'RIGHT', key!)) },
  LTRIM: { isWrite: true, run: trim },
  LRANGE: {
    run: (m, [key]) => list((m.value(key!, 'list')?.items ?? []).map((text) => `$${text}`)),
  },
  LMOVE: { isWrite: true, run: (m, words) => moveElement(m, words) ?? '_' },
  BLPOP: { isWrite: true, run: (m, words) => takeWaiting(m, 'LEFT', words) },
  BRPOP: { isWrite: true, run: (m, words) => takeWaiting(m, 'RIGHT', words) },
  BLMOVE: { isWrite: true, run: (m, words) => moveElement(m, words) ?? WAIT },
  SADD: { isWrite: true, run: addMembers },
  SREM: { isWrite: true, run: removeMembers },
  SPOP: {
    isWrite: true,
    run(m, [key]) {
      const members = [...(m.value(key!, 'set')?.members ?? [])]
      m.delete(key!)
      return anyOrder(members.map((member) => `$${member}`))
    },
  },
  SMEMBERS: {
    run: (m, [key]) =>
      anyOrder([...(m.value(key!, 'set')?.members ?? [])].map((member) => `$${member}`)),
  },
  HSET: { isWrite: true, run: setFields },
  HDEL: { isWrite: true, run: removeFields },
  HINCRBY: { isWrite: true, run: incrementField },
  HPEXPIRE: { isWrite: true, run: expireField },
  HGETALL: {
    run: (m, [key]) =>
      anyOrder(
        [...(m.value(key!, 'hash')?.fields ?? [])]
          .filter(([, { expiresMs }]) => expiresMs > m.nowMs)
          .flatMap(([name, { text }]) => [`$${name}`, `$${text}`]),
      ),
  },
  ZADD: { isWrite: true, run: addScores },
  ZINCRBY: { isWrite: true, run: addToScore },
  ZREM: { isWrite: true, run: removeScores },
  ZPOPMIN: {
    isWrite: true,
    run(m, [key]) {
      const lowest = popLowest(m, key!)
      return lowest === undefined ? list([]) : list([`$${lowest[0]}`, `$${lowest[1]}`])
    },
  },
  BZPOPMIN: {
    isWrite: true,
    run(m, [key]) {
      const lowest = popLowest(m, key!)
      return lowest === undefined ? WAIT : list([`$${key}`, `$${lowest[0]}`, `$${lowest[1]}`])
    },
  },
  ZRANGE: {
    run: (m, [key]) =>
      list(
        ranked(m.value(key!, 'zset')?.scores ?? new Map()).flatMap(([member, score]) => [
          `$${member}`,
          `$${score}`,
        ]),
      ),
  },
  XADD: { isWrite: true, run: addEntry },
  XTRIM: {
    isWrite: true,
    run(m, [key, , , count]) {
      const stream = m.value(key!, 'stream')
      if (stream === undefined) return ':0'
      const trimmed = trimEntries(stream.entries, Number(count))
      if (trimmed > 0) m.change(key!)
      return `:${trimmed}`
    },
  },
  XGROUP: { isWrite: true, run: createGroup },
  XREADGROUP: { isWrite: true, run: readGroup },
}

function bulk(text: string | undefined): Answer {
  return text === undefined ? '_' : `$${text}`
}
