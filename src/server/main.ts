/**
 * The program: reads its arguments, opens the store, listens, and ends in good order. What cannot be
 * is one line on standard error and exit status 1.
 */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { machine, release, totalmem, type } from 'node:os'
import { resolve } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import type { Identity, ShutdownRequest } from '../commands/index.ts'
import { Config, ConfigError, includeFrom, readCommandLine } from '../config/index.ts'
import { FileError, folderRefusal, type Host, nodeHost, systemText } from '../host/index.ts'
import { AofError, makeStableFolder } from '../persistence/index.ts'
import { RdbError } from '../rdb/index.ts'
import { Logger, Store, type StoreOptions } from '../store/index.ts'
import { banner } from './banner.ts'
import { Connections } from './connections.ts'
import { ListenError, Listening } from './listen.ts'
import { openLogOutput } from './log-output.ts'
import { calmHelpers } from './threads.ts'
import { tracedStack } from './trace.ts'
import { projectVersion } from './version.ts'

/** A second signal within this time is the same wish: npm passes on what the terminal has sent. */
const SAME_SIGNAL_MS = 500
/** Signals that would end a process, and that the reference outlives. */
const UNHEEDED = ['SIGHUP', 'SIGALRM', 'SIGUSR2'] as const
/** While a script is waited for, it is looked so often whether it is over. */
const SCRIPT_PERIOD_MS = 10

/** How a server is started, beside its arguments. */
export interface RunOptions {
  /**
   * Directives as on the command line that a configuration file and the arguments overrule. A `dir` of
   * these is made when it is not there.
   */
  readonly defaults?: readonly string[]
  /** Shows a person where the server is and how to stop it. */
  readonly banner?: boolean
}

/** Runs a server with the program's arguments. Resolves when it accepts connections. */
export async function runServer(argv: readonly string[], options: RunOptions = {}): Promise<void> {
  calmHelpers()
  const host = nodeHost()
  try {
    const { config, configFile } = await readConfig(host, argv, options.defaults ?? [])
    await new Program(host, config, configFile).start()
    if (options.banner) process.stdout.write(banner(config.values, projectVersion()))
  } catch (error) {
    if (!isForPeople(error)) throw error
    process.stderr.write(`holdfast: ${error.message.replaceAll('\n', ' ')}\n`)
    process.exit(1)
  }
}

function isForPeople(error: unknown): error is Error {
  const kinds = [ConfigError, ListenError, AofError, RdbError, FileError]
  return kinds.some((kind) => error instanceof kind)
}

async function readConfig(host: Host, argv: readonly string[], defaults: readonly string[]) {
  const line = readCommandLine(argv)
  let text = ''
  const configFile = line.file === undefined ? '' : resolve(line.file)
  if (line.file !== undefined) {
    try {
      text = readFileSync(configFile, 'latin1')
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      throw new ConfigError(`can't open config file '${line.file}': ${systemText(code)}`)
    }
  }
  if (line.stdin) text += `\n${await readStdin()}`
  const source = {
    text,
    argv: line.options,
    defaults,
    cwd: process.cwd(),
    readInclude: includeFrom(host.files),
    refuseFolder: (folder: string) => folderRefusal(host.files, folder),
    ...(line.file === undefined ? {} : { path: line.file }),
  }
  const config = Config.parse(source)
  refuseUnbuilt(config)
  return { config, configFile }
}

/** Settings that ask for a part that is not there, and that must not be taken as kept. */
function refuseUnbuilt({ values, extras }: Config): void {
  const asked: readonly [boolean, string][] = [
    [values.tlsPort !== 0, 'tls-port: TLS'],
    [values.replicaof !== undefined, 'replicaof: replication'],
    [values.clusterEnabled, 'cluster-enabled: cluster mode'],
    [values.aclfile !== '', 'aclfile: users'],
    [extras.users.length > 0, 'user: users'],
  ]
  for (const [isAsked, name] of asked) {
    if (isAsked) throw new ConfigError(`${name} cannot be had in this version`)
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

class Program {
  readonly #host: Host
  readonly #config: Config
  readonly #configFile: string
  readonly #logger: Logger
  #writeLog: (line: string) => void = () => {}
  readonly #identity: Identity
  #listening: Listening | undefined
  #store: Store | undefined
  #connections: Connections | undefined
  /** Where the process id was written to. */
  #pidFile: string | undefined
  /** When the end began, or `undefined`. */
  #endedAtMs: number | undefined
  /** Since when a signal waits for the end of a script, or `undefined`. */
  #waitsSinceMs: number | undefined

  constructor(host: Host, config: Config, configFile: string) {
    this.#host = host
    this.#config = config
    this.#configFile = configFile
    this.#logger = new Logger(host.clock, process.pid, (line) => this.#writeLog(line))
    this.#logger.level = config.values.loglevel
    this.#identity = this.#identify()
  }

  async start(): Promise<void> {
    const logger = this.#logger
    const { values } = this.#config
    // Listening comes first: when the port is taken, nothing has been touched.
    this.#listening = await Listening.open(values, (socket, isUnixSocket) =>
      this.#connections?.accept(socket, isUnixSocket),
    )
    try {
      makeStableFolder(this.#host.files, values.dir)
      // It may be in that folder.
      await this.#listening.openLocal(values)
      this.#writeLog = openLogOutput(this.#pathOf(values.logfile))
    } catch (error) {
      this.#listening.close()
      throw error
    }
    logger.log('notice', `Holdfast version=${projectVersion()}, pid=${process.pid}, just started`)
    const inert = this.#config.inertSettings()
    if (inert.length > 0) {
      logger.log(
        'warning',
        `These settings are kept, but nothing acts on them: ${inert.join(', ')}`,
      )
    }
    if (values.alwaysShowLogo) {
      logger.log('notice', `Running mode=standalone, port=${values.port}, PID: ${process.pid}`)
    }
    try {
      await this.#openStore()
    } catch (error) {
      // Who looks for the reason looks into the log.
      if (isForPeople(error)) this.#logFatal(error)
      this.#listening.close()
      throw error
    }
    this.#writePidFile()
    if (values.port !== 0) logger.log('notice', 'Ready to accept connections tcp')
    if (values.unixsocket !== '') logger.log('notice', 'Ready to accept connections unix')
  }

  /** As in the reference, files that are named without a folder are in `dir`. */
  #pathOf(name: string): string {
    return name === '' ? '' : resolve(this.#config.values.dir, name)
  }

  #writePidFile(): void {
    const path = this.#pathOf(this.#config.values.pidfile)
    if (path === '') return
    try {
      writeFileSync(path, `${process.pid}\n`)
      this.#pidFile = path
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      this.#logger.log('warning', `Failed to write PID file: ${systemText(code)}`)
    }
  }

  /** Why the data cannot be loaded, in the words that tools look for. */
  #logFatal(error: Error): void {
    if (error instanceof ConfigError) return
    const isLog = error instanceof AofError
    const line = isLog ? error.message : `Fatal error loading the DB: ${error.message}`
    this.#logger.log('warning', line)
    if (!(error instanceof RdbError)) return
    this.#logger.log('warning', 'Terminating server after rdb file reading failure.')
  }

  /** Serves from the beginning, if only to say that data is loaded. Resolves when it is. */
  async #openStore(): Promise<void> {
    const { promise, resolve: opened, reject } = resolvers()
    const done = (error: unknown) => (error === undefined ? opened() : reject(error))
    const store = Store.openPaced(this.#storeOptions(), done)
    this.#store = store
    this.#connections = new Connections(store, this.#logger)
    this.#handleSignals()
    this.#logger.log('notice', `Server initialized`)
    await promise
  }

  #storeOptions(): StoreOptions {
    return {
      config: this.#config,
      host: this.#host,
      logger: this.#logger,
      identity: this.#identity,
      heapBytes: () => getHeapStatistics().used_heap_size,
      processMemory: () => {
        const { rss, heapUsed } = process.memoryUsage()
        return { residentBytes: rss, heapBytes: heapUsed }
      },
      processTime: () => {
        const { user, system } = process.cpuUsage()
        return { userUs: user, systemUs: system }
      },
      loopFigures,
      shutdown: (request) => this.#shutdown(request),
      listenAnew: (done) => void this.#listenAnew(done),
    }
  }

  async #listenAnew(done: (isGood: boolean) => void): Promise<void> {
    try {
      await this.#listening!.change(this.#config.values)
    } catch (error) {
      if (!(error instanceof ListenError)) throw error
      this.#logger.log('warning', error.message)
      done(false)
      return
    }
    this.#identity.tcpPort = this.#config.values.port
    done(true)
  }

  #identify(): Identity {
    const bytes = new Uint8Array(20)
    this.#host.random.fill(bytes)
    return {
      runId: Buffer.from(bytes).toString('hex'),
      startedMs: this.#host.clock.nowMs(),
      processId: process.pid,
      executable: process.argv[1] ?? '',
      configFile: this.#configFile,
      tcpPort: this.#config.values.port,
      version: projectVersion(),
      system: `${type()} ${release()} ${machine()}`,
      systemMemoryBytes: totalmem(),
    }
  }

  #handleSignals(): void {
    const end = (signal: string, flags: readonly string[]) => {
      this.#logger.log('warning', `Received ${signal} scheduling shutdown...`)
      const beganMs = this.#endedAtMs ?? this.#waitsSinceMs
      if (beganMs === undefined) this.#endBySignal(signal, flags)
      else if (this.#host.clock.monotonicMs() - beganMs > SAME_SIGNAL_MS) process.exit(1)
    }
    process.on('SIGTERM', () => end('SIGTERM', this.#config.values.shutdownOnSigterm))
    process.on('SIGINT', () => end('SIGINT', this.#config.values.shutdownOnSigint))
    // Its terminal may go. The other two mean nothing to a server, and would end it without a snapshot.
    for (const signal of UNHEEDED) process.on(signal, () => {})
    // A store whose own rules are broken must not go on writing to disk.
    process.on('uncaughtException', (error) => {
      this.#logger.log('warning', `Stopped by an internal error: ${tracedStack(error)}`)
      process.exit(70)
    })
  }

  #shutdown(request: ShutdownRequest): string | undefined {
    if (this.#endedAtMs !== undefined) return undefined
    this.#logger.log('warning', 'User requested shutdown...')
    return this.#endUnlessRefused(request)
  }

  #endBySignal(signal: string, flags: readonly string[]): void {
    if (this.#endedAtMs !== undefined) return
    // What a script has done so far is no state to be saved: as in the reference, its end comes first.
    if (this.#store?.keyspace.isMidCommand) {
      const { clock, timers } = this.#host
      this.#waitsSinceMs ??= clock.monotonicMs()
      timers.after(SCRIPT_PERIOD_MS, () => this.#endBySignal(signal, flags))
      return
    }
    this.#waitsSinceMs = undefined
    const save = flags.includes('save') ? 'yes' : flags.includes('nosave') ? 'no' : 'default'
    const request = {
      save,
      isNow: flags.includes('now'),
      isForced: flags.includes('force'),
    } as const
    if (this.#endUnlessRefused(request) === undefined) return
    const why = 'errors trying to shut down the server, check the logs for more information'
    this.#logger.log('warning', `${signal} received but ${why}`)
  }

  #endUnlessRefused(request: ShutdownRequest): string | undefined {
    const refusal = this.#store?.prepareEnd(request)
    if (refusal === undefined) this.#end(request.isForced)
    return refusal
  }

  #end(isForced: boolean): void {
    this.#endedAtMs = this.#host.clock.monotonicMs()
    this.#listening?.close()
    this.#store?.close((error) => {
      if (error !== undefined) {
        this.#logger.log('warning', `The append-only file could not be finished: ${error.message}`)
      }
      if (this.#pidFile !== undefined) removeQuietly(this.#pidFile)
      this.#connections?.closeAll()
      this.#logger.log('warning', 'Holdfast is now ready to exit, bye bye...')
      process.exit(error !== undefined && !isForced ? 1 : 0)
    })
  }
}

/** Older versions of Node do not say how often the loop has gone round. */
function loopFigures(): { readonly cycles: number; readonly busyUs: number } {
  const { uvMetricsInfo } = performance.nodeTiming
  const busyUs = Math.round(performance.eventLoopUtilization().active * 1000)
  return { cycles: uvMetricsInfo?.loopCount ?? 0, busyUs }
}

/** A promise with what settles it: `Promise.withResolvers` came after the oldest Node that we run on. */
function resolvers() {
  let resolve = () => {}
  let reject = (_error: unknown) => {}
  const promise = new Promise<void>((good, bad) => {
    resolve = good
    reject = bad
  })
  return { promise, resolve, reject }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Someone else removed it, which is what we wanted.
  }
}
