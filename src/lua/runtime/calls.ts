/**
 * Calls from JavaScript into a script, and what comes back. See `value.ts` for results; besides those a
 * function of the plain mode may give a tail call that is still to be made, and one of the pausable mode
 * a generator.
 */
import { LuaError } from '../errors.ts'
import { type Meter, NESTING_MAX } from '../meter.ts'
import type { LuaFunction, LuaResult, LuaValue } from '../value.ts'
import { raise } from './frames.ts'
import { pending } from './operations.ts'

/** What marks an array as a tail call: `[TAIL, callee, args]`. */
const TAIL = Symbol('tail')

/** What generators of scripts have as their prototype, for `instanceof`. */
export const Steps: { prototype: object; new (): LuaSteps } = Object.assign(() => undefined, {
  prototype: Object.getPrototypeOf(function* () {}).prototype as object,
}) as never

/** Whether a call gave a generator, which is still to be run. */
export function isSteps(result: LuaResult | LuaSteps): result is LuaSteps {
  return (result as unknown) instanceof Steps
}

/** A function of the pausable mode at work. It gives `undefined` when time may pass. */
export type LuaSteps = Generator<
  readonly LuaValue[] | undefined,
  LuaResult | LuaSteps,
  readonly LuaValue[]
>

/** A tail call that is to be made when the stack has unwound. */
export function tail(callee: LuaFunction, args: readonly LuaValue[]): LuaResult {
  return [TAIL, callee, args] as never
}

/** The results that an array stands for. */
export function settled(list: readonly LuaValue[]): readonly LuaValue[] {
  let result: LuaResult = list
  while (Array.isArray(result) && (result as readonly unknown[])[0] === TAIL) {
    const [, callee, args] = result as unknown as [symbol, LuaFunction, readonly LuaValue[]]
    result = callee(...args)
  }
  return Array.isArray(result) ? result : [result as LuaValue]
}

/** The first result of a call. */
export function first(result: LuaResult): LuaValue {
  return Array.isArray(result) ? settled(result)[0] : (result as LuaValue)
}

/** All results of a call. */
export function list(result: LuaResult): readonly LuaValue[] {
  return Array.isArray(result) ? settled(result) : [result as LuaValue]
}

/** The results of a call do not matter, but it must have been made. */
export function done(result: LuaResult): void {
  if (Array.isArray(result) && (result as readonly unknown[])[0] === TAIL) settled(result)
}

/** Runs a generator, and those that it gives instead of a result. */
export function* run(
  steps: LuaSteps,
): Generator<readonly LuaValue[] | undefined, LuaResult, readonly LuaValue[]> {
  let result: LuaResult | LuaSteps = steps
  while (isSteps(result)) result = yield* result
  return result as LuaResult
}

/** Counts a call that the reference would make through C. */
export function enterNested(meter: Meter): void {
  meter.nesting++
  if (meter.nesting >= NESTING_MAX) raiseNesting(meter)
}

function raiseNesting(meter: Meter): never {
  // What reports the error may nest a little further itself.
  if (meter.nesting >= NESTING_MAX + NESTING_MAX / 8) throw new LuaError('error in error handling')
  raise('C stack overflow')
}

/** A library calls a function. Its name stands in the stack for a level of C. */
export function libraryCall(
  meter: Meter,
  callee: LuaFunction,
  args: readonly LuaValue[],
): readonly LuaValue[] {
  enterNested(meter)
  const result = list(callee(...args))
  meter.nesting--
  return result
}

/** As `libraryCall`, in the pausable mode. */
export function* libraryCallSteps(
  meter: Meter,
  callee: LuaFunction,
  args: readonly LuaValue[],
): Generator<readonly LuaValue[] | undefined, readonly LuaValue[], readonly LuaValue[]> {
  enterNested(meter)
  let result = callee(...args) as LuaResult | LuaSteps
  if (isSteps(result)) result = yield* run(result)
  meter.nesting--
  return list(result as LuaResult)
}

/** Calls the metamethod that is pending. */
export function metaCall(meter: Meter): LuaValue {
  const { callee, args } = pending
  enterNested(meter)
  const result = first(callee(...args))
  meter.nesting--
  return result
}

/** Calls the metamethod of a comparison that is pending. */
export function metaTestCall(meter: Meter): boolean {
  const { isNegated } = pending
  const result = metaCall(meter)
  return (result !== undefined && result !== false) !== isNegated
}

/**
 * What a caught exception is to a script: an error of Lua, or one of the machine's limits that is
 * reported as such. Signals that scripts cannot catch, and errors of ours, are thrown again.
 */
export function caughtError(thrown: unknown): LuaError {
  if (thrown instanceof LuaError) return thrown
  if (thrown instanceof RangeError) {
    return new LuaError(
      thrown.message.includes('call stack') ? 'stack overflow' : 'not enough memory',
    )
  }
  throw thrown
}
