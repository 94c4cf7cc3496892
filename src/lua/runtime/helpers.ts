/**
 * The functions that compiled code takes by name. Those that the two modes share are followed by those
 * of each.
 */
import { LuaTable } from '../table.ts'
import { type LuaFunction, type LuaResult, type LuaValue, NOTHING } from '../value.ts'
import {
  done,
  enterNested,
  first,
  isSteps,
  type LuaSteps,
  list,
  metaCall,
  metaTestCall,
  run,
  Steps,
  settled,
  tail,
} from './calls.ts'
import { raiseOverflow, raiseType } from './failures.ts'
import { raise } from './frames.ts'
import {
  createOperations,
  moduloNumbers,
  type Operations,
  pending,
  powerNumbers,
  SLOW,
  toNumber,
} from './operations.ts'
import type { RealmCore } from './realm-core.ts'
import {
  argTable,
  arrayTable,
  mixedTable,
  openTable,
  POSITIONAL,
  recordTable,
} from './table-helpers.ts'

/** The iterators that loops know, so that they need not call them. */
export interface KnownIterators {
  readonly next: LuaFunction
  readonly nextElement: LuaFunction
}

/** The helpers of a realm, by the names that compiled code knows. */
export type Helpers = Readonly<Record<string, unknown>>

/** Makes the helpers of a realm. */
export function createHelpers(realm: RealmCore, iterators: KnownIterators): Helpers {
  const operations = createOperations(realm)
  const { callable } = operations
  return {
    R: realm.meter,
    N: NOTHING,
    S: SLOW,
    T: LuaTable,
    P: POSITIONAL,
    first,
    list,
    settled,
    done,
    callable,
    moduloNumbers,
    powerNumbers,
    arrayTable,
    openTable,
    recordTable,
    mixedTable,
    argTable,
    forNumber,
    overflow: (bytes: number) => raiseOverflow(realm.meter, bytes),
    made(callee: LuaFunction, maker: LuaFunction): LuaFunction {
      if (realm.environments.isChanged) realm.environments.inherit(callee, maker)
      return callee
    },
    loopMode(callee: LuaValue, state: LuaValue, control: LuaValue): number {
      if (!(state instanceof LuaTable)) return 0
      if (callee === iterators.next) return control === undefined ? 1 : 0
      return callee === iterators.nextElement && control === 0 ? 2 : 0
    },
    ...(realm.mode === 'plain'
      ? plainHelpers(realm, operations)
      : pausableHelpers(realm, operations)),
  }
}

/** A bound of a numeric loop. */
function forNumber(value: LuaValue, what: string): number {
  const number = toNumber(value)
  if (number !== undefined) return number
  const name = what === 'initial' ? "'for' initial value" : `'for' ${what}`
  return raise(`${name} must be a number`)
}

function plainHelpers(realm: RealmCore, operations: Operations): Helpers {
  const { meter, globals } = realm
  const finish = (value: LuaValue): LuaValue => (value === SLOW ? metaCall(meter) : value)
  const finishTest = (value: LuaValue): boolean =>
    value === SLOW ? metaTestCall(meter) : (value as boolean)
  const { indexTry, fieldTry, globalTry, setIndexTry, setFieldTry, setGlobalTry } = operations
  return {
    tail,
    ...plainAccess(operations, finish),
    field(object: LuaValue, key: string, hints: number[], hint: number): LuaValue {
      if (object instanceof LuaTable && object.keys[hints[hint]!] === key) {
        const value = object.values[hints[hint]!]
        if (value !== undefined) return value
      }
      const value = fieldTry(object, key, hints, hint)
      return value === SLOW ? metaCall(meter) : value
    },
    global(viewer: LuaFunction, key: string, hints: number[], hint: number): LuaValue {
      if (!realm.environments.isChanged && globals.keys[hints[hint]!] === key) {
        const value = globals.values[hints[hint]!]
        if (value !== undefined) return value
      }
      return finish(globalTry(viewer, key, hints, hint))
    },
    setGlobal(f: LuaFunction, key: string, value: LuaValue, hints: number[], hint: number): void {
      finish(setGlobalTry(f, key, value, hints, hint))
    },
    setField(o: LuaValue, key: string, value: LuaValue, hints: number[], hint: number): void {
      finish(setFieldTry(o, key, value, hints, hint))
    },
    index(object: LuaValue, key: LuaValue): LuaValue {
      if (object instanceof LuaTable) {
        const value = typeof key === 'number' ? object.getNumber(key) : object.get(key)
        if (value !== undefined) return value
      }
      const value = indexTry(object, key)
      return value === SLOW ? metaCall(meter) : value
    },
    setIndex(object: LuaValue, key: LuaValue, value: LuaValue): void {
      if (object instanceof LuaTable && object.guard === 0) {
        if (typeof key === 'string') {
          object.set(key, value)
          return
        }
        if (typeof key === 'number' && !Number.isNaN(key)) {
          object.setNumber(key, value)
          return
        }
      }
      finish(setIndexTry(object, key, value))
    },
    equal: (a: LuaValue, b: LuaValue) => a === b || finishTest(operations.equalTry(a, b)),
    less: (a: LuaValue, b: LuaValue) => finishTest(operations.lessTry(a, b)),
    lessOrEqual: (a: LuaValue, b: LuaValue) => finishTest(operations.lessOrEqualTry(a, b)),
    iterate(callee: LuaValue, state: LuaValue, control: LuaValue): LuaResult {
      if (typeof callee !== 'function') callee = iteratorOf(operations, callee)
      enterNested(meter)
      const result = callee(state, control)
      meter.nesting--
      return result
    },
  }
}

/** Operators that always go through a helper. */
function plainAccess(operations: Operations, finish: (value: LuaValue) => LuaValue): Helpers {
  const { concatTry, negateTry, lengthTry, arithmetic } = operations
  return {
    concat(a: LuaValue, b: LuaValue): LuaValue {
      if (typeof a === 'string' && typeof b === 'string' && a.length + b.length < 1024) return a + b
      return finish(concatTry(a, b))
    },
    length(value: LuaValue): LuaValue {
      return value instanceof LuaTable ? value.length : finish(lengthTry(value))
    },
    negate: (value: LuaValue) => finish(negateTry(value)),
    ...Object.fromEntries(
      Object.entries(arithmetic).map(([name, operate]) => [
        name,
        (a: LuaValue, b: LuaValue) => finish(operate(a, b)),
      ]),
    ),
  }
}

/** What calls the value of a loop that is no function. */
function iteratorOf(operations: Operations, value: LuaValue): LuaFunction {
  if (!operations.isCallable(value)) return raiseType('call', value, -1)
  return operations.callable(value)
}

function pausableHelpers(realm: RealmCore, operations: Operations): Helpers {
  const { meter } = realm
  function* meta(): LuaSteps {
    const { callee, args } = pending
    enterNested(meter)
    let result = callee(...args) as LuaResult | LuaSteps
    if (isSteps(result)) result = yield* run(result)
    meter.nesting--
    return first(result as LuaResult)
  }
  return {
    Y: Steps,
    run,
    meta,
    *metaTest(): LuaSteps {
      const { isNegated } = pending
      const result = yield* meta()
      return (result !== undefined && result !== false) !== isNegated
    },
    *iterateSteps(callee: LuaValue, state: LuaValue, control: LuaValue): LuaSteps {
      if (typeof callee !== 'function') callee = iteratorOf(operations, callee)
      enterNested(meter)
      let result = callee(state, control) as LuaResult | LuaSteps
      if (isSteps(result)) result = yield* run(result)
      meter.nesting--
      return result
    },
    ...Object.fromEntries(
      Object.entries(operations.arithmetic).map(([name, operate]) => [`${name}Try`, operate]),
    ),
    ...operations,
  }
}
