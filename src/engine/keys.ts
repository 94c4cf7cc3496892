/**
 * Where the keys of a request stand, by the key specifications of its row: for COMMAND GETKEYS, and
 * for whoever must know a request's keys before it runs.
 */
import { parseInt64 } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'
import { Args } from './args.ts'
import type { Command, CommandSpec, KeyFlag, KeyPlace, KeySpec } from './command.ts'

/** Keys as COMMAND INFO tells them in short: the first, the last (negative: from the end), the step. */
export interface KeyRange {
  readonly first: number
  readonly last: number
  readonly step: number
}

/** Whether a command has arguments that are keys. */
export function hasKeys(spec: CommandSpec): boolean {
  return spec.findKeys !== undefined || (spec.keys ?? []).some(isRealKey)
}

/** Whether the argument after the name is a key. */
export function isKeyFirst({ keys = [] }: CommandSpec): boolean {
  return keys.some((spec) => isRealKey(spec) && rangeOf(spec)?.first === 1)
}

/**
 * The keys of a request to `command`, in the order of its specifications; its subcommand's word, if
 * it has one, is argument 1. @returns `undefined` when the arguments do not say where the keys are.
 */
export function keyPlaces(command: Command, request: Request): KeyPlace[] | undefined {
  const { spec } = command
  const specs = (spec.keys ?? []).filter(isRealKey)
  const isVariable = specs.some(({ flags }) => flags.includes('variable_flags'))
  const places = isVariable ? undefined : placesBySpecs(specs, request)
  if (places !== undefined) return places
  const args = new Args()
  const begin = () => args.begin(request, command.parent === undefined ? 1 : 2)
  begin()
  const found = spec.findKeys?.(args) ?? placesBySpecs(specs, request)?.map(positionOf)
  if (found === undefined) return undefined
  begin()
  const flags = spec.keyFlags?.(args) ?? plainFlags(specs[0])
  return found.map((place) => (typeof place === 'number' ? { position: place, flags } : place))
}

/** The range that COMMAND INFO gives beside the specifications; all zero when there is none. */
export function keyRange(spec: CommandSpec): KeyRange {
  const specs = spec.keys ?? []
  const only = specs.length === 1 ? rangeOf(specs[0]!) : undefined
  if (only !== undefined) return only
  let joined: KeyRange | undefined
  for (const range of specs.map(rangeOf)) {
    if (range === undefined || !continues(joined, range)) continue
    // A last key counted from the end lies after all that are counted from the beginning.
    const last =
      joined === undefined || range.last < 0 ? range.last : Math.max(joined.last, range.last)
    joined = { first: joined?.first ?? range.first, last, step: 1 }
  }
  return joined ?? { first: 0, last: 0, step: 0 }
}

/** Whether `keyRange` does not tell all keys, which is the flag `movablekeys`. */
export function hasMovableKeys(spec: CommandSpec): boolean {
  const specs = spec.keys ?? []
  if (specs.some(({ flags }) => flags.includes('incomplete'))) return true
  const ranges = specs.map(rangeOf)
  if (ranges.length <= 1) return ranges.includes(undefined)
  let joined: KeyRange | undefined
  for (const range of ranges) {
    if (range === undefined || !continues(joined, range)) return true
    joined = range
  }
  return false
}

function isRealKey(spec: KeySpec): boolean {
  return !spec.flags.includes('not_key')
}

function positionOf({ position }: KeyPlace): number {
  return position
}

function plainFlags(spec: KeySpec | undefined): readonly KeyFlag[] {
  return spec?.flags ?? []
}

/** Only single steps that follow each other make one range. */
function continues(joined: KeyRange | undefined, range: KeyRange): boolean {
  return range.step === 1 && (joined === undefined || joined.last === range.first - 1)
}

function rangeOf({ begin, find }: KeySpec): KeyRange | undefined {
  if (begin.kind !== 'index' || find.kind !== 'range') return undefined
  const last = find.lastKey >= 0 ? begin.index + find.lastKey : find.lastKey
  return { first: begin.index, last, step: find.step }
}

function placesBySpecs(specs: readonly KeySpec[], request: Request): KeyPlace[] | undefined {
  if (specs.length === 0) return undefined
  const places: KeyPlace[] = []
  for (const spec of specs) {
    const begin = beginOf(spec, request)
    if (begin === undefined) return undefined
    if (begin === 0) continue
    const range = spanOf(spec, begin, request)
    const { count } = request
    if (range === undefined || range.last < range.first || range.last >= count) return undefined
    for (let position = range.first; position <= range.last; position += range.step) {
      places.push({ position, flags: spec.flags })
    }
    if (spec.flags.includes('incomplete')) return undefined
  }
  return places.length === 0 ? undefined : places
}

/** Where the search for keys begins; 0 when its keyword is not there. */
function beginOf({ begin }: KeySpec, request: Request): number | undefined {
  if (begin.kind === 'index') return begin.index
  if (begin.kind === 'unknown') return undefined
  const { keyword, startFrom } = begin
  const step = startFrom > 0 ? 1 : -1
  const { count } = request
  for (let i = startFrom > 0 ? startFrom : count + startFrom; i >= 1 && i < count; i += step) {
    // The very last argument in the direction of the search cannot be the keyword.
    if (i === (step === 1 ? count - 1 : 1)) return 0
    if (wordAt(request, i) === keyword.toUpperCase()) return i + 1
  }
  return 0
}

function spanOf({ find }: KeySpec, begin: number, request: Request): KeyRange | undefined {
  const { count } = request
  if (find.kind === 'range') {
    const { lastKey, limit, step } = find
    if (lastKey >= 0) return { first: begin, last: begin + lastKey, step }
    if (limit === 0) return { first: begin, last: count + lastKey, step }
    return { first: begin, last: begin + Math.trunc((count - begin) / limit) + lastKey, step }
  }
  if (find.kind === 'unknown') return undefined
  const at = begin + find.keyNumIndex
  if (at >= count) return undefined
  const keys = parseInt64(request.bytes, request.starts[at]!, request.ends[at]!)
  if (keys === undefined || keys < 0n) return undefined
  const first = begin + find.firstKey
  return { first, last: first + Number(keys) - 1, step: find.step }
}

function wordAt(request: Request, i: number): string {
  const { bytes, starts, ends } = request
  return Buffer.from(bytes.buffer, bytes.byteOffset + starts[i]!, ends[i]! - starts[i]!)
    .toString('latin1')
    .toUpperCase()
}
