/**
 * Streams in JSON: entries as `[id, [field, value…]]`, what the stream remembers, and its groups with their
 * consumers and what each has pending as `[id, deliveredMs, deliveries]`.
 */
import { ToolError } from './errors.ts'
import { asBytes, asText, type Json } from './json-text.ts'

type Run = (...argv: (Uint8Array | string | number)[]) => void
type Pending = readonly [id: string, deliveredMs: number, deliveries: number]

interface Consumer {
  readonly name: Json
  readonly pending: Pending[]
}

interface Group {
  readonly name: Json
  readonly lastId: string
  readonly entriesRead: number
  readonly consumers: Consumer[]
}

interface StreamValue {
  readonly entries: readonly (readonly [id: string, parts: readonly unknown[]])[]
  readonly lastId: string
  readonly entriesAdded: number
  readonly maxDeletedId: string
  readonly groups: readonly Group[]
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString('latin1')

function compareIds(one: string, other: string): number {
  const [ms, seq] = one.split('-').map(BigInt) as [bigint, bigint]
  const [otherMs, otherSeq] = other.split('-').map(BigInt) as [bigint, bigint]
  const order = ms === otherMs ? seq - otherSeq : ms - otherMs
  return order < 0n ? -1 : order > 0n ? 1 : 0
}

/** A stream from the commands that make it, and back. */
export const StreamLine = {
  valueOf(made: readonly (readonly [name: string, ...args: Uint8Array[]])[]): Json {
    let entries: [string, Json[]][] = []
    const groups: Group[] = []
    let rest = {}
    for (const [name, ...args] of made) {
      const [first, second] = args.map((arg) => text(arg))
      if (name === 'XADD' && first !== 'MAXLEN') entries.push([first!, args.slice(1).map(asText)])
      else if (name === 'XTRIM' && first === 'MAXLEN') entries = []
      else if (name === 'XTRIM') entries = entries.filter(([id]) => compareIds(id, second!) >= 0)
      else if (name === 'XDEL') entries = entries.filter(([id]) => id !== first)
      else if (name === 'XSETID') {
        rest = { lastId: first, entriesAdded: Number(text(args[2])), maxDeletedId: text(args[4]) }
      } else if (name === 'XGROUP CREATE') {
        const entriesRead = Number(text(args[3]))
        groups.push({ name: asText(args[0]!), lastId: second!, entriesRead, consumers: [] })
      } else if (name.startsWith('XGROUP')) {
        groups.at(-1)!.consumers.push({ name: asText(args[1]!), pending: [] })
      } else if (name === 'XCLAIM') addPending(groups.at(-1)!, args)
    }
    return { entries, ...rest, groups: groups as unknown as Json }
  },

  make(run: Run, key: Uint8Array, value: unknown): void {
    const { entries, lastId, entriesAdded, maxDeletedId, groups } = value as StreamValue
    if (!Array.isArray(entries) || !Array.isArray(groups)) {
      throw new ToolError('a stream has entries and groups')
    }
    const all = new Map(entries.map(([id, parts]) => [id, parts.map(asBytes)]))
    const lost = new Set<string>()
    for (const { consumers } of groups as readonly Group[]) {
      for (const { pending } of consumers) {
        for (const [id] of pending) if (!all.has(id)) lost.add(id)
      }
    }
    // What is pending and gone is there for as long as it takes to claim it.
    for (const id of lost) all.set(id, [Buffer.from('x'), Buffer.from('y')])
    const ids = [...all.keys()].sort(compareIds)
    if (ids.length === 0) run('XADD', key, 'MAXLEN', 0, '0-1', 'x', 'y')
    for (const id of ids) run('XADD', key, id, ...all.get(id)!)
    for (const group of groups as readonly Group[]) makeGroup(run, key, group)
    for (const id of lost) run('XDEL', key, id)
    run('XSETID', key, lastId, 'ENTRIESADDED', entriesAdded, 'MAXDELETEDID', maxDeletedId)
  },
}

function addPending({ consumers }: Group, args: readonly Uint8Array[]): void {
  const name = asText(args[1]!)
  let consumer = consumers.at(-1)
  if (consumer === undefined || JSON.stringify(consumer.name) !== JSON.stringify(name)) {
    consumer = { name, pending: [] }
    consumers.push(consumer)
  }
  consumer.pending.push([text(args[3]), Number(text(args[5])), Number(text(args[7]))])
}

function makeGroup(run: Run, key: Uint8Array, group: Group): void {
  const name = asBytes(group.name)
  run('XGROUP', 'CREATE', key, name, group.lastId, 'ENTRIESREAD', group.entriesRead)
  for (const consumer of group.consumers) {
    const owner = asBytes(consumer.name)
    run('XGROUP', 'CREATECONSUMER', key, name, owner)
    for (const [id, at, count] of consumer.pending) {
      run('XCLAIM', key, name, owner, 0, id, 'TIME', at, 'RETRYCOUNT', count, 'JUSTID', 'FORCE')
    }
  }
}
