/**
 * Tracking against real caches: a cache that forgets what it is told to never holds a value that is out
 * of date. Clients of every mode read, write and let keys expire, from a seed.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../src/host/index.ts'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { encode, Link } from './support/link.ts'
import { startHoldfast } from './support/servers.ts'
import { type Guest, World } from './support/world.ts'

const STEPS = 3000
const KEYS = ['a:1', 'a:2', 'ab:1', 'b:1', 'b:2', 'c']
const KEYS_MAX = 4
/** By then the collector has found a key whose time has come. */
const EXPIRED_WITHIN_MS = 200

/** How a cache tracks. */
interface Mode {
  readonly options: readonly string[]
  /** Below which prefixes it may keep keys. */
  readonly prefixes: readonly string[]
  readonly isNoLoop: boolean
  readonly isOptIn: boolean
  readonly isOptOut: boolean
}

const PLAIN: Mode = {
  options: [],
  prefixes: [''],
  isNoLoop: false,
  isOptIn: false,
  isOptOut: false,
}
const MODES: readonly Mode[] = [
  PLAIN,
  { ...PLAIN, options: ['NOLOOP'], isNoLoop: true },
  { ...PLAIN, options: ['OPTIN'], isOptIn: true },
  { ...PLAIN, options: ['OPTOUT'], isOptOut: true },
  { ...PLAIN, options: ['BCAST'] },
  { ...PLAIN, options: ['BCAST', 'PREFIX', 'a:', 'PREFIX', 'b'], prefixes: ['a:', 'b'] },
  { ...PLAIN, options: ['BCAST', 'NOLOOP'], isNoLoop: true },
]

/** A client that keeps what it has read. */
class Cache {
  readonly mode: Mode
  readonly guest: Guest
  /** By key, the value, or nothing when there was none. */
  readonly values = new Map<string, string | undefined>()
  /** What it was told. */
  told = 0

  constructor(world: World, mode: Mode) {
    this.mode = mode
    this.guest = world.connect()
    this.guest.send(encode(['HELLO', '3']))
    this.guest.send(encode(['CLIENT', 'TRACKING', 'ON', ...mode.options]))
    this.guest.take()
  }

  /** Takes what has come, in order: forgets what it is told to. @returns the replies. */
  take(see: (reply: Reply) => void = () => {}): Reply[] {
    return this.guest.take().filter((reply) => {
      if (reply.kind !== 'push') {
        see(reply)
        return true
      }
      const keys = reply.items[1]!
      this.told++
      if (keys.kind !== 'array') this.values.clear()
      else for (const key of keys.items) this.values.delete(replyText(key) ?? '')
      return false
    })
  }

  mayKeep(key: string): boolean {
    return this.mode.prefixes.some((prefix) => key.startsWith(prefix))
  }
}

class Model {
  readonly world = new World({ directives: ['--tracking-table-max-keys', String(KEYS_MAX)] })
  readonly random: Seeded
  readonly caches: readonly Cache[]
  readonly other: Guest

  constructor(random: Seeded) {
    this.random = random
    this.caches = MODES.flatMap((mode) => [
      new Cache(this.world, mode),
      new Cache(this.world, mode),
    ])
    this.other = this.world.connect()
  }

  step(): void {
    const { random } = this
    const choice = random.between(0, 99)
    if (choice < 50) this.#read(random.pick(this.caches), random.pick(KEYS))
    else if (choice < 70) this.#write(random.pick(this.caches))
    else if (choice < 90) this.other.send(encode(this.#change()))
    else if (choice < 92) this.other.send(encode([random.pick(['FLUSHALL', 'FLUSHDB'])]))
    else if (choice < 93) this.other.send(encode(['SWAPDB', '0', '1']))
    else this.world.wait(random.between(1, 300))
    for (const cache of this.caches) cache.take()
    if (random.chance(0.2)) this.check()
  }

  /** Compares every cache with the data. */
  check(): void {
    this.world.wait(EXPIRED_WITHIN_MS)
    const values = new Map(KEYS.map((key) => [key, replyText(this.#ask('GET', key))]))
    const seed = JSON.stringify([...values])
    for (const cache of this.caches) {
      assert.equal(cache.take().length, 0)
      for (const [key, value] of cache.values) {
        assert.equal(value, values.get(key), `${cache.mode.options} at ${key}; there is ${seed}`)
      }
    }
    const { tracking } = this.world.store.services
    assert.ok(tracking.keys.count <= KEYS_MAX)
  }

  #ask(...argv: string[]): Reply {
    return this.world.ask(...argv)!
  }

  /** Reads a key as an application would: what is kept need not be asked for. */
  #read(cache: Cache, key: string): void {
    if (cache.values.has(key)) return
    const { mode, guest } = cache
    const says = mode.isOptIn || mode.isOptOut ? this.random.chance(0.5) : false
    const isTracked = mode.isOptIn ? says : !says
    if (says) {
      guest.send(encode(['CLIENT', 'CACHING', mode.isOptIn ? 'YES' : 'NO']))
      assert.equal(cache.take().length, 1)
    }
    const isInside = this.random.chance(0.2)
    if (isInside) guest.send(encode(['MULTI']))
    guest.send(encode(['GET', key]))
    if (isInside) guest.send(encode(['EXEC']))
    // Behind the reply it may be told to forget the key already, when the table is full.
    cache.take((reply) => {
      const value = replyText(isInside && reply.kind === 'array' ? reply.items[0]! : reply)
      if (isTracked && cache.mayKeep(key)) cache.values.set(key, value)
    })
  }

  #write(cache: Cache): void {
    const argv = this.#change()
    cache.guest.send(encode(argv))
    cache.take()
    // What it changes itself it knows, and with NOLOOP it is told by nobody.
    if (cache.mode.isNoLoop) for (const word of argv) cache.values.delete(word)
  }

  #change(): string[] {
    const { random } = this
    const [key, target] = [random.pick(KEYS), random.pick(KEYS)]
    const value = String(random.between(0, 9))
    return random.pick([
      ['SET', key, value],
      ['SET', key, value, 'PX', String(random.between(1, 400))],
      ['APPEND', key, value],
      ['DEL', key, target],
      ['MSET', key, value, target, value],
      ['PEXPIRE', key, String(random.between(1, 400))],
      ['RENAME', key, target],
      ['COPY', key, target, 'REPLACE'],
      ['GETEX', key, 'PX', '1'],
      ['PERSIST', key],
      ['MOVE', key, '1'],
    ])
  }
}

test('a cache that forgets what it is told to never holds a value that is out of date', () => {
  const model = new Model(seeded())
  for (let step = 0; step < STEPS; step++) model.step()
  model.check()
  // And they were told a lot, but not all the time.
  for (const { told } of model.caches) assert.ok(told > 50 && told < STEPS * 3, `${told} messages`)
})

test('a client in RESP2 is told through another one, and tracking says so when that is gone', async () => {
  const server = await startHoldfast()
  const [reader, ear, writer, modern] = await Promise.all(
    Array.from({ length: 4 }, () => Link.open(server.port)),
  )
  const textsOf = (reply: Reply): unknown[] =>
    'items' in reply
      ? reply.items.map((item) => ('items' in item ? textsOf(item) : (replyText(item) ?? null)))
      : [reply.kind]
  try {
    const id = (await ear!.text('CLIENT', 'ID'))!
    await modern!.ask('HELLO', '3')
    await ear!.ask('SUBSCRIBE', '__redis__:invalidate')
    for (const link of [reader!, modern!]) {
      assert.equal(await link.text('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id), 'OK')
      assert.equal(await link.text('CLIENT', 'GETREDIR'), id)
    }
    await reader!.ask('GET', 'k')
    await writer!.ask('SET', 'k', '1')
    assert.deepEqual(textsOf(await ear!.reply()), ['message', '__redis__:invalidate', ['k']])
    await writer!.ask('FLUSHALL')
    assert.deepEqual(textsOf(await ear!.reply()), ['message', '__redis__:invalidate', null])

    await reader!.ask('GET', 'k')
    await modern!.ask('GET', 'k')
    assert.equal(await writer!.text('CLIENT', 'KILL', 'ID', id), '1')
    await writer!.ask('SET', 'k', '2')
    assert.deepEqual(textsOf(await modern!.reply()), ['tracking-redir-broken', id])
    const list = (await writer!.text('CLIENT', 'LIST')) ?? ''
    assert.equal(list.match(/flags=tR /g)?.length, 2)
    const info = (await writer!.text('INFO')) ?? ''
    assert.match(info, /tracking_clients:2\r/)
    assert.match(info, /tracking_total_keys:0\r/)
    assert.match(info, /tracking_total_items:0\r/)
  } finally {
    for (const link of [reader, ear, writer, modern]) link!.close()
    await server.stop()
  }
})

test('a client in RESP2 that redirects to itself is told once it has subscribed to something', () => {
  const world = new World()
  const guest = world.connect()
  const ask = (...argv: string[]) => {
    guest.send(encode(argv))
    return guest.take()
  }
  const id = replyText(ask('CLIENT', 'ID')[0]!)!
  ask('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id)
  ask('GET', 'k')
  world.ask('SET', 'k', '1')
  assert.deepEqual(guest.take(), [])
  ask('GET', 'k')
  ask('SUBSCRIBE', 'news')
  world.ask('SET', 'k', '2')
  const [told] = guest.take()
  assert.ok(told !== undefined && 'items' in told)
  assert.equal(replyText(told.items[1]!), '__redis__:invalidate')
})

test('what a client hears by its own transaction comes before what its cache is to forget', () => {
  const world = new World()
  const guest = world.connect()
  const requests = ['HELLO 3', 'CLIENT TRACKING ON', 'SUBSCRIBE c', 'GET k']
  const transaction = ['MULTI', 'PUBLISH c 1', 'SET k 1', 'PUBLISH c 2', 'EXEC']
  for (const text of [...requests, ...transaction]) guest.send(encode(text.split(' ')))
  const told = guest.take().slice(-3)
  const words = told.map((push) => ('items' in push ? replyText(push.items[0]!) : push.kind))
  assert.deepEqual(words, ['message', 'message', 'invalidate'])
})

test('keys beyond the limit of the table are given up, and their readers are told', () => {
  const world = new World({ directives: ['--tracking-table-max-keys', '100'] })
  const cache = new Cache(world, PLAIN)
  for (let n = 0; n < 250; n++) cache.guest.send(encode(['GET', `key:${n}`]))
  cache.take()
  assert.equal(cache.told, 150)
  const { keys } = world.store.services.tracking
  assert.equal(keys.count, 100)
  assert.equal(keys.items, 100)
  world.ask('CONFIG', 'SET', 'tracking-table-max-keys', '10')
  world.host.timers.turn()
  cache.take()
  assert.equal(keys.count, 10)
  assert.equal(cache.told, 240)
})

test('changes below several prefixes are told in the order of their bytes', () => {
  const world = new World()
  const guest = world.connect()
  guest.send(encode(['HELLO', '3']))
  const prefixes = ['z', 'b', '\x01'].flatMap((text) => ['PREFIX', text])
  guest.send(encode(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixes]))
  guest.take()
  world.ask('MSET', 'z2', '', 'b2', '', '\x01', '', 'z1', '', 'b1', '')
  const told = guest.take().map((push) => {
    assert.equal(push.kind, 'push')
    const keys = push.kind === 'push' ? push.items[1]! : push
    return 'items' in keys ? keys.items.map((key) => replyText(key)) : []
  })
  assert.deepEqual(told, [['\x01'], ['b1', 'b2'], ['z1', 'z2']])
})

test('who waits for a stream has read it, and is told when it changes, also when time is up', () => {
  const world = new World()
  const read = (...more: string[]) => encode(['XREAD', 'BLOCK', ...more])
  const plain = new Cache(world, PLAIN)
  plain.guest.send(read('0', 'STREAMS', 's', '$'))
  world.ask('XADD', 's', '1-1', 'f', 'v')
  const order: string[] = []
  for (const { kind } of plain.guest.take()) order.push(kind)
  assert.deepEqual(order, ['push', 'map'])

  plain.guest.send(read('10', 'STREAMS', 't', '$'))
  world.wait(EXPIRED_WITHIN_MS)
  plain.take()
  world.ask('XADD', 't', '1-1', 'f', 'v')
  plain.take()
  assert.equal(plain.told, 1)

  // What was said before it holds for the request that waits, and for none after it.
  const careful = new Cache(world, { ...PLAIN, options: ['OPTIN'], isOptIn: true })
  careful.guest.send(encode(['CLIENT', 'CACHING', 'YES']))
  careful.guest.send(read('0', 'STREAMS', 's', '$'))
  world.ask('XADD', 's', '1-2', 'f', 'v')
  careful.take()
  world.ask('XADD', 's', '1-3', 'f', 'v')
  careful.take()
  assert.equal(careful.told, 2)
  careful.guest.send(encode(['CLIENT', 'CACHING', 'YES']))
  careful.guest.send(read('10', 'STREAMS', 's', '$'))
  world.wait(EXPIRED_WITHIN_MS)
  careful.guest.send(encode(['GET', 'k']))
  careful.take()
  world.ask('SET', 'k', 'v')
  careful.take()
  assert.equal(careful.told, 2)
})

test('who empties a database hears first that it is to forget, unless nothing was waited for', () => {
  const world = new World()
  for (const options of [[], ['NOLOOP'], ['BCAST', 'NOLOOP']]) {
    const guest = world.connect()
    const kinds = (...argv: string[]) => {
      guest.send(encode(argv))
      return guest.take().map((reply) => (reply.kind === 'push' ? 'push' : replyText(reply)))
    }
    guest.send(encode(['HELLO', '3']))
    guest.send(encode(['CLIENT', 'TRACKING', 'ON', ...options]))
    guest.take()
    for (const command of ['FLUSHALL', 'FLUSHDB']) {
      assert.deepEqual(kinds(command), ['push', 'OK'])
      assert.deepEqual(kinds(command, 'SYNC'), ['push', 'OK'])
      assert.deepEqual(kinds(command, 'ASYNC'), ['OK', 'push'])
      assert.deepEqual(kinds('EVAL', `return redis.call('${command}')`, '0'), ['OK', 'push'])
      guest.send(encode(['MULTI']))
      guest.send(encode([command]))
      guest.take()
      guest.send(encode(['EXEC']))
      assert.deepEqual(
        guest.take().map(({ kind }) => kind),
        ['array', 'push'],
      )
    }
    // Between the replies of a pipeline too.
    guest.send(Buffer.concat([['PING'], ['FLUSHALL'], ['PING']].map((argv) => encode(argv))))
    const order = guest.take().map((reply) => (reply.kind === 'push' ? 'push' : replyText(reply)))
    assert.deepEqual(order, ['PONG', 'push', 'OK', 'PONG'])
    world.store.engine.disconnect(guest.client)
  }
  world.close()
})
