/**
 * Runs chunks. A run begins in the plain realm; when its time is up, or when it needs coroutines, it is
 * abandoned and begins again in the pausable realm, where it can be left and gone on with at any time.
 */
import { DivergenceError, LuaError, RestartSignal } from './errors.ts'
import { Random } from './libraries/random.ts'
import { Meter, type MeterOptions } from './meter.ts'
import { Realm } from './realm.ts'
import { Recorder } from './recorder.ts'
import { caughtError, isSteps, type LuaSteps, list, run } from './runtime/calls.ts'
import type { RealmMode } from './runtime/realm-core.ts'
import type { LuaFunction, LuaResult, LuaValue } from './value.ts'

/** What a machine needs of its host. */
export interface MachineOptions extends MeterOptions {
  /** How long a run may take before it becomes pausable, in milliseconds. */
  readonly plainMs: number
  /** Puts the host's functions into a new realm. */
  readonly setup: (realm: Realm) => void
}

/** What is to be run. */
export interface Entry {
  /**
   * Names the function and its arguments, for a realm: called once, and again when the run begins again.
   * It then must set up the same again, tables included.
   */
  readonly enter: (realm: Realm) => { callee: LuaFunction; args: readonly LuaValue[] }
  /** Begin in the pausable realm, because functions keep what they did in variables of their own. */
  readonly isPausableOnly?: boolean
}

/** How far a run has come. */
export type Outcome =
  | { readonly kind: 'done'; readonly values: readonly LuaValue[] }
  | { readonly kind: 'failed'; readonly error: LuaError }
  | { readonly kind: 'paused' }

/** A chunk that was compiled, for both realms. */
export class Chunk {
  readonly source: string
  readonly name: string
  #plain: LuaFunction | undefined
  #pausable: LuaFunction | undefined

  constructor(source: string, name: string) {
    this.source = source
    this.name = name
  }

  /** The chunk's own function, compiled for a realm. */
  main(realm: Realm): LuaFunction {
    if (realm.mode === 'plain') {
      this.#plain ??= realm.load(this.source, this.name)
      return this.#plain
    }
    this.#pausable ??= realm.load(this.source, this.name)
    return this.#pausable
  }
}

/** A machine: two realms, and at most one run at a time. */
export class LuaMachine {
  readonly plain: Realm
  readonly meter: Meter
  readonly #options: MachineOptions
  readonly #recorder = new Recorder()
  /** What a run that begins again draws from once more. */
  readonly #randomAtStart = new Random()
  #pausable: Realm | undefined
  #entry: Entry | undefined
  #steps: ReturnType<typeof enterScriptSteps> | undefined

  constructor(options: MachineOptions) {
    this.#options = options
    this.meter = new Meter(options)
    this.plain = this.#createRealm('plain')
  }

  /** The realm whose functions can be paused; made when it is first needed. */
  get pausable(): Realm {
    this.#pausable ??= this.#createRealm('pausable')
    return this.#pausable
  }

  /** Compiles a chunk. Raises a `LuaError` when it is not Lua. */
  compile(source: string, chunkName: string): Chunk {
    const chunk = new Chunk(source, chunkName)
    chunk.main(this.plain)
    return chunk
  }

  /** Whether a run is paused. */
  get isPaused(): boolean {
    return this.#steps !== undefined
  }

  /** Begins a run. When it is paused, it had its plain time, and a slice. */
  start(entry: Entry, sliceMs: number): Outcome {
    if (this.#steps !== undefined) throw new Error('Cannot start a script: another one is paused')
    this.#entry = entry
    this.#recorder.begin(entry.isPausableOnly !== true)
    if (entry.isPausableOnly === true) return this.#begin(sliceMs)
    try {
      return { kind: 'done', values: this.#runPlain(entry) }
    } catch (thrown) {
      if (!(thrown instanceof RestartSignal)) return failed(thrown)
    }
    this.#recorder.repeat()
    return this.#begin(sliceMs)
  }

  /** Goes on with the paused run for a slice. */
  resume(sliceMs: number): Outcome {
    const steps = this.#steps
    if (steps === undefined) throw new Error('Cannot resume a script: none is paused')
    this.meter.allow(sliceMs)
    try {
      const step = steps.next()
      if (step.done !== true) return { kind: 'paused' }
      this.#end()
      this.#recorder.checkComplete()
      return { kind: 'done', values: step.value }
    } catch (thrown) {
      this.#end()
      return failed(thrown)
    }
  }

  /** Forgets the paused run. Nothing of it runs again. */
  kill(): void {
    this.#end()
  }

  /** What was paused is over: random numbers go on from there. */
  #end(): void {
    this.#steps = undefined
    this.plain.random.follow(this.pausable.random)
  }

  #createRealm(mode: RealmMode): Realm {
    const realm = new Realm(mode, this.meter, this.#recorder)
    this.#options.setup(realm)
    return realm
  }

  #runPlain(entry: Entry): readonly LuaValue[] {
    const realm = this.plain
    this.#randomAtStart.follow(realm.random)
    const { callee, args } = entry.enter(realm)
    this.meter.begin()
    this.meter.allow(this.#options.plainMs)
    return enterScript(callee, args)
  }

  #begin(sliceMs: number): Outcome {
    const realm = this.pausable
    realm.random.follow(this.#entry?.isPausableOnly ? this.plain.random : this.#randomAtStart)
    try {
      const { callee, args } = this.#entry!.enter(realm)
      this.meter.begin()
      this.#steps = enterScriptSteps(callee, args)
    } catch (thrown) {
      return failed(thrown)
    }
    return this.resume(sliceMs)
  }
}

/** Below this function in the stack there is no script. */
function enterScript(callee: LuaFunction, args: readonly LuaValue[]): readonly LuaValue[] {
  return list(callee(...args))
}

function* enterScriptSteps(
  callee: LuaFunction,
  args: readonly LuaValue[],
): Generator<readonly LuaValue[] | undefined, readonly LuaValue[], readonly LuaValue[]> {
  let result = callee(...args) as LuaResult | LuaSteps
  if (isSteps(result)) result = yield* run(result)
  return list(result as LuaResult)
}

function failed(thrown: unknown): Outcome {
  if (thrown instanceof DivergenceError) {
    return {
      kind: 'failed',
      error: new LuaError('the script took another course when it was repeated'),
    }
  }
  return { kind: 'failed', error: caughtError(thrown) }
}
