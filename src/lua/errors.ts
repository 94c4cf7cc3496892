/**
 * What is thrown while a script runs. Scripts can catch a `LuaError` and nothing else: the other
 * signals are for the machine, which ends or restarts the run.
 */
import type { LuaValue } from './value.ts'

/** A place in a script. */
export interface LuaPlace {
  /** The name that the chunk was given, with its first character: `@user_script`. */
  readonly chunkName: string
  /** From 1. */
  readonly line: number
}

/** An error of Lua: any value can be one. No `Error`, since most are caught by the script itself. */
export class LuaError {
  /** What was raised; for the errors of the language a string that begins with chunk and line. */
  readonly value: LuaValue
  /** Where the script was when it was raised; `undefined` outside of scripts. */
  readonly place: LuaPlace | undefined

  constructor(value: LuaValue, place?: LuaPlace) {
    this.value = value
    this.place = place
  }

  /** The text of the error, for people. */
  get message(): string {
    if (typeof this.value === 'string' || typeof this.value === 'number') return String(this.value)
    return '(error object is not a string)'
  }
}

/** The plain run has used up its time, or needs coroutines: it starts again in the pausable mode. */
export class RestartSignal extends Error {}

/** The pausable run did something else than the plain run before it, so nothing can be relied on. */
export class DivergenceError extends Error {}
