/**
 * Coroutines. They need functions that can be left in the middle, so a plain run that makes one begins
 * again in the pausable mode.
 */
import { LuaError, RestartSignal } from '../errors.ts'
import { NESTING_MAX } from '../meter.ts'
import type { Realm } from '../realm.ts'
import { caughtError, isSteps, type LuaSteps, list, run } from '../runtime/calls.ts'
import { argumentError } from '../runtime/failures.ts'
import { placeAt, positioned } from '../runtime/frames.ts'
import { LuaTable } from '../table.ts'
import { LuaThread } from '../thread.ts'
import { type LuaFunction, type LuaResult, type LuaValue, listOf } from '../value.ts'
import { install } from './callbacks.ts'
import { isCompiled } from './environment.ts'
import { asFunction } from './protected.ts'

/** The table `coroutine`. */
export function coroutineLibrary(realm: Realm): LuaTable {
  const library = new LuaTable()
  const scheduler = new Scheduler(realm)
  install(library, {
    create(body: LuaValue): LuaResult {
      return scheduler.create(body)
    },
    resume: scheduler.resume,
    wrap(body: LuaValue): LuaResult {
      return scheduler.wrap(scheduler.create(body))
    },
    yield: scheduler.yield,
    status(thread: LuaValue): LuaResult {
      return checkThread(thread).status
    },
    running: () => scheduler.current,
  })
  return library
}

function checkThread(value: LuaValue): LuaThread {
  return value instanceof LuaThread ? value : argumentError(1, 'coroutine expected')
}

/** Which coroutine of a realm runs. */
class Scheduler {
  readonly #realm: Realm
  /** The one that runs; `undefined` for the script itself. */
  current: LuaThread | undefined
  readonly resume: LuaFunction
  readonly yield: LuaFunction

  constructor(realm: Realm) {
    this.#realm = realm
    const scheduler = this
    this.resume = asFunction(function* resume(target, ...args): LuaSteps {
      const thread = checkThread(target)
      if (thread.status !== 'suspended') {
        return [false, `cannot resume ${thread.status} coroutine`]
      }
      if (realm.meter.nesting + 1 >= NESTING_MAX) return [false, 'C stack overflow']
      const restore = scheduler.#enter(thread)
      try {
        const values = yield* resumeSteps(thread, args)
        return [true, ...values]
      } catch (thrown) {
        thread.status = 'dead'
        return [false, caughtError(thrown).value]
      } finally {
        restore()
      }
    })
    const yieldSteps = asFunction(function* (...values): LuaSteps {
      scheduler.#checkYield()
      return yield values
    })
    this.yield = realm.mode === 'plain' ? () => scheduler.#checkYield() : yieldSteps
    if (realm.mode === 'plain') {
      this.resume = (target) => {
        checkThread(target)
        throw new RestartSignal()
      }
    }
  }

  create(body: LuaValue): LuaThread {
    if (typeof body !== 'function' || !isCompiled(body)) {
      return argumentError(1, 'Lua function expected')
    }
    if (this.#realm.mode === 'plain') throw new RestartSignal()
    return new LuaThread(body)
  }

  wrap(thread: LuaThread): LuaFunction {
    const scheduler = this
    return asFunction(function* wrapped(...args): LuaSteps {
      const place = placeAt(1)
      const outcome = yield* scheduler.resume(thread, ...args) as unknown as LuaSteps
      const [isOk, ...values] = listOf(outcome as LuaResult)
      if (isOk === true) return values
      const [error] = values
      if (typeof error !== 'string' && typeof error !== 'number') throw new LuaError(error, place)
      throw new LuaError(positioned(place, `${error}`), place)
    })
  }

  /** A coroutine begins or goes on. @returns what to do when it has stopped again */
  #enter(thread: LuaThread): () => void {
    const { meter } = this.#realm
    const { room, nesting } = meter
    const resumer = this.current
    if (resumer !== undefined) resumer.status = 'normal'
    thread.status = 'running'
    this.current = thread
    // What the coroutine holds of the stack is on top of what its resumer holds.
    meter.room -= thread.roomHeld
    const start = nesting + 1
    meter.nesting = start + thread.nestingHeld
    thread.base = start
    return () => {
      thread.roomHeld = room - meter.room
      thread.nestingHeld = meter.nesting - start
      meter.room = room
      meter.nesting = nesting
      this.current = resumer
      if (resumer !== undefined) resumer.status = 'running'
    }
  }

  #checkYield(): never | undefined {
    const { current } = this
    if (current === undefined || this.#realm.meter.nesting > current.base) {
      throw new LuaError('attempt to yield across metamethod/C-call boundary', placeAt(1))
    }
    return undefined
  }
}

/** Runs a coroutine until it yields or ends. Its name marks the end of its stack. */
function* resumeSteps(
  thread: LuaThread,
  args: readonly LuaValue[],
): Generator<readonly LuaValue[] | undefined, readonly LuaValue[], readonly LuaValue[]> {
  if (thread.steps === undefined) {
    thread.steps = bodyOf(thread.body!, args)
    thread.body = undefined
  }
  let step = thread.steps.next(args)
  // Without a list it only lets time pass, which its resumer does as well.
  while (step.done !== true && step.value === undefined) {
    yield undefined
    step = thread.steps.next([])
  }
  if (step.done === true) {
    thread.status = 'dead'
    return step.value
  }
  thread.status = 'suspended'
  return step.value!
}

function* bodyOf(body: LuaFunction, args: readonly LuaValue[]): NonNullable<LuaThread['steps']> {
  let result = body(...args) as LuaResult | LuaSteps
  if (isSteps(result)) result = yield* run(result)
  return list(result as LuaResult)
}
