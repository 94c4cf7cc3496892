/** SORT and SORT_RO: the elements of a list, a set or a sorted set in another order. */
import { Gathered, Slice } from '../../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  type KeyFlag,
  type KeyPlace,
  type KeySpec,
  keyAt,
} from '../../../engine/index.ts'
import { TYPE_LIST, TYPE_SET } from '../../../keyspace/index.ts'
import { ENCODING_HASHTABLE, ENCODING_LISTPACK } from '../../../values/index.ts'
import { allElements, elementsFrom, readSortable, type Sortable } from './elements.ts'
import { sortElements, type Wanted } from './order.ts'
import { Pattern } from './pattern.ts'
import { readSort, type SortRequest } from './request.ts'

const NO_BYTES = new Uint8Array(0)
const NOTHING = new Slice(NO_BYTES, 0, 0)

function sort(call: Call, args: Args, takesStore: boolean): void {
  const key = args.key()
  const request = readSort(args, takesStore)
  const sortable = readSortable(call, call.db.read(key))
  const { elements, numbers } =
    sortable === undefined ? NO_RESULT : resultOf(call, sortable, request)
  if (request.target === undefined) reply(call, elements, numbers, request)
  else store(call, request.target, elements, numbers, request)
}

/** Elements, and the numbers of those that are wanted in their order. */
interface Result {
  readonly elements: Gathered | undefined
  readonly numbers: readonly number[]
}

const NO_RESULT: Result = { elements: undefined, numbers: [] }

function resultOf(call: Call, sortable: Sortable, request: SortRequest): Result {
  const { type, count } = sortable
  const wanted = wantedOf(request, count)
  const isSet = type === TYPE_SET
  // What is kept must not depend on the order in which a set happens to be held, nor what scripts do.
  const isKept = request.target !== undefined || call.client.isScript
  const isForced = request.isUnsorted && isSet && isKept
  if (request.isUnsorted && !isForced) {
    if (isSet) {
      const elements = allElements(call, sortable)
      return { elements, numbers: numbersIn(wanted) }
    }
    const elements = elementsFrom(call, sortable, {
      first: wanted.first,
      count: wanted.last - wanted.first + 1,
      isBackwards: request.isDescending,
    })
    return { elements, numbers: numbersIn({ first: 0, last: elements.count - 1 }) }
  }
  const asked = isForced ? { ...request, isAlpha: true, by: undefined } : request
  const elements = allElements(call, sortable)
  const isUnstable = isSet && sortable.value.encoding === ENCODING_HASHTABLE
  const numbers = sortElements(call, elements, asked, wanted, isUnstable)
  return { elements, numbers: numbers.slice(wanted.first, wanted.last + 1) }
}

/** The indexes that LIMIT leaves of `count`; none when `last` is before `first`. */
function wantedOf({ offset, count: limit }: SortRequest, count: number): Wanted {
  const first = Math.min(Math.max(offset, 0), count)
  const last = limit < 0 ? count - 1 : Math.min(first + limit, count) - 1
  return first >= count ? { first: 0, last: -1 } : { first, last }
}

function numbersIn({ first, last }: Wanted): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Calls `take` for each element that is wanted, or for each that is named for it. */
function eachResult(
  call: Call,
  { elements, numbers }: Result,
  { gets }: SortRequest,
  take: (found: Slice | undefined) => void,
): void {
  const patterns = gets.map((get) => new Pattern(call, get))
  const element = new Slice(NO_BYTES, 0, 0)
  for (const number of numbers) {
    elements!.read(number, element)
    if (patterns.length === 0) take(element)
    else for (const pattern of patterns) take(pattern.look(element))
  }
}

function reply(
  call: Call,
  elements: Gathered | undefined,
  numbers: readonly number[],
  request: SortRequest,
): void {
  call.reply.array(numbers.length * Math.max(1, request.gets.length))
  eachResult(call, { elements, numbers }, request, (found) => {
    if (found === undefined) call.reply.null()
    else call.reply.bulkSlice(found)
  })
}

function store(
  call: Call,
  target: Slice,
  elements: Gathered | undefined,
  numbers: readonly number[],
  request: SortRequest,
): void {
  const { db, keyspace } = call
  const { lists } = keyspace
  const results = new Results()
  eachResult(call, { elements, numbers }, request, (found) => results.add(found ?? NOTHING))
  call.reply.integer(results.left)
  if (results.left === 0) {
    db.storeNothing(target)
    return
  }
  const old = db.peek(target)
  const count = results.left
  const begun = lists.begin(false, results, results.addedBytes)
  const value = db.create(target, TYPE_LIST, ENCODING_LISTPACK, begun, old)
  if (results.left > 0) lists.push(value, false, results, results.addedBytes)
  lists.settle(value)
  db.changed(target, 'sortstore', 'list')
  keyspace.dirty += count - 1
}

/** Results on their way into a list. */
class Results {
  /** The sum of their sizes. */
  addedBytes = 0
  readonly #all = new Gathered()
  readonly #next = new Slice(NO_BYTES, 0, 0)
  #at = 0

  add({ bytes, start, end }: Slice): void {
    this.#all.add(bytes, start, end)
    this.addedBytes += end - start
  }

  get left(): number {
    return this.#all.count - this.#at
  }

  next(): Slice {
    return this.#all.read(this.#at++, this.#next)
  }
}

/** Where the key of the last STORE stands, by what the reference passes over. */
function findKeys(args: Args): KeyPlace[] {
  const places: KeyPlace[] = [{ position: args.at, flags: ['RO', 'access'] }]
  args.next()
  while (args.left > 0) {
    if (args.take('LIMIT')) args.at += 2
    else if (args.take('GET') || args.take('BY')) args.at++
    else if (args.left > 1 && args.take('STORE')) {
      places[1] = { position: args.at, flags: ['OW', 'update'] }
    } else args.at++
  }
  return places
}

/** Keys that follow from the elements, and those that an option names. */
function hidden(...flags: readonly KeyFlag[]): KeySpec {
  return { flags, begin: { kind: 'unknown' }, find: { kind: 'unknown' } }
}

const SYNTAX =
  'key [BY by-pattern(pattern):pattern] [LIMIT offset:integer count:integer] [GET get-pattern(pattern):pattern [GET get-pattern ...]] [ASC | DESC]:order [ALPHA]:sorting'
const FACTS = {
  complexity:
    'O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).',
  arity: -2,
  acl: ['-keyspace', 'set', 'sortedset', 'list', 'dangerous'],
} as const

export const sortCommands: readonly CommandSpec[] = [
  {
    ...FACTS,
    name: 'SORT',
    syntax: `${SYNTAX} [STORE destination:key]`,
    summary: 'Replies with the elements of a list, a set or a sorted set in order, or keeps them.',
    since: '1.0.0',
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RO', 'access'), hidden('RO', 'access'), hidden('OW', 'update')],
    findKeys,
    run: (call, args) => sort(call, args, true),
  },
  {
    ...FACTS,
    name: 'SORT_RO',
    syntax: SYNTAX,
    summary: 'Replies with the elements of a list, a set or a sorted set in order.',
    since: '7.0.0',
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access'), hidden('RO', 'access')],
    findKeys: (args) => [{ position: args.at, flags: ['RO', 'access'] }],
    run: (call, args) => sort(call, args, false),
  },
]
