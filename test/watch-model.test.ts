/**
 * WATCH against the plainest idea of it: every key has a version, which each change raises; EXEC does
 * nothing if a key that is watched has another version than when it was named. Several clients in
 * several databases, with all that makes keys come and go, and time that passes.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../src/host/index.ts'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { encode } from './support/link.ts'
import { type Guest, World } from './support/world.ts'

const DATABASES = 3
const KEYS = ['a', 'b', 'c']

/** The data, in which everything is looked at one by one. */
class Model {
  nowMs = 0
  #databases = Array.from({ length: DATABASES }, () => new Map<string, number>())
  readonly #versions = new Map<string, number>()

  version(db: number, key: string): number {
    this.#expire()
    return this.#versions.get(`${db} ${key}`) ?? 0
  }

  /** Does what a command does to the keys. Values are not kept: only which keys there are, until when. */
  run(db: number, [name = '', ...args]: readonly string[]): void {
    this.#expire()
    const [key = '', other = '', third = ''] = args
    const keys = this.#databases[db]!
    const expiry = keys.get(key)
    if (name === 'SET') this.#put(db, key, third === 'PX' ? this.nowMs + Number(args[3]) : Infinity)
    else if (name === 'SETNX' && expiry === undefined) this.#put(db, key, Infinity)
    else if (name === 'APPEND') this.#put(db, key, expiry ?? Infinity)
    else if (name === 'FLUSHALL') for (let i = 0; i < DATABASES; i++) this.#empty(i)
    else if (name === 'FLUSHDB') this.#empty(db)
    else if (name === 'SWAPDB') this.#swap(Number(key), Number(other))
    else if (expiry !== undefined) this.#change(db, key, expiry, [name, other, third])
  }

  /** Commands that do nothing without the key. */
  #change(db: number, key: string, expiry: number, [name, other = '', third]: string[]): void {
    if (name === 'DEL' || name === 'GETDEL') this.#drop(db, key)
    else if (name === 'PEXPIRE' && Number(other) <= 0) this.#drop(db, key)
    else if (name === 'PEXPIRE') this.#put(db, key, this.nowMs + Number(other))
    else if (name === 'PERSIST' && expiry !== Infinity) this.#put(db, key, Infinity)
    else if (name === 'RENAME' && key !== other) this.#move(db, key, db, other)
    else if (name === 'RENAMENX' && !this.#databases[db]!.has(other)) this.#move(db, key, db, other)
    else if (name === 'MOVE' && !this.#databases[Number(other)]!.has(key)) {
      this.#move(db, key, Number(other), key)
    } else if (name === 'COPY' && key !== other) {
      if (third === 'REPLACE' || !this.#databases[db]!.has(other)) this.#put(db, other, expiry)
    }
  }

  /** What keys there are, in their order. */
  content(): string[] {
    this.#expire()
    return this.#databases
      .flatMap((keys, db) => [...keys.keys()].map((key) => `${db} ${key}`))
      .sort()
  }

  #expire(): void {
    for (const [db, keys] of this.#databases.entries()) {
      for (const [key, expiry] of keys) if (expiry <= this.nowMs) this.#drop(db, key)
    }
  }

  #touch(db: number, key: string): void {
    this.#versions.set(`${db} ${key}`, (this.#versions.get(`${db} ${key}`) ?? 0) + 1)
  }

  #put(db: number, key: string, expiry: number): void {
    this.#databases[db]!.set(key, expiry)
    this.#touch(db, key)
  }

  #drop(db: number, key: string): void {
    this.#databases[db]!.delete(key)
    this.#touch(db, key)
  }

  #move(db: number, key: string, toDb: number, toKey: string): void {
    const expiry = this.#databases[db]!.get(key)!
    this.#drop(db, key)
    this.#put(toDb, toKey, expiry)
  }

  #empty(db: number): void {
    for (const key of [...this.#databases[db]!.keys()]) this.#drop(db, key)
  }

  #swap(first: number, second: number): void {
    if (first === second) return
    const [one, two] = [this.#databases[first]!, this.#databases[second]!]
    for (const key of new Set([...one.keys(), ...two.keys()])) {
      this.#touch(first, key)
      this.#touch(second, key)
    }
    this.#databases[first] = two
    this.#databases[second] = one
  }
}

function change(random: Seeded): string[] {
  const key = random.pick(KEYS)
  const other = random.pick(KEYS)
  const database = () => String(random.between(0, DATABASES - 1))
  return random.pick<() => string[]>([
    () => ['SET', key, 'v'],
    () => ['SET', key, 'v', 'PX', String(random.between(1, 100))],
    () => ['SETNX', key, 'v'],
    () => ['APPEND', key, 'w'],
    () => ['DEL', key],
    () => ['GETDEL', key],
    () => ['GET', key],
    () => ['PEXPIRE', key, String(random.between(-5, 100))],
    () => ['PERSIST', key],
    () => ['RENAME', key, other],
    () => ['RENAMENX', key, other],
    () => ['COPY', key, other, ...(random.chance(0.5) ? ['REPLACE'] : [])],
    () => ['MOVE', key, database()],
    () => (random.chance(0.3) ? [random.pick(['FLUSHDB', 'FLUSHALL'])] : ['GET', key]),
    () => ['SWAPDB', database(), database()],
  ])()
}

/** A client, and what the model knows of it. */
class Person {
  readonly guest: Guest
  readonly #model: Model
  #db = 0
  #watched = new Map<string, number>()
  #queue: string[][] | undefined

  constructor(world: World, model: Model) {
    this.guest = world.connect()
    this.#model = model
  }

  step(random: Seeded): void {
    const dice = random.between(0, 9)
    if (this.#queue === undefined && dice === 0) this.#watch(random.pick(KEYS))
    else if (this.#queue === undefined && dice === 1) this.#begin()
    else if (this.#queue === undefined && dice === 2 && random.chance(0.3)) this.#forget('UNWATCH')
    else if (this.#queue === undefined && dice === 3) this.#select(random.between(0, DATABASES - 1))
    else if (this.#queue !== undefined && dice < 4) this.#end(random)
    else this.#do(change(random))
  }

  #ask(argv: readonly string[]): Reply {
    this.guest.send(encode(argv))
    return this.guest.take()[0]!
  }

  #watch(key: string): void {
    this.#ask(['WATCH', key])
    const name = `${this.#db} ${key}`
    if (!this.#watched.has(name)) this.#watched.set(name, this.#model.version(this.#db, key))
  }

  #forget(command: string): void {
    this.#ask([command])
    this.#watched = new Map()
    this.#queue = undefined
  }

  #select(index: number): void {
    this.#ask(['SELECT', String(index)])
    this.#db = index
  }

  #begin(): void {
    this.#ask(['MULTI'])
    this.#queue = []
  }

  #do(argv: string[]): void {
    const reply = this.#ask(argv)
    if (this.#queue === undefined) this.#model.run(this.#db, argv)
    else {
      assert.equal(replyText(reply), 'QUEUED')
      this.#queue.push(argv)
    }
  }

  #end(random: Seeded): void {
    if (random.chance(0.1)) {
      this.#forget('DISCARD')
      return
    }
    const queue = this.#queue ?? []
    const isSame = [...this.#watched].every(([name, version]) => {
      const [db, key] = name.split(' ')
      return this.#model.version(Number(db), key!) === version
    })
    const reply = this.#ask(['EXEC'])
    this.#queue = undefined
    const watched = [...this.#watched.keys()].join(', ')
    this.#watched = new Map()
    assert.equal(reply.kind === 'array', isSame, `EXEC of one who watched ${watched}`)
    if (isSame) for (const argv of queue) this.#model.run(this.#db, argv)
  }
}

test('EXEC does nothing just when a watched key has been changed, by whatever', () => {
  const random = seeded()
  for (let round = 0; round < 40; round++) {
    const directives = ['--enable-debug-command', 'yes']
    const world = new World({ seed: random.uint32(), directives })
    const model = new Model()
    if (random.chance(0.5))
      assert.equal(replyText(world.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0')!), 'OK')
    model.nowMs = world.host.clock.nowMs()
    const people = Array.from({ length: 4 }, () => new Person(world, model))
    for (let step = 0; step < 400; step++) {
      random.pick(people).step(random)
      if (random.chance(0.1)) {
        world.wait(random.between(1, 120))
        model.nowMs = world.host.clock.nowMs()
      }
    }
    const keys = world.store.keyspace.databases.flatMap((db) =>
      KEYS.filter((key) => replyText(keyIn(world, db.index, key)) === '1').map(
        (key) => `${db.index} ${key}`,
      ),
    )
    assert.deepEqual(keys.sort(), model.content())
    for (const { guest } of people) world.store.engine.disconnect(guest.client)
    const { watching } = world.store.engine.transactions
    assert.deepEqual([watching.clientCount, watching.keyCount], [0, 0])
    world.close()
  }
})

function keyIn(world: World, index: number, key: string): Reply {
  const guest = world.connect()
  guest.send(encode(['SELECT', String(index)]))
  guest.send(encode(['EXISTS', key]))
  world.store.engine.disconnect(guest.client)
  return guest.take()[1]!
}
