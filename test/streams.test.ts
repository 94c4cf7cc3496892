/**
 * Streams survive a restart and a new beginning of the log, whatever was done to them: random commands
 * on a few keys, with entries deleted under the groups that have them pending.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../src/host/index.ts'
import { replyText } from '../src/resp/reply.ts'
import { dataOf, World } from './support/world.ts'

const KEYS = ['s', 't']
const GROUPS = ['g', 'h']
const CONSUMERS = ['alice', 'bob', 'carol']

/** One that is likely to be there. */
const id = (random: Seeded) => `${random.between(1, 30)}-${random.between(0, 2)}`

/** A command by chance. Reading one's history is left out: it changes counts that no log tells of. */
function command(random: Seeded, step: number): string[] {
  const key = random.pick(KEYS)
  const group = random.pick(GROUPS)
  const consumer = random.pick(CONSUMERS)
  const next = random.pick(['*', `${step + 100}-*`, `${step + 100}-1`, id(random)])
  const about = random.pick(['=', '~'])
  const references = random.pick(['KEEPREF', 'DELREF', 'ACKED'])
  return random.pick<string[]>([
    ['XADD', key, next, 'a', `${step}`],
    ['XADD', key, id(random), 'a', `${step}`, 'b', 'text'],
    ['XADD', key, 'MAXLEN', about, `${random.between(0, 9)}`, references, next, 'c', ''],
    ['XADD', key, 'MINID', about, id(random), next, 'a', 'x'],
    ['XTRIM', key, 'MAXLEN', about, `${random.between(0, 9)}`, references],
    ['XDEL', key, id(random), id(random)],
    ['XDELEX', key, references, 'IDS', '2', id(random), id(random)],
    ['XGROUP', 'CREATE', key, group, random.pick(['0', '$', id(random)]), 'MKSTREAM'],
    ['XGROUP', 'SETID', key, group, id(random)],
    ['XGROUP', 'CREATECONSUMER', key, group, consumer],
    ['XGROUP', 'DELCONSUMER', key, group, consumer],
    ['XGROUP', 'DESTROY', key, group],
    ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', '3', 'STREAMS', key, '>'],
    ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', '2', 'STREAMS', ...KEYS, '>', '>'],
    ['XREADGROUP', 'GROUP', group, consumer, 'NOACK', 'COUNT', '1', 'STREAMS', key, '>'],
    ['XACK', key, group, id(random), id(random)],
    ['XACKDEL', key, group, references, 'IDS', '1', id(random)],
    ['XCLAIM', key, group, consumer, '0', id(random), id(random), 'FORCE', 'RETRYCOUNT', '4'],
    ['XCLAIM', key, group, consumer, '5', id(random), 'JUSTID', 'LASTID', id(random)],
    ['XAUTOCLAIM', key, group, consumer, '2', '0', 'COUNT', '3'],
    ['XSETID', key, `${step + 200}-0`, 'ENTRIESADDED', '1000'],
    ['DEL', key],
    ['COPY', 's', 't', 'REPLACE'],
  ])
}

test('streams are the same after a restart, and after the log began anew', () => {
  const random = seeded()
  let world = new World({ directives: ['--stream-node-max-entries', '3'] })
  for (let step = 0; step < 1500; step++) {
    world.ask(...command(random, step))
    if (random.chance(0.1)) world.wait(random.between(1, 10))
    if (step % 100 !== 99) continue
    const before = dataOf(world.store)
    if (random.chance(0.5)) {
      world.ask('CONFIG', 'SET', 'appendonly', 'no')
      world.ask('CONFIG', 'SET', 'appendonly', 'yes')
      world.wait(10)
    }
    world.close()
    world = world.reopened()
    assert.deepEqual(dataOf(world.store), before)
    world.store.keyspace.check()
  }
  world.close()
})

test('what is pending of entries that are gone is pending after the log began anew', () => {
  const world = new World()
  for (const seq of [1, 2, 3, 4, 5]) world.ask('XADD', 's', `1-${seq}`, 'a', '1')
  world.ask('XGROUP', 'CREATE', 's', 'g', '0')
  world.ask('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>')
  world.ask('XTRIM', 's', 'MAXLEN', '3')
  world.ask('XDEL', 's', '1-4')
  world.ask('CONFIG', 'SET', 'appendonly', 'no')
  world.ask('CONFIG', 'SET', 'appendonly', 'yes')
  world.wait(10)
  const before = dataOf(world.store)
  world.close()
  const again = world.reopened()
  assert.deepEqual(dataOf(again.store), before)
  assert.equal(replyText(again.ask('XLEN', 's')), '2')
  const ids = ['1-1', '1-2', '1-3', '1-4', '1-5']
  assert.equal(replyText(again.ask('XACK', 's', 'g', ...ids)), '5')
  again.close()
})
