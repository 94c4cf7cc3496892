/**
 * A whole store in this process, on a simulated disk, with a clock that moves when a test says so.
 */
import type { SparePages } from '../../src/arena/index.ts'
import { latin1 } from '../../src/bytes/index.ts'
import { rebuildEntry, type ShutdownRequest } from '../../src/commands/index.ts'
import { Config } from '../../src/config/index.ts'
import type { Client, EffectArgument } from '../../src/engine/index.ts'
import {
  type Host,
  type SimulatedDisk,
  type SimulatedHost,
  simulatedHost,
} from '../../src/host/index.ts'
import { TYPE_NAMES } from '../../src/keyspace/index.ts'
import type { Reply } from '../../src/resp/reply.ts'
import { ReplyReader } from '../../src/resp/reply-reader.ts'
import { Logger, Store } from '../../src/store/index.ts'
import { encode } from './link.ts'

/** What a world is made with. */
export interface WorldOptions {
  /** `--directive value…`; the log is on unless they say otherwise. */
  readonly directives?: readonly string[]
  readonly seed?: number
  /** The disk of a world before this one. */
  readonly disk?: SimulatedDisk
  /** The time at its start, in milliseconds since 1970. */
  readonly nowMs?: number
  /** What the store measures its work by, in milliseconds; else a clock that stands still meanwhile. */
  readonly measuredBy?: () => number
  /** The configuration file that CONFIG REWRITE writes; none is the default. */
  readonly configFile?: string
  /** Memory that worlds before this one have left, see `Arena.retire`. */
  readonly spares?: SparePages
  /** What SHUTDOWN asks; it is as good as begun unless this refuses. */
  readonly shutdown?: (request: ShutdownRequest) => string | undefined
}

/** A connection inside the process. */
export interface Guest {
  readonly client: Client
  /** How the store has ended the connection, if it has. */
  readonly closed: 'flushed' | 'now' | undefined
  /** The whole replies that have come and were not taken. */
  take(): Reply[]
  send(bytes: Uint8Array): void
}

/** A store with the handles that move it. */
export class World {
  readonly host: SimulatedHost
  readonly store: Store
  /** The lines of its log. */
  readonly lines: string[] = []

  constructor(options: WorldOptions = {}) {
    const { directives = [], seed = 1, disk, nowMs, measuredBy } = options
    this.host = simulatedHost(seed, disk)
    if (nowMs !== undefined) this.host.clock.set(nowMs)
    const config = Config.parse({
      text: '',
      argv: ['--appendonly', 'yes', '--dir', '/data', ...directives],
      cwd: '/data',
    })
    this.host.files.makeFolder('/data')
    this.store = Store.open({
      config,
      host: measuredBy === undefined ? this.host : timed(this.host, measuredBy),
      logger: new Logger(this.host.clock, 1, (line) => this.lines.push(line)),
      identity: {
        runId: '0'.repeat(40),
        startedMs: this.host.clock.nowMs(),
        processId: 1,
        executable: '',
        configFile: options.configFile ?? '',
        tcpPort: 0,
        version: '0.0.0',
        system: '',
        systemMemoryBytes: 0,
      },
      heapBytes: () => 0,
      processMemory: () => ({ residentBytes: 0, heapBytes: 0 }),
      processTime: () => ({ userUs: 0, systemUs: 0 }),
      loopFigures: () => ({ cycles: 0, busyUs: 0 }),
      shutdown: options.shutdown ?? (() => undefined),
      ...(options.spares && { spares: options.spares }),
    })
  }

  /** A new connection. */
  connect(): Guest {
    const reader = new ReplyReader()
    let closed: Guest['closed']
    const client = this.store.connect({
      send: (bytes, start, end) => {
        // A connection that has ended takes nothing any more.
        if (closed === undefined) reader.push(bytes.subarray(start, end))
        return true
      },
      close: (how) => {
        closed = how
      },
      pendingBytes: 0,
    })
    return {
      client,
      get closed() {
        return closed
      },
      take: () => {
        const replies: Reply[] = []
        for (let reply = reader.next(); reply; reply = reader.next()) replies.push(reply)
        return replies
      },
      send: (bytes) => {
        this.store.engine.receive(client, bytes, 0, bytes.length)
        this.host.timers.turn()
      },
    }
  }

  /** One command on a connection of its own. @returns its reply. */
  ask(...argv: readonly (string | Uint8Array)[]): Reply | undefined {
    const guest = this.connect()
    guest.send(encode(argv))
    this.store.engine.disconnect(guest.client)
    return guest.take()[0]
  }

  /** Lets time go by. */
  wait(ms: number): void {
    this.host.timers.advance(ms)
  }

  /** From here on what the disk was given off the loop ends when the function is called that this returns. */
  holdDisk(): () => void {
    const { files, timers } = this.host
    const { afterwards } = files
    const held: (() => void)[] = []
    files.afterwards = (finish) => held.push(finish)
    return () => {
      files.afterwards = afterwards
      for (const finish of held) finish()
      timers.turn()
    }
  }

  /** Ends the store in good order. */
  close(): void {
    let isDone = false
    this.store.close((error) => {
      if (error !== undefined) throw error
      isDone = true
    })
    this.host.timers.turn()
    if (!isDone) throw new Error('the store did not close')
  }

  /** A world on the same disk at the same time, as after a restart. Close this one first. */
  reopened(): World {
    const { files, clock } = this.host
    const world = new World({ seed: 2, disk: files, nowMs: clock.nowMs() })
    files.afterwards = (finish) => world.host.timers.soon(finish)
    return world
  }
}

/** The same world, in which time passes while something is done. */
function timed(host: SimulatedHost, monotonicMs: () => number): Host {
  const clock = { nowMs: () => host.clock.nowMs(), monotonicMs }
  return { ...host, clock }
}

/** Members of what has no order compare one by one, everything else as it stands. */
function contentOf(name: string, args: readonly string[]): string[] {
  if (/ SADD$/.test(name)) return args.map((member) => `${name} ${member}`)
  if (/ (HSET|ZADD)$/.test(name)) {
    return Array.from({ length: args.length / 2 }, (_, i) => {
      return `${name} ${args[i * 2]} ${args[i * 2 + 1]}`
    })
  }
  return [`${name} ${args.join(' ')}`]
}

function textOf(arg: EffectArgument): string {
  if (arg instanceof Uint8Array) return latin1(arg)
  return typeof arg === 'object' ? arg.latin1() : String(arg)
}

/** All data as lines that compare: database, key, type, expiry, value. */
export function dataOf(store: Store): string[] {
  const { keyspace } = store
  keyspace.refreshNow()
  const lines: string[] = []
  for (const database of keyspace.databases) {
    database.each((entry) => {
      const key = `${database.index} ${JSON.stringify(database.keyOf(entry).latin1())}`
      const type = TYPE_NAMES[database.typeOf(entry)]
      const content: string[] = []
      rebuildEntry(database, entry, (name, ...args) => {
        content.push(...contentOf(`${type} ${name}`, args.slice(1).map(textOf)))
      })
      lines.push(...content.map((line) => `${key} ${line}`))
    })
  }
  return lines.sort()
}
