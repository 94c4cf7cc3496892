/** What the tests of the engine share: a handful of commands, connections and a world to run in. */
import { fromLatin1, latin1, type Slice } from '../bytes/index.ts'
import { simulatedHost } from '../host/index.ts'
import { ENCODING_RAW, Keyspace, NEVER, TYPE_STRING } from '../keyspace/index.ts'
import type { Client } from './client.ts'
import { type CommandSpec, group, keyAt } from './command.ts'
import { Engine } from './engine.ts'
import { ReplyError } from './errors.ts'
import type { Barrier } from './outbox.ts'
import { CommandTable } from './table.ts'

/** Facts that no test looks at. */
export const FACTS = { syntax: '', summary: '', since: '1.0.0', complexity: 'O(1)' }

const COMMANDS = group('test', [
  {
    ...FACTS,
    name: 'PUT',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW')],
    run({ db, reply }, args) {
      const key = args.key()
      const { bytes, start, end } = args.next()
      db.setString(key, bytes, start, end, ENCODING_RAW, NEVER)
      db.changed(key, 'set', 'string')
      reply.ok()
    },
  },
  {
    ...FACTS,
    name: 'TAKE',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, reply }, args) {
      const entry = db.read(args.key())
      if (entry === 0) reply.null()
      else reply.bulkSlice(db.stringOf(entry))
    },
  },
  {
    ...FACTS,
    name: 'TWICE',
    arity: 2,
    flags: ['write'],
    run({ db, reply, effects }, args) {
      const key = args.key()
      db.changed(key, 'twice', 'generic')
      effects.replaceWith('ONE', key)
      effects.replaceWith('TWO', key, 2)
      reply.ok()
    },
  },
  {
    ...FACTS,
    name: 'REFUSE',
    arity: -1,
    flags: ['write'],
    run({ reply, effects }) {
      reply.ok()
      effects.replaceWith('NEVER')
      throw new ReplyError('WRONG it is')
    },
  },
  {
    ...FACTS,
    name: 'WAIT',
    arity: 1,
    flags: ['blocking'],
    run({ client, reply }) {
      client.isBlocked = true
      reply.simple('WAITING')
    },
  },
  {
    ...FACTS,
    name: 'AWAIT',
    arity: -3,
    flags: ['write', 'blocking'],
    run({ block, db, effects, reply }, args) {
      const timeoutMs = args.int()
      const keys: Slice[] = []
      while (args.left > 0) keys.push(args.key())
      const found = keys.find((key) => db.peek(key) !== 0)
      if (found === undefined) {
        block({ keys, type: TYPE_STRING, timeoutMs, timeoutReply: 'null' })
        return
      }
      reply.bulkSlice(db.stringOf(db.peek(found)))
      db.delete(found)
      db.changed(found, 'del', 'generic')
      effects.replaceWith('REMOVE', found)
    },
  },
  {
    ...FACTS,
    name: 'MOVE',
    arity: 4,
    flags: ['write', 'blocking'],
    run({ block, db, reply, effects }, args) {
      const timeoutMs = args.int()
      const from = args.key()
      const to = args.key()
      const entry = db.peek(from)
      if (entry === 0) {
        block({ keys: [from], type: TYPE_STRING, timeoutMs, timeoutReply: 'nullArray' })
        return
      }
      reply.bulkSlice(db.stringOf(entry))
      db.moveTo(entry, db, to)
      db.changed(from, 'moved', 'generic')
      db.changed(to, 'moved', 'generic')
      effects.replaceWith('MOVED', from, to)
    },
  },
  {
    ...FACTS,
    name: 'GO',
    arity: -2,
    flags: [],
    subcommands: [
      {
        ...FACTS,
        name: 'AWAY',
        arity: 2,
        flags: [],
        run({ client, reply }) {
          client.isClosing = true
          reply.simple('BYE')
        },
      },
    ],
  },
  {
    ...FACTS,
    name: 'AUTH',
    arity: 1,
    flags: ['no_auth', 'fast'],
    run({ client, reply }) {
      client.isAuthenticated = true
      reply.ok()
    },
  },
])

/** A command as the protocol wants it. Text has one character a byte. */
export const encode = (...argv: string[]) =>
  `*${argv.length}\r\n${argv.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`

/** A connection that notes what it is sent and how it ends. */
export class Peer {
  readonly client: Client
  received = ''
  /** In how many pieces that came. */
  pieces = 0
  closed: 'flushed' | 'now' | undefined

  constructor(engine: Engine) {
    const outlet = {
      send: (bytes: Uint8Array, start: number, end: number) => {
        this.received += latin1(bytes, start, end)
        this.pieces++
        return true
      },
      close: (how: 'flushed' | 'now') => {
        this.closed ??= how
      },
      pendingBytes: 0,
    }
    const origin = { address: '', localAddress: '', fileDescriptor: -1, isUnixSocket: false }
    this.client = engine.connect(origin, outlet)
  }
}

/** An engine with these commands, its effects, and the buffer that all connections share. */
export class World {
  readonly host = simulatedHost(1)
  readonly keyspace = new Keyspace(this.host, 2)
  readonly engine: Engine
  effects = ''
  appends = 0
  /** All connections read into one buffer, which is rubbish when a read has been answered. */
  readonly #shared = new Uint8Array(64 * 1024)

  /** `more` says which commands there are beside those above. */
  constructor(more: (world: World) => readonly CommandSpec[] = () => []) {
    const groups = [COMMANDS, group('more', more(this))]
    this.engine = new Engine(this.host, this.keyspace, new CommandTable(groups))
    this.engine.effects.sink = {
      append: (bytes, start, end) => {
        this.appends++
        this.effects += latin1(bytes, start, end)
      },
    }
  }

  connect(): Peer {
    return new Peer(this.engine)
  }

  /** Sends a text in pieces, and lets the turn of the loop end. */
  send(peer: Peer, text: string, sizes?: () => number): void {
    this.feed(peer, text, sizes)
    this.host.timers.turn()
  }

  /** Sends a text within a turn. */
  feed(peer: Peer, text: string, sizes: () => number = () => 64 * 1024): void {
    for (let at = 0; at < text.length; ) {
      const piece = text.slice(at, at + Math.min(sizes(), this.#shared.length))
      this.#shared.set(fromLatin1(piece))
      this.engine.receive(peer.client, this.#shared, 0, piece.length)
      this.#shared.fill(42)
      at += piece.length
    }
  }

  data(): string[] {
    const lines: string[] = []
    for (const db of this.keyspace.databases) {
      db.each((entry) => lines.push(`${db.keyOf(entry).latin1()}=${db.stringOf(entry).latin1()}`))
    }
    return lines.sort()
  }
}

/** A log that is as far as a test says. */
export class FakeLog implements Barrier {
  gatherMs = 0
  appendedOffset = 0
  releasedOffset = 0
  flushes = 0
  durable: () => void = () => {}
  failed: () => void = () => {}

  flush(): void {
    this.flushes++
  }
  onDurable(call: () => void): void {
    this.durable = call
  }
  onFailed(call: () => void): void {
    this.failed = call
  }
}

/** A world whose effects go to such a log. */
export function withLog(more?: (world: World) => readonly CommandSpec[]): {
  world: World
  log: FakeLog
} {
  const world = new World(more)
  const log = new FakeLog()
  world.engine.effects.sink = {
    append: (_bytes, start, end) => {
      log.appendedOffset += end - start
    },
  }
  world.engine.outbox.setBarrier(log)
  return { world, log }
}
