/**
 * Operators on what is no plain number, and access to tables: with metatables, coercions and errors.
 *
 * A metamethod is a function of the script, so in the pausable mode it must be called by a generator.
 * Each operation therefore comes as `…Try`, which does all but that call: it notes what is to be called
 * in `pending` and gives `SLOW`. The plain form makes the call itself.
 */
import { LuaError } from '../errors.ts'
import { formatNumber, parseNumber } from '../numbers.ts'
import { LuaTable, PRISTINE, READONLY } from '../table.ts'
import { LuaUserdata } from '../userdata.ts'
import type { LuaFunction, LuaValue } from '../value.ts'
import { raiseCompare, raiseType } from './failures.ts'
import { placeAt, raise } from './frames.ts'
import type { RealmCore } from './realm-core.ts'
import { typeName } from './type-names.ts'

/** Given instead of a value: a metamethod is to be called. */
export const SLOW = new LuaUserdata('slow')

/** So many tables may refer to each other by `__index`. */
const CHAIN_MAX = 100

/** The call that is to be made. */
export const pending: {
  callee: LuaFunction
  args: readonly LuaValue[]
  /** The result is to be turned into its opposite: `a <= b` by `not (b < a)`. */
  isNegated: boolean
} = { callee: () => undefined, args: [], isNegated: false }

function suspend(callee: LuaFunction, args: readonly LuaValue[]): LuaUserdata {
  pending.callee = callee
  pending.args = args
  pending.isNegated = false
  return SLOW
}

/** What has been copied before its first change, by the changed table. */
export const originals = new WeakMap<LuaTable, LuaTable>()

/** Makes sure that a script may change a table. */
export function beforeWrite(table: LuaTable): void {
  if ((table.guard & READONLY) !== 0) raise('Attempt to modify a readonly table')
  keepOriginal(table)
}

/** Makes sure that a function of a library may change a table. The error has no place then. */
export function beforeLibraryWrite(table: LuaTable): void {
  if ((table.guard & READONLY) !== 0)
    throw new LuaError('Attempt to modify a readonly table', placeAt(1))
  keepOriginal(table)
}

function keepOriginal(table: LuaTable): void {
  if ((table.guard & PRISTINE) !== 0) {
    table.guard &= ~PRISTINE
    originals.set(table, table.shallowCopy())
  }
}

/** The number that a value is or can be read as. */
export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** The quotient's floor decides, as in the reference: `5 % inf` is no number. */
export function moduloNumbers(a: number, b: number): number {
  return a - Math.floor(a / b) * b
}

/** As in C, where one to any power is one. */
export function powerNumbers(a: number, b: number): number {
  if (a === 1) return 1
  if (a === -1 && (b === Infinity || b === -Infinity)) return 1
  return a ** b
}

/** The operators of arithmetic: their events, and what they do with numbers. */
const ARITHMETIC = {
  add: ['__add', (a: number, b: number) => a + b],
  subtract: ['__sub', (a: number, b: number) => a - b],
  multiply: ['__mul', (a: number, b: number) => a * b],
  divide: ['__div', (a: number, b: number) => a / b],
  modulo: ['__mod', moduloNumbers],
  power: ['__pow', powerNumbers],
} as const

type Binary = (a: LuaValue, b: LuaValue) => LuaValue
type Arithmetic = { readonly [name in keyof typeof ARITHMETIC]: Binary }

/** The operations of a realm. */
export type Operations = ReturnType<typeof createOperations>

/** Makes the operations, all that may call a metamethod as `…Try`. */
export function createOperations(realm: RealmCore) {
  const handlers = createHandlers(realm)
  return {
    callable: handlers.callable,
    isCallable: handlers.isCallable,
    ...readOperations(realm),
    ...writeOperations(realm),
    ...textOperations(realm, handlers),
    ...orderOperations(realm, handlers),
    arithmetic: Object.fromEntries(
      (Object.keys(ARITHMETIC) as (keyof typeof ARITHMETIC)[]).map((name) => [
        name,
        arithmeticTry(name, handlers),
      ]),
    ) as unknown as Arithmetic,
  }
}

/** How metamethods are found. */
type Handlers = ReturnType<typeof createHandlers>

function createHandlers(realm: RealmCore) {
  /** A metamethod: functions as they are, other values that can be called. */
  function handlerOf(value: LuaValue, event: string): LuaFunction | undefined {
    const handler = realm.metatableOf(value)?.get(event)
    if (handler === undefined || typeof handler === 'function') return handler
    return callable(handler)
  }

  /** Something to call for a value: it fails when it is called, if the value cannot be. */
  function callable(value: LuaValue): LuaFunction {
    if (typeof value === 'function') return value
    const handler = realm.metatableOf(value)?.get('__call')
    if (typeof handler === 'function') return (...args) => handler(value, ...args)
    return () => raiseType('call', value, 0)
  }

  /** Whether `callable` gives something that can be called. */
  function isCallable(value: LuaValue): boolean {
    const handler = typeof value === 'function' ? value : realm.metatableOf(value)?.get('__call')
    return typeof handler === 'function'
  }

  return { handlerOf, callable, isCallable }
}

function readOperations(realm: RealmCore) {
  function indexTry(object: LuaValue, key: LuaValue): LuaValue {
    for (let step = 0; step < CHAIN_MAX; step++) {
      let handler: LuaValue
      if (object instanceof LuaTable) {
        const value = object.get(key)
        if (value !== undefined) return value
        handler = object.meta?.indexHandler
        if (handler === undefined) return undefined
      } else {
        handler = realm.metatableOf(object)?.get('__index')
        if (handler === undefined) raiseType('index', object, step === 0 ? 0 : -1)
      }
      if (typeof handler === 'function') return suspend(handler, [object, key])
      object = handler
    }
    return raise('loop in gettable')
  }

  function fieldTry(object: LuaValue, key: string, hints: number[], hint: number): LuaValue {
    if (object instanceof LuaTable) {
      const at = hints[hint]!
      if (object.keys[at] === key) {
        const value = object.values[at]
        if (value !== undefined) return value
      } else {
        const found = object.find(key)
        if (found >= 0) {
          hints[hint] = found
          const value = object.values[found]
          if (value !== undefined) return value
        }
      }
      if (object.meta === undefined) return undefined
      // Methods stand in the table of their class, and mostly always at the same place.
      const handler = object.meta.indexHandler
      if (handler === undefined) return undefined
      if (handler instanceof LuaTable) {
        let found = at
        if (handler.keys[found] !== key) found = handler.find(key)
        if (found >= 0) {
          hints[hint] = found
          const value = handler.values[found]
          if (value !== undefined) return value
        }
      }
    }
    return indexTry(object, key)
  }

  /** A global, as a function sees it. */
  function globalTry(viewer: LuaFunction, key: string, hints: number[], hint: number): LuaValue {
    const { environments, globals } = realm
    const seen = environments.isChanged ? environments.of(viewer) : globals
    return fieldTry(seen, key, hints, hint)
  }

  return { indexTry, fieldTry, globalTry }
}

function writeOperations(realm: RealmCore) {
  function setIndexTry(object: LuaValue, key: LuaValue, value: LuaValue): LuaValue {
    for (let step = 0; step < CHAIN_MAX; step++) {
      let handler: LuaValue
      if (object instanceof LuaTable) {
        if ((object.guard & READONLY) !== 0) beforeWrite(object)
        if (object.meta !== undefined) {
          handler = object.meta.get('__newindex')
          if (handler !== undefined && object.get(key) !== undefined) handler = undefined
        }
        if (handler === undefined) {
          storeChecked(object, key, value)
          return undefined
        }
      } else {
        handler = realm.metatableOf(object)?.get('__newindex')
        if (handler === undefined) raiseType('index', object, step === 0 ? 0 : -1)
      }
      if (typeof handler === 'function') return suspend(handler, [object, key, value])
      object = handler
    }
    return raise('loop in settable')
  }

  function setFieldTry(
    object: LuaValue,
    key: string,
    value: LuaValue,
    hints: number[],
    hint: number,
  ): LuaValue {
    if (object instanceof LuaTable && object.guard === 0) {
      let at = hints[hint]!
      if (object.keys[at] !== key) {
        at = object.find(key)
        if (at < 0) {
          if (value !== undefined) object.insert(key, value)
          return undefined
        }
        hints[hint] = at
      }
      object.values[at] = value
      return undefined
    }
    return setIndexTry(object, key, value)
  }

  /** Assigns to a global, as a function sees it. */
  function setGlobalTry(
    viewer: LuaFunction,
    key: string,
    value: LuaValue,
    hints: number[],
    hint: number,
  ): LuaValue {
    const { environments, globals } = realm
    const seen = environments.isChanged ? environments.of(viewer) : globals
    return setFieldTry(seen, key, value, hints, hint)
  }

  return { setIndexTry, setFieldTry, setGlobalTry }
}

function arithmeticTry(name: keyof typeof ARITHMETIC, { handlerOf }: Handlers): Binary {
  const [event, operate] = ARITHMETIC[name]
  return (a, b) => {
    const left = toNumber(a)
    const right = toNumber(b)
    if (left !== undefined && right !== undefined) return operate(left, right)
    const handler = handlerOf(a, event) ?? handlerOf(b, event)
    if (handler !== undefined) return suspend(handler, [a, b])
    const index = left === undefined ? 0 : 1
    return raiseType('perform arithmetic on', index === 0 ? a : b, index)
  }
}

function textOperations(realm: RealmCore, { handlerOf }: Handlers) {
  function concatTry(a: LuaValue, b: LuaValue): LuaValue {
    const isLeftText = typeof a === 'string' || typeof a === 'number'
    if (isLeftText && (typeof b === 'string' || typeof b === 'number')) {
      const left = typeof a === 'string' ? a : formatNumber(a)
      const right = typeof b === 'string' ? b : formatNumber(b)
      const length = left.length + right.length
      if (length > 1024) realm.meter.charge(length)
      return left + right
    }
    const handler = handlerOf(a, '__concat') ?? handlerOf(b, '__concat')
    if (handler !== undefined) return suspend(handler, [a, b])
    return raiseType('concatenate', isLeftText ? b : a, isLeftText ? 1 : 0)
  }

  function negateTry(value: LuaValue): LuaValue {
    const number = toNumber(value)
    if (number !== undefined) return -number
    const handler = handlerOf(value, '__unm')
    if (handler !== undefined) return suspend(handler, [value, value])
    return raiseType('perform arithmetic on', value, 0)
  }

  function lengthTry(value: LuaValue): LuaValue {
    if (typeof value === 'string') return value.length
    if (value instanceof LuaTable) return value.length
    const handler = handlerOf(value, '__len')
    if (handler !== undefined) return suspend(handler, [value, undefined])
    return raiseType('get length of', value, 0)
  }

  return { concatTry, negateTry, lengthTry }
}

function orderOperations(realm: RealmCore, { callable }: Handlers) {
  function equalTry(a: LuaValue, b: LuaValue): boolean | LuaUserdata {
    if (a === b) return true
    if (typeof a !== 'object' || typeof b !== 'object') return false
    const [left, right] = [realm.metatableOf(a), realm.metatableOf(b)]
    if (left === undefined || right === undefined) return false
    if (a instanceof LuaTable !== b instanceof LuaTable) return false
    const handler = left.get('__eq')
    if (handler === undefined || handler !== right.get('__eq')) return false
    return suspend(callable(handler), [a, b])
  }

  function lessTry(a: LuaValue, b: LuaValue): boolean | LuaUserdata {
    if (typeof a === 'number' && typeof b === 'number') return a < b
    if (typeof a === 'string' && typeof b === 'string') return a < b
    return orderTry('__lt', a, b) ?? raiseCompare(a, b)
  }

  function lessOrEqualTry(a: LuaValue, b: LuaValue): boolean | LuaUserdata {
    if (typeof a === 'number' && typeof b === 'number') return a <= b
    if (typeof a === 'string' && typeof b === 'string') return a <= b
    const ordered = orderTry('__le', a, b)
    if (ordered !== undefined) return ordered
    if (orderTry('__lt', b, a) === undefined) return raiseCompare(a, b)
    pending.isNegated = true
    return SLOW
  }

  /** A comparison by the metamethod that both have. */
  function orderTry(event: string, a: LuaValue, b: LuaValue): LuaUserdata | undefined {
    // Values of different types are not even asked.
    if (typeof a !== 'object' || typeName(a) !== typeName(b)) return undefined
    const handler = realm.metatableOf(a)?.get(event)
    if (handler === undefined || handler !== realm.metatableOf(b)?.get(event)) return undefined
    return suspend(callable(handler), [a, b])
  }

  return { equalTry, lessTry, lessOrEqualTry }
}

/** An assignment to a table that has no `__newindex`. */
export function storeChecked(table: LuaTable, key: LuaValue, value: LuaValue): void {
  if (table.guard !== 0) beforeWrite(table)
  if (key === undefined) raise('table index is nil')
  if (typeof key !== 'number') table.set(key, value)
  else if (Number.isNaN(key)) raise('table index is NaN')
  else table.setNumber(key, value)
}
