/**
 * Functions of libraries that call functions of scripts. They are written once, as generators that give
 * what is to be called and get its results; the two modes make the calls in their own ways.
 */
import { type LuaSteps, libraryCall, libraryCallSteps } from '../runtime/calls.ts'
import type { RealmCore } from '../runtime/realm-core.ts'
import type { LuaFunction, LuaResult, LuaValue } from '../value.ts'

/** A call that is asked for: what, and with which arguments. */
export type CallRequest = readonly [callee: LuaFunction, args: readonly LuaValue[]]

/** The work of a function with callbacks. */
export type CallbackWork = Generator<CallRequest, LuaResult, readonly LuaValue[]>

/** Makes a function of a realm of such work. */
export function withCallbacks(
  realm: RealmCore,
  work: (...args: LuaValue[]) => CallbackWork,
): LuaFunction {
  const { meter } = realm
  if (realm.mode === 'plain') {
    return (...args) => {
      const steps = work(...args)
      let step = steps.next()
      while (step.done !== true) {
        step = steps.next(libraryCall(meter, step.value[0], step.value[1]))
      }
      return step.value
    }
  }
  return function* (...args: LuaValue[]): LuaSteps {
    const steps = work(...args)
    let step = steps.next()
    while (step.done !== true) {
      step = steps.next(yield* libraryCallSteps(meter, step.value[0], step.value[1]))
    }
    return step.value
  } as unknown as LuaFunction
}

/** Puts functions into a table by their names. */
export function install(
  table: { set(key: string, value: LuaValue): void },
  functions: Readonly<Record<string, LuaValue>>,
): void {
  for (const [name, value] of Object.entries(functions)) table.set(name, value)
}
