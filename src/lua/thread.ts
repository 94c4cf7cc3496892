/** Coroutines: a chain of generators that `coroutine.resume` drives from outside. */
import type { LuaFunction, LuaValue } from './value.ts'

/** What a coroutine is doing: `normal` is one that has resumed another and waits for it. */
export type ThreadStatus = 'suspended' | 'running' | 'normal' | 'dead'

/** A coroutine, a value of Lua. */
export class LuaThread {
  status: ThreadStatus = 'suspended'
  /** The body, until it has been started. */
  body: LuaFunction | undefined
  /** The started body: gives lists of values that were yielded, or `undefined` to let time pass. */
  steps:
    | Generator<readonly LuaValue[] | undefined, readonly LuaValue[], readonly LuaValue[]>
    | undefined
  /** What it holds of the meter while it is suspended. */
  roomHeld = 0
  nestingHeld = 0
  /** The nesting with which it was resumed: with more of it, there is a call of C in between. */
  base = 0

  constructor(body: LuaFunction) {
    this.body = body
  }
}
