/** SPOP and SRANDMEMBER: members by chance. */
import { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import { TYPE_SET, type Value } from '../../keyspace/index.ts'
import { ENCODING_HASHTABLE, ENCODING_LISTPACK } from '../../values/index.ts'
import { readCount, readEvenInt } from '../counts.ts'
import { readValue, writeValue } from '../values.ts'
import { deleteIfEmpty } from './access.ts'

/** When so many times the wanted members are all, the whole set is walked through. */
const WALK_FACTOR = 3
/** So many members are drawn one by one at most: each is kept in mind until all are. */
const DRAWN_MAX = 1_000_000
/** When this many times the members that stay are not more than those that go, they move out. */
const STAY_FACTOR = 5
/** Members in one effect. */
const REMOVED_MAX = 1024

const member = new Slice(new Uint8Array(0), 0, 0)
const notPositive = () => new ReplyError('ERR value is out of range, must be positive')

/** Gathers what was taken by chance into effects that take just that. */
class Removals {
  readonly #call: Call
  readonly #key: Slice
  #members: Uint8Array[] = []

  constructor(call: Call, key: Slice) {
    this.#call = call
    this.#key = key
    call.effects.suppress()
  }

  add(taken: Slice): void {
    if (this.#call.effects.sink === undefined) return
    this.#members.push(taken.copyOf())
    if (this.#members.length === REMOVED_MAX) this.flush()
  }

  flush(): void {
    if (this.#members.length === 0) return
    this.#call.effects.replaceWith('SREM', this.#key, ...this.#members)
    this.#members = []
  }
}

/** Visits `count` of the members, each with the same chance, on one walk over all of them. */
function walkSome(
  call: Call,
  value: Value,
  count: number,
  visit: (member: Slice, isTaken: boolean) => void,
): void {
  const { sets, host } = call.keyspace
  let wanted = count
  let left = sets.count(value)
  sets.each(value, (each) => {
    const isTaken = host.random.uint32() * left < wanted * 2 ** 32
    left--
    if (isTaken) wanted--
    visit(each, isTaken)
  })
}

// ---- SPOP

function popOne(call: Call, key: Slice): void {
  const { db, keyspace, reply, effects } = call
  const { sets } = keyspace
  const value = writeValue(db, key, TYPE_SET)
  if (value === undefined) {
    reply.null()
    return
  }
  const taken = sets.draw(value, member)
  reply.bulkSlice(taken)
  effects.replaceWith('SREM', key, taken)
  sets.removeDrawn(value)
  db.changed(key, 'spop', 'set')
  deleteIfEmpty(db, key, value)
}

function popMany(call: Call, key: Slice, count: number): void {
  const { db, keyspace, reply } = call
  const { sets } = keyspace
  const value = writeValue(db, key, TYPE_SET)
  const size = value === undefined ? 0 : sets.count(value)
  const taken = Math.min(count, size)
  reply.set(taken)
  if (value === undefined || taken === 0) return
  if (taken === size) popAll(call, key, value)
  else {
    const removals = new Removals(call, key)
    if (value.encoding !== ENCODING_HASHTABLE) popFromSmall(call, value, taken, removals)
    else if ((size - taken) * STAY_FACTOR > taken) popOneByOne(call, value, taken, removals)
    else popAllButSome(call, value, size - taken, removals)
    removals.flush()
    db.changed(key, 'spop', 'set')
  }
  keyspace.dirty += taken - 1
}

function popAll(call: Call, key: Slice, value: Value): void {
  const { db, keyspace, reply, effects } = call
  keyspace.sets.each(value, (each) => reply.bulkSlice(each))
  // The reference makes the reply by SUNION, which reads the key once more.
  keyspace.stats.hits++
  db.changed(key, 'spop', 'set')
  db.remove(value.entry)
  db.changed(key, 'del', 'generic')
  effects.replaceWith('DEL', key)
}

function popOneByOne(call: Call, value: Value, count: number, removals: Removals): void {
  const { sets } = call.keyspace
  for (let i = 0; i < count; i++) {
    const taken = sets.draw(value, member)
    call.reply.bulkSlice(taken)
    removals.add(taken)
    sets.removeDrawn(value)
  }
}

/** What stays is written anew in one go. */
function popFromSmall(call: Call, value: Value, count: number, removals: Removals): void {
  const { sets } = call.keyspace
  const { draft } = sets
  sets.beginEmpty(draft, value.encoding)
  walkSome(call, value, count, (each, isTaken) => {
    if (isTaken) {
      call.reply.bulkSlice(each)
      removals.add(each)
    } else sets.add(draft, each.bytes, each.start, each.end)
  })
  replaceByDraft(call, value)
}

/** So few stay that they are drawn and put into a set of their own, in the encoding that suits them. */
function popAllButSome(call: Call, value: Value, staying: number, removals: Removals): void {
  const { keyspace } = call
  const { sets } = keyspace
  const { draft } = sets
  sets.beginEmpty(draft, ENCODING_LISTPACK)
  for (let i = 0; i < staying; i++) {
    const { bytes, start, end } = sets.draw(value, member)
    sets.add(draft, bytes, start, end)
    sets.remove(value, bytes, start, end)
  }
  sets.each(value, (each) => {
    call.reply.bulkSlice(each)
    removals.add(each)
  })
  keyspace.discard(TYPE_SET, value.encoding, sets.takeAll(value))
  replaceByDraft(call, value)
}

/** Lets the draft take the place of a value, which owns nothing any more. */
function replaceByDraft({ keyspace }: Call, value: Value): void {
  const { draft } = keyspace.sets
  value.reset(draft.encoding, draft.size)
  value.bytes.set(draft.view(), value.start)
}

// ---- SRANDMEMBER

/** As many members as are asked for: any of them may come again. */
function replyRepeated({ keyspace, reply }: Call, value: Value, count: number): void {
  for (let i = 0; i < count; i++) reply.bulkSlice(keyspace.sets.draw(value, member))
}

function replyWalked(call: Call, value: Value, count: number): void {
  walkSome(call, value, count, (each, isTaken) => {
    if (isTaken) call.reply.bulkSlice(each)
  })
}

/** Draws from a hash table until there are enough different members. */
function replyDrawn({ keyspace, reply }: Call, value: Value, count: number): void {
  const { sets } = keyspace
  const drawn = new Set<number>()
  while (drawn.size < count) {
    const taken = sets.draw(value, member)
    if (drawn.size === drawn.add(sets.drawn).size) continue
    reply.bulkSlice(taken)
  }
}

function replySome(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  const count = readEvenInt(args)
  const value = readValue(db, key, TYPE_SET)
  const size = value === undefined ? 0 : keyspace.sets.count(value)
  const wanted = count < 0 && size > 0 ? -count : Math.min(count, size)
  reply.announce(wanted)
  reply.array(Math.max(0, wanted))
  if (value === undefined || wanted === 0) return
  const isWalked =
    value.encoding !== ENCODING_HASHTABLE || wanted * WALK_FACTOR > size || wanted > DRAWN_MAX
  if (count < 0 || count === 1) replyRepeated(call, value, wanted)
  else if (isWalked) replyWalked(call, value, wanted)
  else replyDrawn(call, value, wanted)
}

export const randomCommands: readonly CommandSpec[] = [
  {
    name: 'SPOP',
    syntax: 'key [count:integer]',
    summary: 'Takes members out of a set by chance and replies with them.',
    since: '1.0.0',
    argumentsSince: { count: '3.2.0' },
    complexity:
      'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    tips: ['nondeterministic_output'],
    history: [['3.2.0', 'The argument `count`.']],
    run(call, args) {
      const key = args.key()
      if (args.left === 0) {
        popOne(call, key)
        return
      }
      const count = args.left === 1 ? readCount(args, 0, notPositive) : 0
      args.end()
      popMany(call, key, count)
    },
  },
  {
    name: 'SRANDMEMBER',
    syntax: 'key [count:integer]',
    summary: 'Replies with members by chance: different ones, or with a negative count any.',
    since: '1.0.0',
    argumentsSince: { count: '2.6.0' },
    complexity:
      'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: [['2.6.0', 'The argument `count`.']],
    run(call, args) {
      if (args.left === 2) {
        replySome(call, args)
        return
      }
      const key = args.key()
      args.end()
      const value = readValue(call.db, key, TYPE_SET)
      if (value === undefined) call.reply.null()
      else replyRepeated(call, value, 1)
    },
  },
]
