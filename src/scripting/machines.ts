/** The machines that scripts and functions run in: each kind has globals of its own. */
import type { Clock } from '../host/index.ts'
import {
  installDataLibraries,
  type JsonOptions,
  jsonDefaults,
  LuaMachine,
  LuaTable,
  type LuaValue,
  type Realm,
  type RealmMode,
} from '../lua/index.ts'
import { addDebugging, addLog, addVersion, redisTable, type ScriptHost } from './api.ts'
import { type FunctionGlobals, lockGlobals, removeDangers, splitGlobals } from './sandbox.ts'

/** The stack of JavaScript that scripts may use; functions of our own need the rest. */
const STACK_BYTES = 600 * 1024

/** What machines need of the world. */
export interface MachineWorld {
  readonly clock: Clock
  /** Bytes that values of JavaScript take. */
  heapBytes(): number
  /** `lua-memory-limit`; 0 is none. */
  memoryLimitBytes(): number
  /** How long a run may take until it is made one that can be left in the middle. */
  plainMs(): number
}

/** What `cjson` is told holds from one script to the next; a repeated run finds it as it was. */
class KeptOptions {
  readonly options: JsonOptions = jsonDefaults()
  #atStart: JsonOptions = jsonDefaults()

  /** A run begins in a realm. The pausable one repeats what the plain one has begun. */
  begin(mode: RealmMode): void {
    if (mode === 'plain') this.#atStart = { ...this.options }
    else Object.assign(this.options, this.#atStart)
  }
}

/** The machine of EVAL. */
export class EvalMachine {
  readonly machine: LuaMachine
  readonly #json = new KeptOptions()
  /** Where two globals are among the others. */
  #keysAt = 0
  #argsAt = 0

  constructor(world: MachineWorld, host: ScriptHost) {
    this.machine = newMachine(world, (realm) => {
      installDataLibraries(realm, this.#json.options)
      removeDangers(realm.globals)
      realm.caught = caughtText
      const redis = redisTable(realm, host)
      addDebugging(redis)
      realm.globals.set('redis', redis)
      realm.globals.set('server', redis)
      // They are set before each run; until then they keep the order of globals.
      realm.globals.set('KEYS', new LuaTable())
      realm.globals.set('ARGV', new LuaTable())
      lockGlobals(realm)
    })
  }

  /** A run begins: its keys and arguments are globals. */
  begin(realm: Realm, keys: LuaTable, args: LuaTable): void {
    this.#json.begin(realm.mode)
    const { globals } = realm
    // Globals are locked, and have the same places in both realms.
    if (globals.keys[this.#keysAt] !== 'KEYS') this.#keysAt = globals.find('KEYS')
    if (globals.keys[this.#argsAt] !== 'ARGV') this.#argsAt = globals.find('ARGV')
    globals.values[this.#keysAt] = keys
    globals.values[this.#argsAt] = args
  }
}

/** The machine of functions. */
export class FunctionMachine {
  readonly machine: LuaMachine
  readonly #json = new KeptOptions()
  readonly #globals = new Map<Realm, FunctionGlobals>()

  /** `register` is `redis.register_function`, for a realm. */
  constructor(
    world: MachineWorld,
    host: ScriptHost,
    register: (realm: Realm, library: LuaTable) => void,
  ) {
    this.machine = newMachine(world, (realm) => {
      installDataLibraries(realm, this.#json.options)
      removeDangers(realm.globals)
      realm.caught = caughtText
      const redis = redisTable(realm, host)
      realm.globals.set('redis', redis)
      realm.globals.set('server', redis)
      const library = new LuaTable()
      register(realm, library)
      addLog(library, realm, host)
      addVersion(library, host.version)
      this.#globals.set(realm, splitGlobals(realm, library))
    })
  }

  /** A function is about to run in a realm. */
  begin(realm: Realm): void {
    this.#json.begin(realm.mode)
    const globals = this.#globals.get(realm)!
    globals.metatable.set('__index', globals.everything)
  }

  /** A library is about to be loaded: it sees nothing but `redis.register_function` and the log. */
  beginLoading(realm: Realm): void {
    const globals = this.#globals.get(realm)!
    globals.metatable.set('__index', globals.library)
  }
}

/** What `pcall` of scripts gives of an error that is a table: the text in it, as it ever was. */
function caughtText(error: LuaValue): LuaValue {
  const text = error instanceof LuaTable ? error.get('err') : undefined
  return typeof text === 'string' || typeof text === 'number' ? text : error
}

function newMachine(world: MachineWorld, setup: (realm: Realm) => void): LuaMachine {
  return new LuaMachine({
    clock: () => world.clock.monotonicMs(),
    heapUsed: () => world.heapBytes(),
    stackBytes: STACK_BYTES,
    get memoryLimitBytes() {
      return world.memoryLimitBytes() || Number.POSITIVE_INFINITY
    },
    get plainMs() {
      return world.plainMs()
    },
    setup,
  })
}
