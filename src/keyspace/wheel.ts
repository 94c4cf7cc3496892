/**
 * All entries of one database that have an expiry, in the order of time, coarsely: a hierarchical
 * timing wheel (Varghese and Lauck). Level 0 has 64 slots of one tick, level 1 has 64 slots of 64
 * ticks, and so on; time moves over level 0, and when it enters a slot of a higher level the entries
 * there are dealt out below. Each entry is moved at most once a level, whatever their number.
 *
 * A slot is a ring of nodes, linked through the nodes themselves (structures/node.ts), around a
 * block of its own that has the same layout, so unlinking never asks which slot it is. Putting in and
 * taking out are O(1), cost no memory beyond the links, and nothing is ever sampled.
 *
 * Invariant: an entry whose time has come is in the slots that `expired` visits next.
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { EXPIRES, expiryOf, expiryOffset, headOf } from '../structures/index.ts'

/** The width of a slot of level 0. An expired entry is found at most this late. */
export const TICK_MS = 64
const SLOT_BITS = 6
const SLOTS = 1 << SLOT_BITS
/** Seven levels reach 8 900 years. */
const LEVELS = 7
const PREVIOUS = 2
const NEXT = 3
/** Slot heads are laid out as nodes with nothing but the expiry part. */
const SLOT_HEAD = EXPIRES << 8
const SLOT_BYTES = 20

export class Wheel {
  readonly #arena: Arena
  readonly #slots = new Uint32Array(LEVELS * SLOTS)
  #tick: number
  #count = 0
  /** The sum of all expiries, each counted from `#base` so that it stays exact for long. */
  #sum = 0
  readonly #base: number

  /** A wheel whose time begins at `nowMs`. */
  constructor(arena: Arena, nowMs: number) {
    this.#arena = arena
    this.#base = nowMs
    this.#tick = Math.floor(nowMs / TICK_MS)
  }

  /** How many entries there are. */
  get count(): number {
    return this.#count
  }

  /** The mean of all expiries, in milliseconds since 1970. There must be an entry. */
  get averageExpiryMs(): number {
    return this.#base + this.#sum / this.#count
  }

  /** Links an entry in, by the expiry that stands in it. */
  add(node: Ref): void {
    this.#count++
    this.#sum += expiryOf(this.#arena, node, headOf(this.#arena, node)) - this.#base
    this.#place(node)
  }

  /** Unlinks an entry, whose expiry is still the one that it was added with. */
  remove(node: Ref): void {
    this.#count--
    this.#sum -= expiryOf(this.#arena, node, headOf(this.#arena, node)) - this.#base
    if (this.#count === 0) this.#sum = 0
    this.#unlink(node)
  }

  /**
   * Moves time on and calls `expire` for each entry whose time has come; `expire` takes it out.
   * Stops as soon as `isEnough` says so, and goes on from there at the next call.
   * @returns whether it arrived at `nowMs`; entries of the last tick may still be left then.
   */
  advance(nowMs: number, expire: (node: Ref) => void, isEnough: () => boolean): boolean {
    const target = Math.floor(nowMs / TICK_MS)
    for (;;) {
      if (this.#count === 0) {
        this.#tick = Math.max(this.#tick, target)
        return true
      }
      if (!this.#deal(isEnough)) return false
      if (!this.#empty(nowMs, expire, isEnough)) return false
      if (this.#tick >= target) return true
      this.#tick = target - this.#tick > SLOTS ? this.#nextTick(target) : this.#tick + 1
    }
  }

  /**
   * The first tick after this one, up to `target`, at which there is anything to deal out or expire.
   * After a sleep, or when the operator sets the clock, there may be billions between.
   */
  #nextTick(target: number): number {
    let next = target
    let width = 1
    for (let level = 0; level < LEVELS; level++) {
      const number = Math.floor(this.#tick / width)
      for (let ahead = 1; ahead < SLOTS && (number + ahead) * width < next; ahead++) {
        const slot = this.#slots[level * SLOTS + ((number + ahead) % SLOTS)]!
        if (slot !== NONE && this.#first(slot) !== slot) next = (number + ahead) * width
      }
      width *= SLOTS
    }
    return next
  }

  /**
   * Writes refs of entries whose time comes first, as signed numbers, into `into`, up to its length:
   * those of one slot, and others of it at the next call. Within a slot they are in no order.
   * @returns how many; 0 only when there are no entries.
   */
  soonest(into: Int32Array): number {
    let best = -1
    let bestTick = Number.POSITIVE_INFINITY
    let width = 1
    for (let level = 0; level < LEVELS; level++) {
      const number = Math.floor(this.#tick / width)
      for (let ahead = 0; ahead < SLOTS && (number + ahead) * width < bestTick; ahead++) {
        const index = level * SLOTS + ((number + ahead) % SLOTS)
        if (this.#isEmpty(index)) continue
        best = index
        bestTick = (number + ahead) * width
      }
      width *= SLOTS
    }
    return best < 0 ? 0 : this.#turn(best, into, into.length)
  }

  /** The same for a slot that is drawn at random, and up to `count` entries. */
  some(uint32: () => number, into: Int32Array, count: number): number {
    const from = uint32() % this.#slots.length
    for (let ahead = 0; ahead < this.#slots.length && this.#count > 0; ahead++) {
      const index = (from + ahead) % this.#slots.length
      if (!this.#isEmpty(index)) return this.#turn(index, into, count)
    }
    return 0
  }

  /** Frees the slots. The entries are the caller's. */
  clear(): void {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      if (this.#slots[slot] !== NONE) this.#arena.free(this.#slots[slot]!)
    }
    this.#slots.fill(NONE)
    this.#count = 0
    this.#sum = 0
  }

  /** Deals out the slots of higher levels that the current tick has entered. */
  #deal(isEnough: () => boolean): boolean {
    for (let level = LEVELS - 1; level > 0; level--) {
      const index = Math.floor(this.#tick / 2 ** (SLOT_BITS * level)) % SLOTS
      const slot = this.#slots[level * SLOTS + index]!
      if (slot === NONE) continue
      for (let node = this.#first(slot); node !== slot; node = this.#first(slot)) {
        if (isEnough()) return false
        this.#unlink(node)
        this.#place(node)
      }
    }
    return true
  }

  /** Expires what is due in the slot of the current tick: all of it, once the tick is over. */
  #empty(nowMs: number, expire: (node: Ref) => void, isEnough: () => boolean): boolean {
    const slot = this.#slots[this.#tick % SLOTS]!
    if (slot === NONE) return true
    const isOver = (this.#tick + 1) * TICK_MS <= nowMs
    let node = this.#first(slot)
    while (node !== slot) {
      if (isEnough()) {
        if (isOver) return false
        // Nobody is to come back for those whose time is not yet. Others are first the next time.
        this.#startAt(slot, node)
        return true
      }
      const next = this.#arena.words[node >>> 17]![this.#linksOf(node) + NEXT]! >>> 0
      if (isOver || expiryOf(this.#arena, node, headOf(this.#arena, node)) <= nowMs) expire(node)
      node = next
    }
    return true
  }

  /** Turns the ring of a slot, so that it begins with `node`. */
  #startAt(slot: Ref, node: Ref): void {
    this.#unlink(slot)
    const previous = this.#arena.words[node >>> 17]![this.#linksOf(node) + PREVIOUS]! >>> 0
    this.#setNext(previous, slot)
    this.#setPrevious(slot, previous)
    this.#setNext(slot, node)
    this.#setPrevious(node, slot)
  }

  #isEmpty(index: number): boolean {
    const slot = this.#slots[index]!
    return slot === NONE || this.#first(slot) === slot
  }

  /** Reads up to `count` entries of a slot, and lets it begin behind them. @returns how many. */
  #turn(index: number, into: Int32Array, count: number): number {
    const slot = this.#slots[index]!
    let found = 0
    let node = this.#first(slot)
    for (; node !== slot && found < count; found++) {
      into[found] = node | 0
      node = this.#arena.words[node >>> 17]![this.#linksOf(node) + NEXT]! >>> 0
    }
    if (node !== slot) this.#startAt(slot, node)
    return found
  }

  #first(slot: Ref): Ref {
    return this.#arena.words[slot >>> 17]![wordOffset(slot) + 1 + NEXT]! >>> 0
  }

  #place(node: Ref): void {
    const expiry = expiryOf(this.#arena, node, headOf(this.#arena, node))
    const due = Math.max(Math.floor(expiry / TICK_MS), this.#tick)
    let level = 0
    let width = 1
    // A slot is named by its number on its level; those less than a turn ahead are told apart.
    while (
      level < LEVELS - 1 &&
      Math.floor(due / width) - Math.floor(this.#tick / width) >= SLOTS
    ) {
      level++
      width *= SLOTS
    }
    // What lies beyond the last level waits in its last slot and is placed again when that is due.
    const number = Math.min(Math.floor(due / width), Math.floor(this.#tick / width) + SLOTS - 1)
    const index = level * SLOTS + (number % SLOTS)
    const slot = this.#slots[index] || this.#newSlot(index)
    const next = this.#first(slot)
    const words = this.#arena.words[node >>> 17]!
    const at = this.#linksOf(node)
    words[at + PREVIOUS] = slot
    words[at + NEXT] = next
    this.#setNext(slot, node)
    this.#setPrevious(next, node)
  }

  #newSlot(index: number): Ref {
    const slot = this.#arena.allocate(SLOT_BYTES)
    this.#slots[index] = slot
    const words = this.#arena.words[slot >>> 17]!
    words[wordOffset(slot)] = SLOT_HEAD
    words[wordOffset(slot) + 1 + PREVIOUS] = slot
    words[wordOffset(slot) + 1 + NEXT] = slot
    return slot
  }

  #unlink(node: Ref): void {
    const words = this.#arena.words[node >>> 17]!
    const at = this.#linksOf(node)
    const previous = words[at + PREVIOUS]! >>> 0
    const next = words[at + NEXT]! >>> 0
    this.#setNext(previous, next)
    this.#setPrevious(next, previous)
  }

  #linksOf(node: Ref): number {
    return expiryOffset(node, headOf(this.#arena, node))
  }

  #setNext(node: Ref, next: Ref): void {
    this.#arena.words[node >>> 17]![this.#linksOf(node) + NEXT] = next
  }

  #setPrevious(node: Ref, previous: Ref): void {
    this.#arena.words[node >>> 17]![this.#linksOf(node) + PREVIOUS] = previous
  }
}
