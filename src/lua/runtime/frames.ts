/**
 * Where a script is. Compiled code keeps no record of calls: when an error is made, the stack of
 * JavaScript is read, and comments in the compiled code tell what stands at each place.
 */
import { shownName } from '../chunk-name.ts'
import { type NamedOperand, type SiteInfo, siteBefore } from '../compiler/site.ts'
import { LuaError, type LuaPlace } from '../errors.ts'
import type { LuaFunction, LuaValue } from '../value.ts'

/** A chunk that has been loaded, as far as its places are concerned. */
export interface LoadedChunk {
  readonly name: string
  /** The chunk's own function: its text is that of the whole chunk. */
  main: LuaFunction | undefined
  /** The functions of the chunk that ran last, by id, if the chunk was compiled to keep them. */
  readonly running: LuaFunction[]
}

/** One level of the script's stack. */
export interface Level {
  /** `undefined` for a function of a library that called back, and for one that a tail call replaced. */
  readonly place: LuaPlace | undefined
  readonly site: SiteInfo | undefined
  /** The function, if its chunk keeps functions. */
  readonly running: LuaFunction | undefined
  /** A tail call replaced the function. */
  readonly isLost: boolean
}

const URL_PREFIX = 'lua:'
/** What the text of a chunk has before the line where its function begins. */
const LINES_BEFORE = 3

/** Functions of libraries that call back stand in the stack under these names. */
const BOUNDARIES = new Set(['libraryCall', 'libraryCallSteps', 'libraryCompare'])
/** Below these there is another stack, of the one who resumed or ran this one. */
const BASES = new Set(['resumeSteps', 'enterScript', 'enterScriptSteps'])

const UNKNOWN: Level = { place: undefined, site: undefined, running: undefined, isLost: false }

const chunks = new Map<number, WeakRef<LoadedChunk>>()
const forgotten = new FinalizationRegistry<number>((id) => chunks.delete(id))
let chunkCount = 0

/** Makes a chunk known. @returns the name under which its code is to be compiled */
export function registerChunk(chunk: LoadedChunk): string {
  const id = ++chunkCount
  chunks.set(id, new WeakRef(chunk))
  forgotten.register(chunk, id)
  return `${URL_PREFIX}${id}`
}

/** The levels of the stack, innermost first, at least `count` of them if there are so many. */
export function readLevels(count: number): Level[] {
  for (let limit = 12 + 6 * count; ; limit *= 4) {
    const calls = captureCalls(limit)
    const { levels, isComplete } = levelsOf(calls)
    if (levels.length >= count || isComplete || calls.length < limit) return levels
  }
}

function captureCalls(limit: number): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  Error.stackTraceLimit = limit
  Error.prepareStackTrace = (_, calls) => calls
  try {
    Error.captureStackTrace(holder, captureCalls)
    return holder.stack as NodeJS.CallSite[]
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Error.prepareStackTrace = prepareStackTrace
  }
}

function levelsOf(calls: readonly NodeJS.CallSite[]): { levels: Level[]; isComplete: boolean } {
  const levels: Level[] = []
  let isCalleeLua = false
  for (const call of calls) {
    const url = call.getScriptNameOrSourceURL()
    if (url?.startsWith(URL_PREFIX)) {
      levels.push(levelOf(call, url, isCalleeLua))
      isCalleeLua = true
      continue
    }
    const name = call.getFunctionName()
    if (name === null) continue
    if (BASES.has(name)) return { levels, isComplete: true }
    if (BOUNDARIES.has(name)) {
      levels.push(UNKNOWN)
      isCalleeLua = false
    }
  }
  return { levels, isComplete: false }
}

function levelOf(call: NodeJS.CallSite, url: string, isCalleeLua: boolean): Level {
  const chunk = chunks.get(Number(url.slice(URL_PREFIX.length)))?.deref()
  if (chunk?.main === undefined) return UNKNOWN
  const site = siteBefore(String(chunk.main), offsetOf(String(chunk.main), call))
  const id = Number(call.getFunctionName()?.slice(1))
  const running = chunk.running[id]
  // A tail call of a function of Lua replaces its caller.
  if (site === undefined || (site.isTailCall && isCalleeLua)) return { ...UNKNOWN, isLost: true }
  return { place: { chunkName: chunk.name, line: site.line }, site, running, isLost: false }
}

/** Where in the text of its chunk a call stands. */
function offsetOf(text: string, call: NodeJS.CallSite): number {
  let at = 0
  for (let line = LINES_BEFORE + 1; line < (call.getLineNumber() ?? 0); line++) {
    at = text.indexOf('\n', at) + 1
  }
  return at + (call.getColumnNumber() ?? 1) - 1
}

/** The place at a level, 1 being what called the function that asks. */
export function placeAt(level: number): LuaPlace | undefined {
  return readLevels(level)[level - 1]?.place
}

/** A message with chunk and line before it, if the place is known. */
export function positioned(place: LuaPlace | undefined, message: string): string {
  return place === undefined ? message : `${shownName(place.chunkName)}:${place.line}: ${message}`
}

/**
 * Raises an error of the language or of a library, with chunk and line of the place at a level before
 * it: 1 is what called the function that fails.
 */
export function raise(message: string, level = 1): never {
  const place = placeAt(level)
  throw new LuaError(positioned(place, message), place)
}

/** Raises a value as it is, noting where. */
export function raiseValue(value: LuaValue): never {
  throw new LuaError(value, placeAt(1))
}

/** What the script calls an operand of what it does right now; and where it is. */
export function operandHere(index: number): {
  place: LuaPlace | undefined
  operand: NamedOperand | undefined
} {
  const [level] = readLevels(1)
  return { place: level?.place, operand: level?.site?.operands[index] }
}
