/** For the tests of commands: an engine with all rows in a world that stands still. */
import { fromLatin1, latin1 } from '../bytes/index.ts'
import { Config } from '../config/index.ts'
import { type Client, CommandTable, Engine } from '../engine/index.ts'
import { type SimulatedHost, simulatedHost } from '../host/index.ts'
import { Keyspace } from '../keyspace/index.ts'
import { PubSub, Tracking } from '../pubsub/index.ts'
import { Scripting } from '../scripting/index.ts'
import { commandGroups, REDIS_VERSION, type Services } from './index.ts'

const DATABASES = 16

/** An engine with one client. */
export class TestWorld {
  readonly host: SimulatedHost
  readonly keyspace: Keyspace
  readonly engine: Engine
  readonly client: Client
  readonly pubsub: PubSub
  readonly scripting: Scripting
  readonly tracking: Tracking
  /** What DEBUG SET-ACTIVE-EXPIRE said last. */
  isExpireActive = true
  /** What DEBUG LOG wrote. */
  readonly warnings: string[] = []
  /** Why payloads were refused. */
  readonly refusals: string[] = []
  #sent = ''
  #effects = ''

  /** `directives` are `--directive value…`. */
  constructor(seed = 1, directives: readonly string[] = []) {
    this.host = simulatedHost(seed)
    this.keyspace = new Keyspace(this.host, DATABASES)
    const services = this.#services(Config.parse({ argv: directives }))
    this.engine = new Engine(this.host, this.keyspace, new CommandTable(commandGroups(services)))
    this.pubsub = new PubSub(this.engine)
    this.tracking = new Tracking(this.engine, this.keyspace)
    this.scripting = new Scripting(this.engine, {
      thresholdMs: () => 0,
      memoryLimitBytes: () => 0,
      version: REDIS_VERSION,
      heapBytes: () => 0,
      log: () => {},
    })
    this.engine.effects.sink = {
      append: (bytes, start, end) => {
        this.#effects += latin1(bytes, start, end)
      },
    }
    const address = '127.0.0.1:50000'
    this.client = this.engine.connect(
      { address, localAddress: address, fileDescriptor: -1, isUnixSocket: false },
      {
        send: (bytes, start, end) => {
          this.#sent += latin1(bytes, start, end)
          return true
        },
        close: () => {},
        pendingBytes: 0,
      },
    )
  }

  /** Sends one command. @returns the reply as it stands on the wire, one character a byte. */
  ask(...argv: readonly (string | number)[]): string {
    const words = argv.map(String)
    const text = words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')
    const bytes = fromLatin1(`*${argv.length}\r\n${text}`)
    this.#sent = ''
    this.engine.receive(this.client, bytes, 0, bytes.length)
    this.host.timers.turn()
    return this.#sent
  }

  /** The words of an array of strings that a command answers, with those of arrays in it. */
  words(...argv: readonly (string | number)[]): string[] {
    const lines = this.ask(...argv).split('\r\n')
    return lines.filter((_, i) => lines[i - 1]?.startsWith('$'))
  }

  /** The effects since the last call, without line ends and sizes: words with blanks between. */
  takeEffects(): string {
    const lines = this.#effects.split('\r\n')
    this.#effects = ''
    return lines.filter((line) => line !== '' && !/^[*$]\d+$/.test(line)).join(' ')
  }

  #services(config: Config): Services {
    const world = this
    return {
      host: this.host,
      config,
      get engine() {
        return world.engine
      },
      keyspace: this.keyspace,
      get scripting() {
        return world.scripting
      },
      get pubsub() {
        return world.pubsub
      },
      get tracking() {
        return world.tracking
      },
      identity: {
        runId: '0'.repeat(40),
        startedMs: 0,
        processId: 1,
        executable: '',
        configFile: '',
        tcpPort: 0,
        version: '0.0.0',
        system: '',
        systemMemoryBytes: 0,
      },
      persistenceFigures: () => ({}),
      resetPersistenceFigures: () => {},
      logFigures: () => ({}),
      rewriteLog: () => ({ error: 'ERR there is no log' }),
      processMemory: () => ({ residentBytes: 0, heapBytes: 0 }),
      processTime: () => ({ userUs: 0, systemUs: 0 }),
      loopFigures: () => ({ cycles: 0, busyUs: 0 }),
      saving: {
        save: () => undefined,
        saveInBackground: () => ({ error: 'ERR nothing is saved here' }),
        lastSeconds: 0,
        flushed: () => {},
      },
      shutdown: () => undefined,
      listenAnew: (done) => done(true),
      setActiveExpire: (isOn) => {
        this.isExpireActive = isOn
      },
      reload: () => undefined,
      reloadLog: () => undefined,
      beforeLogWrite: () => {},
      log: (level, message) => {
        if (level === 'warning') this.warnings.push(message)
        else this.refusals.push(message)
      },
      writeFile: () => {},
      readFile: () => '',
    }
  }
}
