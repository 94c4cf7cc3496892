/** The commands of the naive store. */

import { type Answer, type Model, Refusal } from './model.ts'
import { COLLECTION_COMMANDS } from './model-collections.ts'
import { list, type Row } from './model-rows.ts'
import { copyOf } from './values.ts'

const INTEGER = /^-?\d{1,15}$/

function setString(m: Model, [key, text, ...options]: readonly string[]): Answer {
  const old = m.find(key!)
  const isWanted = options.includes('NX') ? old === undefined : true
  if (!isWanted) return '_'
  let expiresMs = Infinity
  const at = options.indexOf('PX')
  if (at >= 0) expiresMs = m.nowMs + Number(options[at + 1])
  else if (options.includes('KEEPTTL') && old !== undefined) expiresMs = old.expiresMs
  m.put(key!, { value: { type: 'string', text: text! }, expiresMs })
  return '+OK'
}

function increment(m: Model, [key, by]: readonly string[]): Answer {
  const old = m.value(key!, 'string')
  if (old !== undefined && !INTEGER.test(old.text)) throw new Refusal('ERR')
  const sum = Number(old?.text ?? 0) + Number(by)
  m.open(key!, 'string').text = String(sum)
  m.change(key!)
  return `:${sum}`
}

function rename(m: Model, [from, to]: readonly string[]): Answer {
  const entry = m.find(from!)
  if (entry === undefined) throw new Refusal('ERR')
  if (from === to) return '+OK'
  m.delete(from!)
  m.find(to!)
  m.put(to!, entry)
  return '+OK'
}

function copy(m: Model, [from, to]: readonly string[]): Answer {
  if (from === to) throw new Refusal('ERR')
  const entry = m.find(from!)
  if (entry === undefined) return ':0'
  m.find(to!)
  m.put(to!, { value: copyOf(entry.value), expiresMs: entry.expiresMs })
  return ':1'
}

function move(m: Model, [key, word]: readonly string[]): Answer {
  const to = Number(word)
  if (to === m.speaker.database) throw new Refusal('ERR')
  const entry = m.find(key!)
  if (entry === undefined || m.find(key!, to) !== undefined) return ':0'
  m.delete(key!)
  m.put(key!, entry, to)
  return ':1'
}

function swap(m: Model): Answer {
  const [a, b] = m.databases as [Map<string, never>, Map<string, never>]
  m.databases[0] = b
  m.databases[1] = a
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    m.change(key, 0)
    m.change(key, 1)
  }
  return '+OK'
}

function flush(m: Model, databases: readonly number[]): Answer {
  for (const database of databases) {
    const entries = m.databases[database]!
    const keys = [...entries.keys()]
    entries.clear()
    for (const key of keys) m.change(key, database)
  }
  return '+OK'
}

function expire(m: Model, [key, ms]: readonly string[]): Answer {
  const entry = m.find(key!)
  if (entry === undefined) return ':0'
  entry.expiresMs = m.nowMs + Number(ms)
  m.change(key!)
  return ':1'
}

function persist(m: Model, [key]: readonly string[]): Answer {
  const entry = m.find(key!)
  if (entry === undefined || entry.expiresMs === Infinity) return ':0'
  entry.expiresMs = Infinity
  m.change(key!)
  return ':1'
}

/** Every command that the simulation says, by name. */
export const COMMANDS: Readonly<Record<string, Row>> = {
  // It is refused as writes are, so that those who look after servers notice.
  PING: { isWrite: true, run: () => '+PONG' },
  SELECT: {
    run(m, [index]) {
      m.speaker.database = Number(index)
      return '+OK'
    },
  },
  SET: { isWrite: true, run: setString },
  GET: {
    run(m, [key]) {
      const found = m.value(key!, 'string')
      return found === undefined ? '_' : `$${found.text}`
    },
  },
  MGET: {
    run: (m, keys) =>
      list(
        keys.map((key) => {
          const value = m.find(key)?.value
          return value?.type === 'string' ? `$${value.text}` : '_'
        }),
      ),
  },
  GETDEL: {
    isWrite: true,
    run(m, [key]) {
      const found = m.value(key!, 'string')
      if (found === undefined) return '_'
      m.delete(key!)
      return `$${found.text}`
    },
  },
  APPEND: {
    isWrite: true,
    run(m, [key, text]) {
      const value = m.open(key!, 'string')
      value.text += text!
      m.change(key!)
      return `:${value.text.length}`
    },
  },
  INCRBY: { isWrite: true, run: increment },
  MSET: {
    isWrite: true,
    run(m, words) {
      for (let i = 0; i < words.length; i += 2) setString(m, words.slice(i, i + 2))
      return '+OK'
    },
  },
  DEL: { isWrite: true, run: (m, keys) => `:${keys.filter((key) => m.delete(key)).length}` },
  UNLINK: { isWrite: true, run: (m, keys) => `:${keys.filter((key) => m.delete(key)).length}` },
  EXISTS: { run: (m, keys) => `:${keys.filter((key) => m.find(key) !== undefined).length}` },
  PEXPIRE: { isWrite: true, run: expire },
  PERSIST: { isWrite: true, run: persist },
  RENAME: { isWrite: true, run: rename },
  COPY: { isWrite: true, run: copy },
  MOVE: { isWrite: true, run: move },
  SWAPDB: { isWrite: true, run: swap },
  FLUSHDB: { isWrite: true, run: (m) => flush(m, [m.speaker.database]) },
  FLUSHALL: { isWrite: true, run: (m) => flush(m, [0, 1]) },
  ...COLLECTION_COMMANDS,
}

/** Scripts, each with the commands that it runs in turn. */
export const SCRIPTS: Readonly<
  Record<string, (words: readonly string[]) => (readonly string[])[]>
> = {
  "redis.call('INCRBY', KEYS[1], ARGV[1]) redis.call('RPUSH', KEYS[2], ARGV[2]) return 1": ([
    counter,
    log,
    by,
    text,
  ]) => [
    ['INCRBY', counter!, by!],
    ['RPUSH', log!, text!],
  ],
  "for i = 1, 3 do redis.call('HSET', KEYS[1], i, ARGV[1]) end return 1": ([key, text]) =>
    ['1', '2', '3'].map((field) => ['HSET', key!, field, text!]),
}
