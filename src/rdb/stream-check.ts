/** Whether a listpack from elsewhere is a block of a stream, as `structures/stream-block.ts` draws it. */
import {
  BlockReader,
  elementNumber,
  firstAt,
  isListpackCanonical,
  isListpackValid,
  nextAt,
  type Stretch,
} from '../structures/index.ts'
import { StreamId } from '../values/index.ts'

const FLAGS_MAX = 3
const FLAG_DELETED = 1
const FLAG_SAME_FIELDS = 2

/** What is known of a block that is one. */
export interface BlockFacts {
  readonly live: number
  /** The id of the last entry, deleted or not. */
  readonly lastId: StreamId
}

const reader = new BlockReader()

/** @returns `undefined` when it is no block, or its entries are not in the order of their ids. */
export function checkBlock(s: Stretch, idWords: Int32Array): BlockFacts | undefined {
  const { bytes, start, size } = s
  if (!isListpackValid(bytes, start, start + size)) return undefined
  if (!isListpackCanonical(bytes, start, start + size)) return undefined
  const live = liveEntries(s)
  if (live < 0) return undefined
  reader.open(bytes, start, idWords, 0)
  const lastId = new StreamId().read(idWords, 0)
  let isFirst = true
  for (let isThere = reader.first(); isThere; isThere = reader.next()) {
    const order = reader.compare(lastId)
    if (order < 0 || (order === 0 && !isFirst)) return undefined
    isFirst = false
    lastId.set(reader)
  }
  return { live, lastId }
}

/** Walks over the elements of a block. */
class Elements {
  readonly #s: Stretch
  #at: number

  constructor(s: Stretch) {
    this.#s = s
    this.#at = firstAt(s)
  }

  get isOver(): boolean {
    return this.#at < 0
  }

  /** The next element as a number; `NaN` when it is none. */
  number(): number {
    if (this.#at < 0) return Number.NaN
    const value = elementNumber(this.#s, this.#at)
    this.#at = nextAt(this.#s, this.#at)
    return value
  }

  /** The next element may be any number of 64 bits. @returns whether it is one. */
  isLong(): boolean {
    if (this.#at < 0) return false
    const tag = this.#s.bytes[this.#s.start + this.#at]!
    this.#at = nextAt(this.#s, this.#at)
    return tag < 0x80 || (tag >= 0xc0 && tag < 0xe0) || tag >= 0xf1
  }

  /** Passes over elements. @returns whether they were there. */
  pass(count: number): boolean {
    for (; count > 0 && this.#at >= 0; count--) this.#at = nextAt(this.#s, this.#at)
    return count === 0
  }
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0

/** How many entries are live; -1 when the elements are none of a block. */
function liveEntries(s: Stretch): number {
  const elements = new Elements(s)
  const live = elements.number()
  const deleted = elements.number()
  const fields = elements.number()
  if (!isCount(live) || !isCount(deleted) || !isCount(fields)) return -1
  if (!elements.pass(fields) || elements.number() !== 0) return -1
  let liveFound = 0
  let deletedFound = 0
  while (!elements.isOver) {
    const flags = readEntry(elements, fields)
    if (flags < 0) return -1
    if (flags & FLAG_DELETED) deletedFound++
    else liveFound++
  }
  return live === liveFound && deleted === deletedFound ? live : -1
}

/** @returns the flags of an entry; -1 when the elements are none. */
function readEntry(elements: Elements, masterFields: number): number {
  const flags = elements.number()
  if (!isCount(flags) || flags > FLAGS_MAX) return -1
  if (!elements.isLong() || !elements.isLong()) return -1
  let parts = masterFields
  let counted = 3 + masterFields
  if ((flags & FLAG_SAME_FIELDS) === 0) {
    const fields = elements.number()
    if (!isCount(fields)) return -1
    parts = fields * 2
    counted = 4 + parts
  }
  return elements.pass(parts) && elements.number() === counted ? flags : -1
}
