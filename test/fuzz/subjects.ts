/** What is damaged: payloads and snapshots that are good, small and large, of every form and type. */
import { lzfCompress } from '../../src/bytes/index.ts'
import { Seeded } from '../../src/host/index.ts'
import { encode } from '../support/link.ts'
import { randomCommand } from '../support/random-commands.ts'
import { join, length, snapshot, text } from '../support/rdb-bytes.ts'
import { isIn, RDB_FORMS } from '../support/rdb-forms.ts'
import type { World } from '../support/world.ts'
import { newWorld, retire } from './worlds.ts'

/** Bytes that are good, before anything is done to them. */
export interface Subject {
  readonly name: string
  /** Payloads, of a value or of libraries, are without what ends them; a file has no sum. */
  readonly kind: 'payload' | 'libraries' | 'file'
  /** What a payload says that it is of. */
  readonly version: number
  readonly bytes: Buffer
}

const VERSIONS = [5, 6, 7, 8, 9, 10, 11, 12, 80]
const SETTINGS = ['--appendonly', 'no', '--save', '']
const SUM_BYTES = 8
const FOOTER_BYTES = 10

const payload = (name: string, version: number, bytes: Buffer): Subject => ({
  ...{ name, version, bytes },
  kind: 'payload',
})

/** One of our fixtures. */
function formPayload(random: Seeded): Subject {
  const form = random.pick(RDB_FORMS)
  const version = random.pick(VERSIONS.filter((each) => isIn(form, each)))
  return payload(form.name, version, join([form.type], form.body))
}

/** Some of our fixtures in one file. */
function formFile(random: Seeded): Subject {
  const version = random.pick(VERSIONS)
  const forms = RDB_FORMS.filter((form) => isIn(form, version))
  const count = random.pick([1, 2, 5])
  const entries = Array.from({ length: count }, (_, i) => {
    const form = random.pick(forms)
    const before = random.pick([[], [0xf9, 7], [0xf8, 7], join([0xfc], random.bytes(8)), [0xfe, i]])
    return join(before, [form.type], text(`k${i}`), form.body)
  })
  const head = join([0xfa], text('ctime'), text('1'), [0xfe], length(0), [0xfb], length(9), [0])
  const bytes = snapshot(version, [head, ...entries], 'none')
  return { name: `a file of ${count} forms`, kind: 'file', version, bytes }
}

function filledWorld(random: Seeded): World {
  const compresses = random.pick(['yes', 'no'])
  const directives = [...SETTINGS, '--rdbcompression', compresses]
  const world = newWorld({ directives, seed: random.uint32() })
  const guest = world.connect()
  const mix = { random, keys: 3, databases: 2 }
  for (let i = random.between(20, 300); i > 0; i--) guest.send(encode(randomCommand(mix)))
  guest.take()
  return world
}

/** The snapshot of what random commands leave. */
function savedFile(random: Seeded): Subject {
  const world = filledWorld(random)
  world.ask('SAVE')
  const bytes = Buffer.from(world.host.files.readAll('/data/dump.rdb'))
  bytes.fill(0, bytes.length - SUM_BYTES)
  world.close()
  retire(world)
  return { name: 'a saved file', kind: 'file', version: 0, bytes }
}

/** What a large value is made by: a command for each of so many rounds. */
const LARGE: readonly (readonly [name: string, rounds: number, (i: number) => string[]])[] = [
  ['a large string', 64, (i) => ['APPEND', 'k', `some words that come again ${i} `.repeat(1000)]],
  ['a large list', 200, (i) => ['RPUSH', 'k', ...many(300, (n) => `element ${i * n}`)]],
  ['a large set', 100, (i) => ['SADD', 'k', ...many(300, (n) => `member ${i * 300 + n}`)]],
  ['a large set of integers', 1, () => ['SADD', 'k', ...many(500, (n) => String(n * n))]],
  ['a large hash', 100, (i) => ['HSET', 'k', ...many(400, (n) => `f${i * 400 + n}`)]],
  ['a large sorted set', 60, (i) => ['ZADD', 'k', ...many(200, (n) => String(i * 200 + n))]],
  ['a large stream', 4000, (i) => ['XADD', 'k', `${i + 1}-1`, `f${i % 3}`, `v${i}`]],
]

const many = (count: number, of: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => of(n))

const made = new Map<string, Buffer>()

function largePayload(random: Seeded): Subject {
  const [name, rounds, commandOf] = random.pick(LARGE)
  let bytes = made.get(name)
  if (bytes === undefined) {
    const world = newWorld({ directives: SETTINGS })
    for (let i = 0; i < rounds; i++) world.ask(...commandOf(i))
    world.ask('XGROUP', 'CREATE', 'k', 'g', '0')
    world.ask('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '2000', 'STREAMS', 'k', '>')
    const reply = world.ask('DUMP', 'k')
    if (reply?.kind !== 'bulk') throw new Error(`${name} could not be made`)
    bytes = Buffer.from(reply.bytes.slice(0, -FOOTER_BYTES))
    made.set(name, bytes)
    world.close()
    retire(world)
  }
  return payload(name, 10, bytes)
}

/** A library, and what begins it in a payload. */
const LIBRARY = 0xf5
const CALLBACKS = [
  'return 1',
  "return redis.call('SET', keys[1], args[1])",
  'local t = {} return #t',
]
const OF_TABLE = "{function_name='f', callback=function() return 1 end, flags={'no-writes'}}"

/** Libraries with functions of both forms, as plain or compressed strings. */
function librariesPayload(random: Seeded): Subject {
  const parts = Array.from({ length: random.between(1, 3) }, (_, i) => {
    const filler = random.chance(0.5) ? `-- ${'what comes again, '.repeat(20)}\n` : ''
    const callback = `'f${i}', function(keys, args) ${random.pick(CALLBACKS)} end`
    const registered = i === 0 && random.chance(0.3) ? OF_TABLE : `(${callback})`
    const code = latin(`#!lua name=l${i}\n${filler}redis.register_function${registered}`)
    const packed = Buffer.alloc(code.length)
    const size = lzfCompress(code, 0, code.length, packed, 0, packed.length)
    if (size < 0 || random.chance(0.5)) return join([LIBRARY], text(code.toString('latin1')))
    return join([LIBRARY, 0xc3], length(size), length(code.length), packed.subarray(0, size))
  })
  const version = random.pick([10, 11, 12])
  return { name: 'libraries', kind: 'libraries', version, bytes: join(...parts) }
}

const latin = (code: string) => Buffer.from(code, 'latin1')

/** Of a hundred, up to which each is drawn. */
const DRAWS: readonly (readonly [upTo: number, (random: Seeded) => Subject])[] = [
  [45, formPayload],
  [74, formFile],
  [88, savedFile],
  [93, largePayload],
  [100, librariesPayload],
]

/** A subject, and the bytes of another one of our fixtures to mix it with. */
export function drawSubject(random: Seeded): { readonly subject: Subject; readonly other: Buffer } {
  const drawn = random.between(1, 100)
  const [, draw] = DRAWS.find(([upTo]) => drawn <= upTo)!
  return { subject: draw(random), other: formPayload(random).bytes }
}

/** Randomness for the case of a seed. */
export const randomOf = (seed: number) => new Seeded(seed)
