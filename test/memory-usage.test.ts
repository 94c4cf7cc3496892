/** MEMORY USAGE counts what the arena has handed out for a value, to the byte. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { footprintOf } from '../src/keyspace/index.ts'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { World } from './support/world.ts'

/** What a database keeps once it has had hashes whose fields expire, whatever they are. */
const FIXED_BYTES_MAX = 128
/** The members of a large set are not all looked at. */
const SAMPLED_PART = 0.01

/** Bytes of the values, and of the whole data without the table of keys. */
function bytesOf(world: World): { values: number; used: number } {
  const { keyspace } = world.store
  const db = keyspace.databases[0]!
  const place = Math.ceil(db.dict.tableBytes / Math.max(1, db.count))
  let values = 0
  db.each((entry) => {
    values += footprintOf(db, entry) - place
  })
  return { values, used: keyspace.arena.usedBytes - db.dict.tableBytes }
}

const words = (count: number, each: (i: number) => (string | number)[]) =>
  Array.from({ length: count }, (_, i) => each(i))
    .flat()
    .map(String)

function fill(world: World, count: number): void {
  world.ask('SET', 'string', 'x'.repeat(count * 10))
  world.ask('RPUSH', 'list', ...words(count, (i) => [`element ${i}`]))
  world.ask('SADD', 'set', ...words(count, (i) => [`member ${i}`]))
  world.ask('SADD', 'integers', ...words(count, (i) => [i]))
  world.ask('ZADD', 'sorted', ...words(count, (i) => [i, `member ${i}`]))
  world.ask('HSET', 'hash', ...words(count, (i) => [`field ${i}`, i]))
  world.ask('HPEXPIRE', 'hash', '1000000', 'FIELDS', '1', 'field 0')
  for (let i = 0; i < count; i++) world.ask('XADD', 'stream', `${i + 1}-0`, 'f', 'v'.repeat(20))
  world.ask('XGROUP', 'CREATE', 'stream', 'group', '0')
  world.ask('XREADGROUP', 'GROUP', 'group', 'c', 'COUNT', '50', 'STREAMS', 'stream', '>')
  world.ask('GEOADD', 'geo', ...words(Math.min(count, 80), (i) => [i, i, i]))
  world.ask('PFADD', 'sketch', ...words(count, (i) => [i]))
}

for (const count of [1, 10, 1000, 5000]) {
  test(`the parts of values of ${count} elements make up the whole`, () => {
    const world = new World()
    fill(world, count)
    const { values, used } = bytesOf(world)
    const slack = FIXED_BYTES_MAX + (count > 1000 ? used * SAMPLED_PART : 0)
    assert.ok(Math.abs(used - values) <= slack, `${values} of ${used}`)
    world.ask('FLUSHALL')
    world.wait(5000)
    assert.equal(bytesOf(world).used, 0)
    world.close()
  })
}

test('MEMORY STATS tells of tables with what they take, also of one that was emptied', () => {
  const world = new World()
  const namesOf = (reply: Reply | undefined) =>
    reply?.kind === 'array' ? reply.items.map(replyText) : []
  const databases = () =>
    namesOf(world.ask('MEMORY', 'STATS')).filter((name) => name?.startsWith('db.') === true)
  const unchanging = ['db.dict.rehashing.count']
  assert.deepEqual(databases(), unchanging)
  world.ask('SET', 'key', 'value')
  world.ask('DEL', 'key')
  assert.ok(world.store.keyspace.databases[0]!.dict.tableBytes > 0)
  assert.deepEqual(databases(), ['db.0', ...unchanging])
  world.close()
})
