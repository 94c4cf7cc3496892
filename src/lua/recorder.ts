/**
 * What host functions gave to a plain run. When the run begins again in the pausable mode, they are
 * answered from here, so that nothing is done twice.
 *
 * Tables that a script got may have been changed by it since. They are therefore marked, and copied
 * before their first change: see `beforeWrite`.
 */
import { DivergenceError, LuaError } from './errors.ts'
import { originals } from './runtime/operations.ts'
import type { RealmMode } from './runtime/realm-core.ts'
import { LuaTable, PRISTINE } from './table.ts'
import { isList, type LuaFunction, type LuaResult, type LuaValue } from './value.ts'

/** A function of the host: its arguments come as a list. */
export type HostFunction = (args: readonly LuaValue[]) => LuaResult

/** The calls of the run that is going on. */
export class Recorder {
  /** Of each call, which of the host's functions it was, and what that gave, or the error it raised. */
  #calls: (number | LuaResult | LuaError)[] = []
  #at = 0
  #isRecording = false

  /** A run begins in the plain mode: its calls are recorded if it can be repeated. */
  begin(isRepeatable: boolean): void {
    this.#calls = []
    this.#at = 0
    this.#isRecording = isRepeatable
  }

  /** The run begins again. */
  repeat(): void {
    this.#at = 0
    this.#isRecording = false
  }

  /** Everything that was recorded must have been asked for again. */
  checkComplete(): void {
    if (!this.#isRecording && this.#at < this.#calls.length) throw new DivergenceError()
  }

  /** A host function that is recorded, or answered for. */
  wrap(mode: RealmMode, id: number, run: HostFunction): LuaFunction {
    return mode === 'plain' ? this.#recorded(id, run) : this.#repeated(id, run)
  }

  #recorded(id: number, run: HostFunction): LuaFunction {
    return (...args) => {
      let result: LuaResult
      try {
        result = run(args)
      } catch (thrown) {
        if (this.#isRecording && thrown instanceof LuaError) {
          keepPristine(thrown.value)
          this.#calls.push(id, thrown)
        }
        throw thrown
      }
      if (this.#isRecording) {
        if (typeof result === 'object') keepPristine(result)
        this.#calls.push(id, result)
      }
      return result
    }
  }

  #repeated(id: number, run: HostFunction): LuaFunction {
    return (...args) => {
      const at = this.#at
      if (at >= this.#calls.length) return run(args)
      this.#at = at + 2
      if (this.#calls[at] !== id) throw new DivergenceError()
      const outcome = this.#calls[at + 1]
      if (outcome instanceof LuaError) throw new LuaError(restored(outcome.value), outcome.place)
      return isList(outcome) ? outcome.map(restored) : restored(outcome)
    }
  }
}

/** Marks the tables of a result, so that they are copied before they change. */
function keepPristine(result: LuaResult): void {
  if (isList(result)) result.forEach(keepPristine)
  else if (result instanceof LuaTable && (result.guard & PRISTINE) === 0) {
    result.guard |= PRISTINE
    for (let at = 1; at < result.array.length; at++) keepPristine(result.array[at])
    for (const value of result.values) keepPristine(value)
  }
}

/** A value as it was when it was given. */
function restored(value: LuaValue): LuaValue {
  if (!(value instanceof LuaTable)) return value
  const original = originals.get(value) ?? value
  const copy = original.shallowCopy()
  for (let at = 1; at < copy.array.length; at++) copy.array[at] = restored(copy.array[at])
  for (let at = 0; at < copy.values.length; at++) copy.values[at] = restored(copy.values[at])
  return copy
}
