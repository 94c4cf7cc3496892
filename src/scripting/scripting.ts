/** Scripts and functions of one store: what is cached and loaded, and how it is run. */
import { latin1, type Slice } from '../bytes/index.ts'
import { type Args, type Call, clientOfNoOne, type Engine, ReplyError } from '../engine/index.ts'
import {
  type Chunk,
  type Entry,
  LuaError,
  LuaTable,
  type LuaValue,
  type Realm,
} from '../lua/index.ts'
import type { LogLevel, ScriptHost } from './api.ts'
import { type Script, ScriptCache, sha1Hex } from './cache.ts'
import { NO_SCRIPT } from './errors.ts'
import { readScript, type ScriptFlags } from './flags.ts'
import { HostCalls, type Rights } from './host-calls.ts'
import { Libraries } from './libraries.ts'
import type { ScriptFunction } from './library.ts'
import { EvalMachine, type MachineWorld } from './machines.ts'
import { checkRights } from './rights.ts'
import { Runner } from './runner.ts'

const CHUNK_NAME = '@user_script'
/** Plain runs become such that can be left when this part of the threshold is over, or at most: */
const PLAIN_PART = 1 / 8
const PLAIN_MS_MAX = 400
const PLAIN_MS_MIN = 1
/** Estimates of what a machine takes, what a function takes in it, and a byte of its text. */
const MACHINE_BYTES = 32 * 1024
const COMPILED_BYTES = 128
const COMPILED_FACTOR = 4

/** What scripting needs of the store. */
export interface ScriptingOptions {
  /** `busy-reply-threshold` in milliseconds; 0 is none. */
  thresholdMs(): number
  /** `lua-memory-limit` in bytes; 0 is none. */
  memoryLimitBytes(): number
  /** Bytes that values of JavaScript take. */
  heapBytes(): number
  /** The version whose semantics are implemented. */
  readonly version: string
  log(level: LogLevel, text: string): void
}

/** How many scripts and functions there are, and what they take, in bytes. */
export interface ScriptFigures {
  readonly scripts: number
  readonly scriptBytes: number
  readonly evalMachineBytes: number
  readonly libraries: number
  readonly functions: number
  readonly libraryBytes: number
  readonly functionMachineBytes: number
}

/** A script or function as it is called: with keys and arguments. */
export interface Invocation {
  /** Stands at the first key. */
  readonly args: Args
  readonly keyCount: number
  /** It may not write, by the command that calls it. */
  readonly isReadOnly: boolean
}

export class Scripting {
  readonly cache = new ScriptCache<Chunk>()
  readonly runner: Runner
  readonly calls: HostCalls
  readonly #engine: Engine
  readonly #options: ScriptingOptions
  readonly #world: MachineWorld
  readonly #host: ScriptHost
  #rights: Rights
  #eval: EvalMachine | undefined
  #libraries: Libraries | undefined

  constructor(engine: Engine, options: ScriptingOptions) {
    this.#engine = engine
    this.#options = options
    this.calls = new HostCalls(engine, clientOfNoOne(engine.keyspace.databases[0]!, 'lua'))
    this.runner = new Runner(engine, this.calls, {
      thresholdMs: options.thresholdMs,
      warn: (text) => options.log('warning', text),
    })
    this.#rights = checkRights(engine, { isPlain: true, flags: new Set() }, false)
    this.#world = {
      clock: engine.host.clock,
      heapBytes: options.heapBytes,
      memoryLimitBytes: options.memoryLimitBytes,
      plainMs: () => plainMs(options.thresholdMs()),
    }
    this.#host = this.#newHost()
  }

  /** The libraries of functions. */
  get libraries(): Libraries {
    this.#libraries ??= new Libraries(this.#world, this.#host)
    return this.#libraries
  }

  /** The texts of the libraries. */
  get librarySources(): readonly string[] {
    return (this.#libraries?.all ?? []).map(({ code }) => code)
  }

  /** The libraries, if any was ever asked for: a machine takes some memory. */
  get knownLibraries(): Libraries | undefined {
    return this.#libraries
  }

  /** How much there is, for INFO. What machines take beside texts is an estimate. */
  get figures(): ScriptFigures {
    const { cache } = this
    const libraries = this.#libraries
    const libraryBytes = libraries?.sizeBytes ?? 0
    const estimate = (count: number, bytes: number) =>
      MACHINE_BYTES + count * COMPILED_BYTES + bytes * COMPILED_FACTOR
    return {
      scripts: cache.count,
      scriptBytes: cache.sizeBytes,
      evalMachineBytes: this.#eval === undefined ? 0 : estimate(cache.count, cache.textBytes),
      libraries: libraries?.count ?? 0,
      functions: libraries?.functionCount ?? 0,
      libraryBytes,
      functionMachineBytes:
        libraries === undefined ? 0 : estimate(libraries.functionCount, libraryBytes),
    }
  }

  /** EVAL: runs a script by its text, which is known from then on. */
  evaluate(call: Call, body: string, invocation: Invocation): void {
    const script = this.cache.withBody(body) ?? this.#known(body, false)
    this.#runScript(call, script, invocation)
  }

  /** What a script says about itself; `undefined` when its text is none, and will be refused. */
  flagsOf(body: string): ScriptFlags | undefined {
    const read = readScript(body)
    return read.kind === 'refused' ? undefined : read.flags
  }

  /** EVALSHA: runs a script that is known. */
  evaluateSha(call: Call, sha: Slice, invocation: Invocation): void {
    const script = this.cache.find(sha.bytes, sha.start, sha.end)
    if (script === undefined) throw new ReplyError(NO_SCRIPT)
    this.#runScript(call, script, invocation)
  }

  /** SCRIPT LOAD. @returns the SHA-1 of the script, which stays until SCRIPT FLUSH */
  load(body: string): string {
    return this.#known(body, true).sha
  }

  /** SCRIPT FLUSH. */
  flushScripts(): void {
    this.cache.clear()
    this.#eval = undefined
  }

  /** FUNCTION FLUSH, and before data is loaded. */
  flushFunctions(): void {
    this.#libraries = undefined
  }

  /** FCALL: runs a function. */
  callFunction(call: Call, callee: ScriptFunction, invocation: Invocation): void {
    const { machines } = this.libraries
    const { args, keyCount, isReadOnly } = invocation
    const keysEnd = args.at + keyCount
    const rights = checkRights(this.#engine, { isPlain: false, flags: callee.flags }, isReadOnly)
    this.#rights = rights
    const enter = (realm: Realm) => {
      machines.begin(realm)
      const run = realm.mode === 'plain' ? callee.plain! : callee.pausable
      const keys = tableOf(args, args.at, keysEnd)
      return { callee: run, args: [keys, tableOf(args, keysEnd, args.count)] }
    }
    const entry: Entry = { enter, isPausableOnly: callee.plain === undefined }
    const { machine } = machines
    const run = { kind: 'function', machine, entry, name: callee.name, rights } as const
    this.runner.run(call, run, args)
  }

  #runScript(call: Call, script: Script<Chunk>, invocation: Invocation): void {
    const { args, keyCount, isReadOnly } = invocation
    const keysEnd = args.at + keyCount
    const rights = checkRights(this.#engine, script.flags, isReadOnly)
    this.#rights = rights
    this.cache.touch(script)
    const machines = this.#evalMachine()
    const entry: Entry = {
      enter: (realm) => {
        const keys = tableOf(args, args.at, keysEnd)
        machines.begin(realm, keys, tableOf(args, keysEnd, args.count))
        return { callee: script.chunk.main(realm), args: [] }
      },
    }
    const { machine } = machines
    const run = { kind: 'eval', machine, entry, name: script.sha, rights } as const
    this.runner.run(call, run, args)
  }

  /** The script with a text; made if need be. Throws why it is none. */
  #known(body: string, isKept: boolean): Script<Chunk> {
    const sha = sha1Hex(body)
    const known = this.cache.get(sha)
    if (known !== undefined) return known
    const read = readScript(body)
    if (read.kind === 'refused') throw new ReplyError(`ERR ${read.reason}`)
    const chunk = this.#compile(read.code)
    const script: Script<Chunk> = { sha, body, flags: read.flags, chunk, isKept, lastUse: 0 }
    this.cache.add(script)
    return script
  }

  #compile(code: string): Chunk {
    try {
      return this.#evalMachine().machine.compile(code, CHUNK_NAME)
    } catch (error) {
      if (!(error instanceof LuaError)) throw error
      throw new ReplyError(`ERR Error compiling script (new function): ${error.message}`)
    }
  }

  #evalMachine(): EvalMachine {
    this.#eval ??= new EvalMachine(this.#world, this.#host)
    return this.#eval
  }

  #newHost(): ScriptHost {
    const scripting = this
    const { calls } = this
    return {
      calls,
      get rights() {
        return scripting.#rights
      },
      version: this.#options.version,
      log: (level, text) => {
        if (scripting.#libraries?.isRepeating !== true) scripting.#options.log(level, text)
      },
    }
  }
}

/** The arguments of a request from one position up to another. */
function tableOf({ request }: Args, from: number, to: number): LuaTable {
  const table = new LuaTable()
  if (from === to) return table
  const { bytes, starts, ends } = request
  const array: LuaValue[] = [undefined]
  for (let at = from; at < to; at++) array.push(latin1(bytes, starts[at]!, ends[at]!))
  table.takeArray(array)
  return table
}

function plainMs(thresholdMs: number): number {
  if (thresholdMs === 0) return PLAIN_MS_MAX
  return Math.min(Math.max(thresholdMs * PLAIN_PART, PLAIN_MS_MIN), PLAIN_MS_MAX)
}
