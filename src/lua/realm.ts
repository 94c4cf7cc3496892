/**
 * A world of globals. A machine has two of them: one whose functions are plain JavaScript functions,
 * and a second, made when it is first needed, whose functions are generators and can be paused.
 */
import { shownName, UNCOMPILED_SHOWN_MAX } from './chunk-name.ts'
import { compileChunk } from './compiler/compile.ts'
import { LuaError } from './errors.ts'
import { installLibraries } from './libraries/install.ts'
import { Random } from './libraries/random.ts'
import type { Meter } from './meter.ts'
import type { HostFunction, Recorder } from './recorder.ts'
import { libraryCall } from './runtime/calls.ts'
import { type LoadedChunk, registerChunk } from './runtime/frames.ts'
import { createHelpers, type Helpers } from './runtime/helpers.ts'
import { createOperations, type Operations } from './runtime/operations.ts'
import { RealmCore, type RealmMode } from './runtime/realm-core.ts'
import type { LuaTable } from './table.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** What compiling costs beside other steps. */
const LOAD_FUEL = 5000
const LOAD_FUEL_PER_CHARACTER = 20

/** One world: its globals, and how libraries are put into it. */
export class Realm {
  readonly core: RealmCore
  readonly operations: Operations
  /** What `math.random` draws from. */
  readonly random = new Random()
  /** What `pcall` gives of an error that it has caught; a host may change it. */
  caught: (error: LuaValue) => LuaValue = (error) => error
  readonly #helpers: Helpers
  readonly #recorder: Recorder
  #hostFunctions = 0

  constructor(mode: RealmMode, meter: Meter, recorder: Recorder) {
    this.core = new RealmCore(mode, meter)
    this.operations = createOperations(this.core)
    this.#recorder = recorder
    this.#helpers = createHelpers(this.core, installLibraries(this))
  }

  get mode(): RealmMode {
    return this.core.mode
  }

  /** The table of globals, `_G`; the libraries of the language are in it. */
  get globals(): LuaTable {
    return this.core.globals
  }

  /** The metatable that all strings have. */
  get stringMetatable(): LuaTable {
    return this.core.stringMetatable
  }

  /** What the run may still use. Functions with long loops take from its fuel. */
  get meter(): Meter {
    return this.core.meter
  }

  /**
   * A function of the host whose results depend on more than its arguments, or that changes something
   * outside. A pausable run that repeats a plain one gets the results that were given then, and the
   * function is not called again. Tables that it gives must be new ones. The realms of a machine must
   * get the same functions in the same order. `forEffect` does the same where its results are not
   * wanted.
   */
  hostFunction(run: HostFunction, forEffect?: HostFunction): LuaFunction {
    const id = this.#hostFunctions++
    const { mode } = this.core
    const made = this.#recorder.wrap(mode, id, run)
    if (forEffect !== undefined && mode === 'plain') {
      made.forEffect = this.#recorder.wrap(mode, id, forEffect)
    }
    return made
  }

  /**
   * Calls a function, in a plain realm. A host that is given functions by scripts better keeps them and
   * names them as what a later run enters.
   */
  call(callee: LuaValue, args: readonly LuaValue[]): readonly LuaValue[] {
    return libraryCall(this.core.meter, this.operations.callable(callee), args)
  }

  /** Compiles a chunk into a function of this realm. Raises a `LuaError` when it is not Lua. */
  load(source: string, chunkName: string): LuaFunction {
    this.meter.fuel -= LOAD_FUEL + LOAD_FUEL_PER_CHARACTER * source.length
    const chunk: LoadedChunk = { name: chunkName, main: undefined, running: [] }
    try {
      chunk.main = this.#compile(source, chunk)
    } catch (thrown) {
      // What is long rather than deep, a sum of ten thousand numbers, is deep for JavaScript.
      if (!(thrown instanceof RangeError)) throw thrown
      const shown = shownName(chunkName, UNCOMPILED_SHOWN_MAX)
      throw new LuaError(`${shown}:1: chunk has too many syntax levels`)
    }
    const { environments, threadGlobals, globals } = this.core
    if (threadGlobals !== globals) environments.set(chunk.main, threadGlobals)
    return chunk.main
  }

  #compile(source: string, chunk: LoadedChunk): LuaFunction {
    const compiled = compileChunk(source, chunk.name, {
      isPausable: this.core.mode === 'pausable',
      // Only a chunk that talks about environments can ask for those of functions that run.
      keepsFunctions: source.includes('fenv'),
    })
    const names = ['R', 'G', 'V', 'H', 'F', 'spent', 'isDue', ...compiled.helpers]
    const own: Helpers = {
      H: new Array<number>(compiled.hintCount).fill(0),
      F: chunk.running,
      // Every function has one of these, and so keeps its chunk alive, which knows its places.
      spent: () => this.meter.spent(chunk),
      isDue: () => this.meter.isDue(chunk),
    }
    const values = names.map((name) => own[name] ?? this.#helpers[name])
    const url = registerChunk(chunk)
    const instantiate = new Function(...names, `${compiled.code}\n//# sourceURL=${url}`)
    return instantiate(...values) as LuaFunction
  }
}
