/**
 * What may still be typed: the argument tree of a command, walked along the words that are there.
 *
 * Each node of the tree gets a slot that remembers how far it is filled. Neighbouring optional
 * slots may be filled in any order. Then the slots that are not full are written out; the one that
 * has been begun comes first, since it is what the person is typing.
 */
import type { ArgDoc } from './docs.ts'

interface Slot {
  readonly arg: ArgDoc
  hasToken: boolean
  hasValue: boolean
  isBegun: boolean
  isFull: boolean
  slots: Slot[]
}

/** The argument tree with the words put in. */
export interface Filled {
  /** The hint: the rest of the syntax, or nothing when the words do not fit it. */
  readonly hint: string
  /** Tokens that may come next, upper case as the table has them. */
  readonly tokens: readonly string[]
}

/** Walks the words behind a command's name. */
export function fillArguments(args: readonly ArgDoc[], words: readonly string[]): Filled {
  const slots = args.map(emptySlot)
  if (fillAll(slots, words) !== words.length) return { hint: '', tokens: [] }
  return { hint: writeAll(slots, ' '), tokens: [...new Set(tokensOfAll(slots))] }
}

/** The whole syntax of a command. */
export function syntaxOf(args: readonly ArgDoc[]): string {
  return writeAll(args.map(emptySlot), ' ')
}

function emptySlot(arg: ArgDoc): Slot {
  return {
    arg,
    hasToken: false,
    hasValue: false,
    isBegun: false,
    isFull: false,
    slots: arg.args.map(emptySlot),
  }
}

function empty(slot: Slot): void {
  Object.assign(slot, emptySlot(slot.arg))
}

/** Fills slots in order. @returns how many words they took; 0 when a required one refuses. */
function fillAll(slots: readonly Slot[], words: readonly string[]): number {
  let taken = 0
  for (let at = 0; at < slots.length && taken < words.length; ) {
    const end = endOfOptional(slots, at)
    if (end > at) {
      taken += fillOptional(slots.slice(at, end), words.slice(taken))
      at = end
      continue
    }
    const used = fill(slots[at]!, words.slice(taken))
    if (used === 0) return 0
    taken += used
    at++
  }
  return taken
}

function endOfOptional(slots: readonly Slot[], start: number): number {
  let end = start
  while (end < slots.length && slots[end]!.arg.isOptional) end++
  return end
}

function fillOptional(slots: readonly Slot[], words: readonly string[]): number {
  let taken = 0
  let last: Slot | undefined
  while (taken < words.length) {
    let used = 0
    const rest = words.slice(taken)
    const next = slots.find((slot) => {
      if (slot.isBegun) return false
      used = fill(slot, rest)
      return used > 0
    })
    if (next === undefined) break
    // Going on to another argument means to be done with the one before.
    if (last !== undefined) last.isFull = true
    last = next
    taken += used
  }
  return taken
}

/** Fills one slot, as often as it may repeat. */
function fill(slot: Slot, words: readonly string[]): number {
  let taken = fillOnce(slot, words)
  if (!slot.arg.isMultiple || taken === 0) return taken
  while (slot.isFull && taken < words.length) {
    empty(slot)
    const rest = words.slice(taken)
    const saysToken = slot.arg.token === undefined || slot.arg.repeatsToken
    const used = saysToken ? fillOnce(slot, rest) : fillValue(slot, rest)
    if (slot.isBegun && !saysToken) slot.hasToken = true
    if (used === 0) break
    taken += used
  }
  slot.isFull = false
  return taken
}

function fillOnce(slot: Slot, words: readonly string[]): number {
  const { token, type } = slot.arg
  if (token === undefined) return fillValue(slot, words)
  // An empty token is how the table says that an empty argument is wanted there.
  if (words[0]!.toUpperCase() !== token.toUpperCase()) return 0
  slot.hasToken = true
  slot.isBegun = true
  if (type === 'pure-token') slot.isFull = true
  if (type === 'pure-token' || words.length === 1) return 1
  const used = fillValue(slot, words.slice(1))
  return used === 0 ? 0 : used + 1
}

function fillValue(slot: Slot, words: readonly string[]): number {
  const used = takeValue(slot, words)
  slot.isBegun = used > 0
  return used
}

function takeValue(slot: Slot, words: readonly string[]): number {
  switch (slot.arg.type) {
    case 'block': {
      const used = fillAll(slot.slots, words)
      slot.isFull = slot.slots.every((part) => part.isFull)
      return used
    }
    case 'oneof':
      for (const choice of slot.slots) {
        const used = fill(choice, words)
        if (used === 0) continue
        slot.isFull = choice.isFull
        return used
      }
      return 0
    case 'integer':
    case 'unix-time':
      if (!/^[+-]?\d/.test(words[0]!)) return 0
      break
    case 'double':
      if (!/^[+-]?(\.?\d|inf|nan)/i.test(words[0]!)) return 0
      break
  }
  slot.hasValue = true
  slot.isFull = true
  return 1
}

/** The open slots in the order in which to show them. */
function openSlots(slots: readonly Slot[]): Slot[] {
  const open: Slot[] = []
  for (let at = 0; at < slots.length; ) {
    const end = endOfOptional(slots, at)
    if (end === at) {
      open.push(slots[at]!)
      at++
      continue
    }
    const group = slots.slice(at, end)
    const begun = group.filter((slot) => slot.isBegun && !slot.isFull)
    // Once the required argument behind them is there, the optional ones are past.
    const isPast = slots[end]?.isBegun === true
    open.push(...begun, ...(isPast ? [] : group.filter((slot) => !begun.includes(slot))))
    at = end
  }
  return open.filter((slot) => !slot.isFull)
}

function writeAll(slots: readonly Slot[], separator: string): string {
  return openSlots(slots)
    .map(writeSlot)
    .filter((text) => text !== '')
    .join(separator)
}

function writeSlot(slot: Slot): string {
  const { arg } = slot
  const parts: string[] = []
  if (arg.token !== undefined && !slot.hasToken) parts.push(arg.token || '""')
  parts.push(writeValue(slot))
  if (arg.isMultiple) parts.push(writeRepetition(arg))
  const text = parts.filter((part) => part !== '').join(' ')
  return arg.isOptional && !slot.isBegun ? `[${text}]` : text
}

function writeValue(slot: Slot): string {
  switch (slot.arg.type) {
    case 'pure-token':
      return ''
    case 'block':
      return writeAll(slot.slots, ' ')
    case 'oneof': {
      const chosen = slot.slots.find((choice) => choice.isBegun)
      if (chosen === undefined) return writeAll(slot.slots, '|')
      return chosen.isFull ? '' : writeSlot(chosen)
    }
    default:
      return slot.hasValue ? '' : slot.arg.label
  }
}

function writeRepetition(arg: ArgDoc): string {
  const value = writeValue(emptySlot(arg))
  const token = arg.repeatsToken ? arg.token : undefined
  return `[${[token, value].filter((part) => part).join(' ')} ...]`
}

function tokensOfAll(slots: readonly Slot[]): string[] {
  const tokens: string[] = []
  for (const slot of openSlots(slots)) {
    tokens.push(...tokensOf(slot))
    // Nothing behind it can be typed before it has been.
    if (slot.isBegun && awaitsValue(slot)) break
    if (!slot.arg.isOptional && !slot.isBegun) break
  }
  return tokens
}

function tokensOf(slot: Slot): string[] {
  const { arg } = slot
  if (arg.token !== undefined && !slot.hasToken) return arg.token === '' ? [] : [arg.token]
  if (arg.type === 'block') return tokensOfAll(slot.slots)
  if (arg.type !== 'oneof') return []
  const chosen = slot.slots.find((choice) => choice.isBegun)
  return chosen === undefined ? slot.slots.flatMap(tokensOf) : tokensOf(chosen)
}

function awaitsValue(slot: Slot): boolean {
  if (slot.isFull || slot.arg.isMultiple) return false
  if (slot.arg.type === 'block')
    return slot.slots.some((part) => !part.isFull && !part.arg.isOptional)
  if (slot.arg.type !== 'oneof') return !slot.hasValue && slot.arg.type !== 'pure-token'
  return slot.slots.some((choice) => choice.isBegun && awaitsValue(choice)) || !slot.isBegun
}
