/**
 * One store: the settings, the keyspace, the engine with every command, and durability, built into
 * one object with no socket in sight. A server connects sockets to it; a program connects itself.
 */
import type { SparePages } from '../arena/index.ts'
import { fromLatin1, latin1 } from '../bytes/index.ts'
import {
  commandGroups,
  type Identity,
  isMissingCommand,
  REDIS_VERSION,
  type Services,
  type ShutdownRequest,
  wireConfig,
} from '../commands/index.ts'
import { type Config, ConfigError } from '../config/index.ts'
import {
  type Client,
  type ClientOrigin,
  CommandTable,
  Engine,
  type LoopFigures,
  type Outlet,
  SAMPLE_MS,
} from '../engine/index.ts'
import { finishPaced, folderRefusal, type Host, runPaced, type Timer } from '../host/index.ts'
import { Keyspace } from '../keyspace/index.ts'
import { KeyEvents, PubSub, Tracking } from '../pubsub/index.ts'
import { Scripting } from '../scripting/index.ts'
import { Collector } from './collector.ts'
import type { Logger } from './logger.ts'
import { Persistence } from './persistence.ts'
import { Trimmer } from './trimmer.ts'

/** What a store is opened with. */
export interface StoreOptions {
  readonly config: Config
  readonly host: Host
  readonly logger: Logger
  readonly identity: Identity
  /** Memory that another store of this process has left, see `Arena.retire`. */
  readonly spares?: SparePages
  /** Memory of the process, in bytes. */
  processMemory(): { readonly residentBytes: number; readonly heapBytes: number }
  /** Bytes that values of JavaScript take, garbage included: asked often. */
  heapBytes(): number
  /** Processor time so far, in microseconds. */
  processTime(): { readonly userUs: number; readonly systemUs: number }
  loopFigures(): LoopFigures
  /** SHUTDOWN was asked for. @returns why it cannot be, or `undefined` when it has begun. */
  shutdown(request: ShutdownRequest): string | undefined
  /**
   * The port or the addresses to listen on were changed: calls `done` when that is so, or cannot be and
   * all is as before. Without it nothing is listened on.
   */
  listenAnew?(done: (isGood: boolean) => void): void
}

const ORIGIN: ClientOrigin = {
  address: '127.0.0.1:0',
  localAddress: '127.0.0.1:0',
  fileDescriptor: -1,
  isUnixSocket: false,
}

/** Nobody is served while data is loaded, but told so; a slice lasts so many milliseconds. */
const LOAD_SLICE_MS = 8
/** How long there is no second warning of a client that speaks HTTP. */
const STRANGER_PERIOD_MS = 60_000

export class Store {
  readonly config: Config
  readonly host: Host
  readonly keyspace: Keyspace
  readonly engine: Engine
  readonly services: Services
  readonly #tracking: Tracking
  readonly #scripting: Scripting
  readonly #collector: Collector
  readonly #trimmer: Trimmer
  readonly #persistence: Persistence
  readonly #ticks: Timer
  /** While data is loaded in slices. */
  #loader: Timer | undefined

  /**
   * Opens a store and loads its data.
   * Throws `AofError` or `FileError` when the data cannot be used; nothing is left open then.
   */
  static open(options: StoreOptions): Store {
    const store = new Store(options)
    try {
      finishPaced(store.#persistence.load())
    } catch (error) {
      store.#halt()
      store.keyspace.arena.retire()
      throw error
    }
    return store
  }

  /**
   * Opens a store that loads its data in slices, and answers clients that it is loading meanwhile.
   * `done` is called when it has, or with the error when the data cannot be used; not after `close`.
   */
  static openPaced(options: StoreOptions, done: (error: unknown) => void): Store {
    const store = new Store(options)
    store.engine.admission.update({ isLoading: true })
    store.#loader = runPaced(store.#persistence.load(), options.host, LOAD_SLICE_MS, (result) => {
      store.#loader = undefined
      if ('value' in result) done(undefined)
      else {
        store.#halt()
        done(result.error)
      }
    })
    return store
  }

  private constructor(options: StoreOptions) {
    const { config, host, logger } = options
    this.config = config
    this.host = host
    this.keyspace = new Keyspace(host, config.values.databases, options.spares)
    const services = this.#servicesFor(options)
    this.services = services
    this.engine = new Engine(host, this.keyspace, this.#table())
    const pubsub = new PubSub(this.engine)
    this.#tracking = new Tracking(this.engine, this.keyspace)
    this.#scripting = new Scripting(this.engine, {
      thresholdMs: () => Number(config.values.busyReplyThreshold),
      memoryLimitBytes: () => Number(config.values.luaMemoryLimit),
      version: REDIS_VERSION,
      heapBytes: options.heapBytes,
      log: (level, text) => logger.log(level, text),
    })
    this.#collector = new Collector(this.keyspace, host, this.engine.meter.latency)
    this.#trimmer = new Trimmer(this.keyspace.arena, host, () => this.engine.stats.commands)
    const { engine, keyspace } = this
    this.#persistence = new Persistence({
      host,
      config,
      engine,
      keyspace,
      logger,
      version: REDIS_VERSION,
      loadLibrary: (code, isReplacing) =>
        this.#scripting.libraries.load(latin1(code), { isReplacing, isTrusted: true }),
      libraries: () => this.#scripting.librarySources,
      forgetFunctions: () => this.#scripting.flushFunctions(),
    })
    // The commands had to be there before.
    Object.assign(services, {
      engine,
      pubsub,
      scripting: this.#scripting,
      tracking: this.#tracking,
      saving: this.#persistence.saving,
    })
    this.#ticks = host.timers.every(SAMPLE_MS, () => this.#tick(options))
    this.#observe()
    this.#wire(logger)
  }

  /** A connection to this store: bytes go to `engine.receive`, replies come to `outlet`. */
  connect(outlet: Outlet, origin: ClientOrigin = ORIGIN): Client {
    return this.engine.connect(origin, outlet)
  }

  /**
   * Before the end: saves where the settings or the request ask for it.
   * @returns why the store must not end, in the wire's words, or `undefined`.
   */
  prepareEnd(request: ShutdownRequest): string | undefined {
    return this.#persistence.prepareEnd(request)
  }

  /** Finishes the log and gives memory back. `done` gets what went wrong with the log. */
  close(done: (error: Error | undefined) => void): void {
    this.#loader?.stop()
    this.#halt()
    this.#persistence.stop(done)
  }

  #halt(): void {
    this.#ticks.stop()
    this.#collector.stop()
    this.#trimmer.stop()
  }

  #tick({ loopFigures }: StoreOptions): void {
    const { engine, host } = this
    const nowMs = host.clock.monotonicMs()
    engine.rates.sample(engine.stats, loopFigures(), nowMs)
    engine.clientPeaks.tick(nowMs)
    this.#persistence.tick()
  }

  #table(): CommandTable {
    // What is not here can be neither taken away nor called by another word.
    const renames = this.config.extras.renames.filter(({ from }) => !isMissingCommand(from))
    try {
      return new CommandTable(commandGroups(this.services), renames)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new ConfigError(error.message)
    }
  }

  /** What the commands work with, of which some is made later. Getters for that would be slow. */
  #servicesFor(options: StoreOptions): Services {
    const later = undefined as never
    return {
      host: options.host,
      config: options.config,
      engine: later,
      keyspace: this.keyspace,
      pubsub: later,
      scripting: later,
      tracking: later,
      identity: options.identity,
      persistenceFigures: () => this.#persistence.figures(),
      resetPersistenceFigures: () => this.#persistence.resetFigures(),
      logFigures: () => this.#persistence.durability.figures(),
      rewriteLog: (isInTransaction) => this.#persistence.durability.rewrite(isInTransaction),
      saving: later,
      processMemory: options.processMemory,
      processTime: options.processTime,
      loopFigures: options.loopFigures,
      shutdown: options.shutdown,
      listenAnew: (done) => {
        if (options.listenAnew === undefined) done(true)
        else options.listenAnew(done)
      },
      setActiveExpire: (isOn) => {
        this.#collector.isEnabled = isOn
      },
      reload: (reloading) => {
        this.#tracking.invalidateAll()
        return this.#persistence.reload(reloading)
      },
      reloadLog: () => {
        this.#tracking.invalidateAll()
        return this.#persistence.durability.loadAgain()
      },
      beforeLogWrite: (call) => {
        this.#persistence.durability.beforeWrite = call
      },
      log: (level, message) => options.logger.log(level, message),
      readFile: (path) => Buffer.from(options.host.files.readAll(path)).toString('latin1'),
      writeFile: (path, content) => replaceFile(options.host, path, fromLatin1(content)),
    }
  }

  #observe(): void {
    const { engine, keyspace } = this
    keyspace.observers.add({
      removed: (database, key) => {
        engine.effects.sendAlone(database.index, 'DEL', key)
        engine.outbox.schedule()
      },
      fieldExpired: (database, key, field) => {
        engine.effects.sendAlone(database.index, 'HDEL', key, field)
        engine.outbox.schedule()
      },
    })
  }

  #wire(logger: Logger): void {
    const { config } = this
    wireConfig(this.services)
    this.engine.onClientEvicted = ({ id, origin, name }, bytes) => {
      const who = `id=${id} addr=${origin.address} name=${name} tot-mem=${bytes}`
      logger.log('notice', `Evicting client: ${who}`)
    }
    let warnedMs = Number.NEGATIVE_INFINITY
    this.engine.onStranger = ({ origin }) => {
      const nowMs = this.services.host.clock.monotonicMs()
      // Who floods the server shall not fill the disk with lines.
      if (nowMs - warnedMs < STRANGER_PERIOD_MS) return
      warnedMs = nowMs
      const what =
        'sent POST or Host: as browsers do, maybe for a web page that attacks this server'
      logger.log('warning', `Possible SECURITY ATTACK detected: ${origin.address} ${what}. Ended.`)
    }
    this.engine.stats.onTooManyErrors = (codes) => {
      logger.log('warning', 'Errorstats stopped adding new errors: there are too many codes.')
      logger.log('warning', `Current errors code list: ${codes.join(', ')}`)
    }
    logger.level = config.values.loglevel
    config.onChange('loglevel', (values) => {
      logger.level = values.loglevel
      return undefined
    })
    const keyEvents = new KeyEvents(this.keyspace, this.services.pubsub)
    const listen = () => {
      keyEvents.configure(config.values.notifyKeyspaceEvents)
      this.#tracking.keysMax = config.values.trackingTableMaxKeys
      this.#tracking.limit()
      return undefined
    }
    config.onChange(['notify-keyspace-events', 'tracking-table-max-keys'], listen)
    listen()
    config.onChange('dir', ({ dir }) => folderRefusal(this.services.host.files, dir))
    config.onChange('appendfsync', (values) => {
      this.#persistence.durability.setPolicy(values.appendfsync)
      return undefined
    })
    config.onChange('appendonly', (values) =>
      this.#persistence.durability.switchTo(values.appendonly),
    )
  }
}

function replaceFile(host: Host, path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`
  const file = host.files.open(temporary, 'create')
  try {
    for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
    file.sync()
  } finally {
    file.close()
  }
  host.files.rename(temporary, path)
  host.files.syncFolder(path.slice(0, path.lastIndexOf('/')) || '.')
}
