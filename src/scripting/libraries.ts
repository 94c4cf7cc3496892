/**
 * The libraries of functions: text that is run when it is loaded, and registers functions. Names of
 * functions are unique among all libraries. Libraries are data: they are logged, saved and restored.
 *
 * A library is loaded twice, since functions that can be left in the middle are others than plain
 * ones: first for runs of that kind, which takes no longer than it may, then for plain ones.
 */
import { ReplyError } from '../engine/index.ts'
import { type Chunk, LuaError, type LuaValue, NOTHING, type Realm } from '../lua/index.ts'
import { refuse, type ScriptHost } from './api.ts'
import { loadingText } from './errors.ts'
import { type Library, readLibraryHead, readRegistration, type ScriptFunction } from './library.ts'
import { FunctionMachine, type MachineWorld } from './machines.ts'

/** How long a library may take to load, in milliseconds. */
const LOAD_MS_MAX = 500
const CHUNK_NAME = '@user_function'

/** How libraries that are restored go together with those that there are. */
export type JoinPolicy = 'append' | 'replace' | 'flush'

/** A library that is being loaded. */
interface Loading {
  readonly functions: Map<string, ScriptFunction>
}

export class Libraries {
  readonly machines: FunctionMachine
  #libraries = new Map<string, Library>()
  #functions = new Map<string, ScriptFunction>()
  #loading: Loading | undefined
  /** The library is loaded for plain runs: what it says has been said. */
  isRepeating = false

  constructor(world: MachineWorld, host: ScriptHost) {
    this.machines = new FunctionMachine(world, host, (realm, library) => {
      library.set(
        'register_function',
        realm.hostFunction((args) => this.#register(realm, args)),
      )
    })
  }

  get all(): readonly Library[] {
    return [...this.#libraries.values()]
  }

  get count(): number {
    return this.#libraries.size
  }

  /** Functions of one library whose names differ by letters' case only are several here. */
  get functionCount(): number {
    let count = 0
    for (const { functions } of this.#libraries.values()) count += functions.size
    return count
  }

  /** Bytes of all texts and names. */
  get sizeBytes(): number {
    let bytes = 0
    for (const { name, code } of this.#libraries.values()) bytes += name.length + code.length
    return bytes
  }

  /** The function with a name, in letters of any case. */
  find(name: string): ScriptFunction | undefined {
    return this.#functions.get(name.toLowerCase())
  }

  /** Loads a library. @returns its name. Throws why it cannot be, and has changed nothing then. */
  load(
    code: string,
    options: { readonly isReplacing: boolean; readonly isTrusted: boolean },
  ): string {
    const library = this.#loaded(code, this.#libraries, options)
    this.#join([library])
    return library.name
  }

  /** Removes a library. @returns whether there was one */
  delete(name: string): boolean {
    const library = this.#libraries.get(name)
    if (library === undefined) return false
    for (const each of library.functions.keys()) this.#functions.delete(each.toLowerCase())
    return this.#libraries.delete(name)
  }

  /** Removes all libraries. */
  clear(): void {
    this.#libraries.clear()
    this.#functions.clear()
  }

  /** Adds libraries by their texts, all of them or none. Throws why they cannot be. */
  restore(codes: readonly string[], policy: JoinPolicy): void {
    const fresh = new Map<string, Library>()
    for (const code of codes) {
      const library = this.#loaded(code, fresh, { isReplacing: false, isTrusted: true })
      fresh.set(library.name, library)
    }
    if (policy === 'flush') this.clear()
    if (policy === 'append') {
      for (const name of fresh.keys()) {
        if (this.#libraries.has(name)) {
          throw new ReplyError(`ERR Library ${name} already exists`)
        }
      }
    }
    this.#checkNames([...fresh.values()], this.#functions)
    this.#join([...fresh.values()])
  }

  /** Puts libraries in the place of those with their names. */
  #join(libraries: readonly Library[]): void {
    for (const { name } of libraries) this.delete(name)
    for (const library of libraries) {
      this.#libraries.set(library.name, library)
      for (const [name, each] of library.functions) this.#functions.set(name.toLowerCase(), each)
    }
  }

  /** Throws when a function is there already that is not in a library to be replaced. */
  #checkNames(libraries: readonly Library[], functions: ReadonlyMap<string, ScriptFunction>): void {
    const replaced = new Set<ScriptFunction>()
    for (const { name } of libraries) {
      for (const each of this.#libraries.get(name)?.functions.values() ?? []) replaced.add(each)
    }
    for (const library of libraries) {
      for (const name of library.functions.keys()) {
        const other = functions.get(name.toLowerCase())
        if (other !== undefined && !replaced.has(other)) {
          throw new ReplyError(`ERR Function ${name} already exists`)
        }
      }
    }
  }

  #loaded(
    code: string,
    among: ReadonlyMap<string, Library>,
    options: { readonly isReplacing: boolean; readonly isTrusted: boolean },
  ): Library {
    const { name, body } = readLibraryHead(code)
    if (among.has(name) && !options.isReplacing) {
      throw new ReplyError(`ERR Library '${name}' already exists`)
    }
    const chunk = this.#compile(body)
    const functions = this.#run(chunk, options.isTrusted ? Number.POSITIVE_INFINITY : LOAD_MS_MAX)
    if (functions.size === 0) throw new ReplyError('ERR No functions registered')
    const library = { name, code, functions }
    if (among === this.#libraries) this.#checkNames([library], this.#functions)
    else {
      const others = [...among.values()].flatMap((other) => [...other.functions.values()])
      const byName = others.map((each) => [each.name.toLowerCase(), each] as const)
      this.#checkNames([library], new Map(byName))
    }
    this.#runPlain(chunk, functions)
    return library
  }

  #compile(body: string): Chunk {
    try {
      return this.machines.machine.compile(body, CHUNK_NAME)
    } catch (error) {
      if (!(error instanceof LuaError)) throw error
      throw new ReplyError(`ERR Error compiling function: ${error.message}`)
    }
  }

  /** Runs the text of a library. @returns the functions that it registers */
  #run(chunk: Chunk, limitMs: number): Map<string, ScriptFunction> {
    const { machine } = this.machines
    const functions = new Map<string, ScriptFunction>()
    this.#loading = { functions }
    const enter = (realm: Realm) => {
      this.machines.beginLoading(realm)
      return { callee: chunk.main(realm), args: [] }
    }
    const outcome = machine.start({ enter, isPausableOnly: true }, limitMs)
    this.#loading = undefined
    if (outcome.kind === 'done') return functions
    if (outcome.kind === 'paused') machine.kill()
    const reason =
      outcome.kind === 'failed' ? loadingText(outcome.error) : 'ERR FUNCTION LOAD timeout'
    throw new ReplyError(`ERR Error registering functions: ${reason}`)
  }

  /** Loads a library again, for plain runs. When that takes long, its functions have none of them. */
  #runPlain(chunk: Chunk, functions: Map<string, ScriptFunction>): void {
    const { machine } = this.machines
    this.isRepeating = true
    this.#loading = { functions }
    const enter = (realm: Realm) => {
      this.machines.beginLoading(realm)
      return { callee: realm.mode === 'plain' ? chunk.main(realm) : () => NOTHING, args: [] }
    }
    const outcome = machine.start({ enter }, Number.POSITIVE_INFINITY)
    this.#loading = undefined
    this.isRepeating = false
    if (outcome.kind === 'done') return
    for (const each of functions.values()) each.plain = undefined
  }

  #register(realm: Realm, args: readonly LuaValue[]): readonly LuaValue[] {
    const loading = this.#loading
    if (loading === undefined) {
      refuse('redis.register_function can only be called on FUNCTION LOAD command')
    }
    const { callback, ...facts } = readRegistration(args)
    const { functions } = loading
    if (realm.mode === 'plain') {
      const known = functions.get(facts.name)
      if (known !== undefined) known.plain = callback
    } else if (functions.has(facts.name)) refuse('Function already exists in the library')
    else functions.set(facts.name, { ...facts, plain: undefined, pausable: callback })
    return NOTHING
  }
}
