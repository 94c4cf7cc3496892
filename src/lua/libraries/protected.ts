/** Errors that are caught, and chunks that are loaded. */

import type { LuaError } from '../errors.ts'
import type { Realm } from '../realm.ts'
import {
  caughtError,
  type LuaSteps,
  libraryCall,
  libraryCallSteps,
  list,
} from '../runtime/calls.ts'
import { argumentTypeError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import type { LuaFunction, LuaResult, LuaValue } from '../value.ts'
import { checkAny, checkString } from './arguments.ts'
import { raiseAssertion, raiseError } from './base.ts'
import { install, withCallbacks } from './callbacks.ts'

/** What making and catching an error costs beside other steps. */
const ERROR_FUEL = 1000

/** Installs `error`, `assert`, `pcall`, `xpcall`, `loadstring` and `load`. */
export function protectedLibrary(realm: Realm): void {
  install(realm.globals, {
    error: (value: LuaValue, level: LuaValue) => raiseError(value, level),
    assert(...values: LuaValue[]): LuaResult {
      const [value] = values
      return value === undefined || value === false ? raiseAssertion(values) : values
    },
    ...(realm.mode === 'plain' ? plainCalls(realm) : pausableCalls(realm)),
    loadstring(source: LuaValue, name: LuaValue): LuaResult {
      const text = checkString(source, 1, arguments.length)
      return load(realm, text, name === undefined ? text : checkString(name, 2, arguments.length))
    },
    load: loadOf(realm),
  })
}

/** What a failed call leaves as it was: the counters of what was being called. */
function restoring(realm: Realm): (thrown: unknown) => LuaError {
  const { meter } = realm
  const { room, nesting } = meter
  return (thrown) => {
    const error = caughtError(thrown)
    meter.room = room
    meter.nesting = nesting
    meter.fuel -= ERROR_FUEL
    return error
  }
}

function plainCalls(realm: Realm): Record<string, LuaFunction> {
  const { meter } = realm
  const { callable } = realm.operations
  return {
    pcall(callee: LuaValue, ...args: LuaValue[]): LuaResult {
      checkAny(1, arguments.length)
      const restore = restoring(realm)
      try {
        return [true, ...libraryCall(meter, callable(callee), args)]
      } catch (thrown) {
        return [false, realm.caught(restore(thrown).value)]
      }
    },
    xpcall(callee: LuaValue, handler: LuaValue): LuaResult {
      checkAny(2, arguments.length)
      const restore = restoring(realm)
      try {
        return [true, ...libraryCall(meter, callable(callee), [])]
      } catch (thrown) {
        const { value } = restore(thrown)
        try {
          return [false, libraryCall(meter, callable(handler), [value])[0]]
        } catch (again) {
          restore(again)
          return [false, 'error in error handling']
        }
      }
    },
  }
}

function pausableCalls(realm: Realm): Record<string, LuaFunction> {
  const { meter } = realm
  const { callable } = realm.operations
  function* pcall(callee: LuaValue, ...args: LuaValue[]): LuaSteps {
    checkAny(1, arguments.length)
    const restore = restoring(realm)
    try {
      return [true, ...(yield* libraryCallSteps(meter, callable(callee), args))]
    } catch (thrown) {
      return [false, realm.caught(restore(thrown).value)]
    }
  }
  function* xpcall(callee: LuaValue, handler: LuaValue): LuaSteps {
    checkAny(2, arguments.length)
    const restore = restoring(realm)
    try {
      return [true, ...(yield* libraryCallSteps(meter, callable(callee), []))]
    } catch (thrown) {
      const { value } = restore(thrown)
      try {
        return [false, (yield* libraryCallSteps(meter, callable(handler), [value]))[0]]
      } catch (again) {
        restore(again)
        return [false, 'error in error handling']
      }
    }
  }
  return { pcall: asFunction(pcall), xpcall: asFunction(xpcall) }
}

/** A generator as the function that it is to scripts of the pausable mode. */
export function asFunction(steps: (...args: LuaValue[]) => LuaSteps): LuaFunction {
  return steps as unknown as LuaFunction
}

/** The function of a chunk; nil and a message when it is not Lua. */
function load(realm: Realm, source: string, name: string): LuaResult {
  try {
    return realm.load(source, name)
  } catch (thrown) {
    return [undefined, caughtError(thrown).value]
  }
}

function loadOf(realm: Realm): LuaFunction {
  const work = withCallbacks(realm.core, function* (reader, name) {
    let source = ''
    for (;;) {
      const [piece] = yield [reader as LuaFunction, []]
      if (piece === undefined || piece === '') break
      if (typeof piece !== 'string' && typeof piece !== 'number') {
        raise('reader function must return a string')
      }
      source += piece
      realm.meter.charge(source.length)
    }
    return load(realm, source, name as string)
  })
  return function loadPieces(reader: LuaValue, name: LuaValue): LuaResult {
    if (typeof reader !== 'function') {
      argumentTypeError(1, 'function', reader, arguments.length > 0)
    }
    const chunkName = name === undefined ? '=(load)' : checkString(name, 2, arguments.length)
    return caughtAsResult(realm, work, reader, chunkName)
  }
}

/** Errors of a reader are results too. */
function caughtAsResult(
  realm: Realm,
  work: LuaFunction,
  reader: LuaValue,
  name: string,
): LuaResult {
  const restore = restoring(realm)
  const failure = (thrown: unknown): LuaResult => [undefined, restore(thrown).value]
  if (realm.mode === 'plain') {
    try {
      return list(work(reader, name))
    } catch (thrown) {
      return failure(thrown)
    }
  }
  const steps = function* (): LuaSteps {
    try {
      return yield* work(reader, name) as unknown as LuaSteps
    } catch (thrown) {
      return failure(thrown)
    }
  }
  return steps() as unknown as LuaResult
}
