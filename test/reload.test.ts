/** DEBUG RELOAD and DEBUG LOADAOF: the data is thrown away under the server and is there again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replyText } from '../src/resp/reply.ts'
import { encode } from './support/link.ts'
import { dataOf, World } from './support/world.ts'

const DIRECTIVES = ['--enable-debug-command', 'yes']

function fill(world: World): void {
  world.ask('SET', 'a', '1')
  world.ask('SET', 'b', 'two', 'PX', '100000')
  world.ask('RPUSH', 'list', 'x', 'y', '3')
  world.ask('SADD', 'integers', '1', '2', '3')
  world.ask('SADD', 'set', 'x', 'y', '3')
  world.ask('ZADD', 'sorted', '1', 'x', '1e20', 'y', 'inf', 'z')
  world.ask('HSET', 'hash', 'f', 'v', 'g', 'w')
  world.ask('HPEXPIRE', 'hash', '100000', 'FIELDS', '1', 'g')
  for (let i = 1; i < 300; i++) {
    world.ask('RPUSH', 'long', `element ${i}`, 'x'.repeat(i * 10))
    world.ask('SADD', 'large', `member ${i}`)
    world.ask('ZADD', 'many', String(i), `member ${i}`)
    world.ask('HSET', 'wide', `field ${i}`, String(i))
    world.ask('XADD', 'stream', `${i}-1`, 'field', String(i))
  }
  world.ask('XGROUP', 'CREATE', 'stream', 'group', '0')
  world.ask('XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', '5', 'STREAMS', 'stream', '>')
  const guest = world.connect()
  guest.send(encode(['SELECT', '3']))
  guest.send(encode(['SET', 'elsewhere', 'v']))
}

for (const how of ['RELOAD', 'LOADAOF']) {
  test(`DEBUG ${how} leaves the data as it was, and the log as well`, () => {
    const world = new World({ directives: DIRECTIVES })
    fill(world)
    const before = dataOf(world.store)
    const digest = replyText(world.ask('DEBUG', 'DIGEST'))
    assert.equal(replyText(world.ask('DEBUG', how)), 'OK')
    assert.deepEqual(dataOf(world.store), before)
    assert.equal(replyText(world.ask('DEBUG', 'DIGEST')), digest)
    world.store.keyspace.check()
    world.ask('INCR', 'a')
    const after = dataOf(world.store)
    world.close()
    const again = world.reopened()
    assert.deepEqual(dataOf(again.store), after)
    again.close()
  })

  test(`what was sent together with DEBUG ${how} is answered after it, in order`, () => {
    const world = new World({ directives: DIRECTIVES })
    fill(world)
    const guest = world.connect()
    guest.send(
      Buffer.concat([
        encode(['INCR', 'a']),
        encode(['DEBUG', how]),
        encode(['INCR', 'a']),
        encode(['LLEN', 'list']),
      ]),
    )
    world.host.timers.turn()
    assert.deepEqual(guest.take().map(replyText), ['2', 'OK', '3', '3'])
    world.close()
  })
}

test('without a log there is none to load, and nothing is thrown away', () => {
  const world = new World({ directives: [...DIRECTIVES, '--appendonly', 'no'] })
  world.ask('SET', 'a', '1')
  const refusal = 'ERR The append only file is not in use'
  assert.equal(replyText(world.ask('DEBUG', 'LOADAOF')), refusal)
  assert.equal(replyText(world.ask('GET', 'a')), '1')
  world.close()
})

test('a client that leaves while the data is loaded takes nothing with it', () => {
  const world = new World({ directives: DIRECTIVES })
  fill(world)
  const before = dataOf(world.store)
  const guest = world.connect()
  const bytes = encode(['DEBUG', 'RELOAD'])
  world.store.engine.receive(guest.client, bytes, 0, bytes.length)
  world.store.engine.disconnect(guest.client)
  world.host.timers.turn()
  assert.deepEqual(dataOf(world.store), before)
  world.close()
})

test('DEBUG RELOAD NOFLUSH keeps what is there, and with MERGE what is loaded takes its place', () => {
  const world = new World({ directives: DIRECTIVES })
  const ask = (...argv: string[]) => replyText(world.ask(...argv)!)
  const load = (name: string) =>
    ask(
      'FUNCTION',
      'LOAD',
      `#!lua name=${name}\nredis.register_function('${name}', function()
      return 'hello' end)`,
    )
  ask('SET', 'x', 'saved')
  ask('RPUSH', 'list', 'saved')
  load('one')
  assert.equal(ask('SAVE'), 'OK')
  ask('SET', 'x', 'later')
  ask('SET', 'y', 'later')
  load('two')
  const before = dataOf(world.store)
  const refusal = 'ERR Error trying to load the RDB dump, check server logs.'
  assert.equal(ask('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH'), refusal)
  assert.deepEqual(dataOf(world.store), before)
  assert.match(world.lines.join(''), /# Failed loading library, .*already exists/)
  assert.equal(ask('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE'), 'OK')
  world.store.keyspace.check()
  assert.equal(ask('GET', 'x'), 'saved')
  assert.equal(ask('GET', 'y'), 'later')
  assert.equal(ask('LLEN', 'list'), '1')
  for (const name of ['one', 'two']) assert.equal(ask('FCALL', name, '0'), 'hello')
  assert.equal(ask('DEBUG', 'RELOAD', 'NOSAVE'), 'OK')
  assert.equal(ask('EXISTS', 'y'), '0')
  assert.match(ask('FCALL', 'two', '0')!, /^ERR Function not found/)
  world.close()
})

test('DEBUG AOF-FLUSH-SLEEP holds back what is written to the log, and nothing else', () => {
  const world = new World({ directives: [...DIRECTIVES, '--appendfsync', 'always'] })
  const beganMs = performance.now()
  assert.equal(replyText(world.ask('DEBUG', 'AOF-FLUSH-SLEEP', '20000')!), 'OK')
  world.ask('SET', 'k', 'v')
  assert.ok(performance.now() - beganMs >= 19)
  let calls = 0
  world.store.services.beforeLogWrite(() => calls++)
  world.ask('GET', 'k')
  assert.equal(calls, 0)
  world.ask('SET', 'k', 'w')
  assert.equal(calls, 1)
  assert.equal(replyText(world.ask('DEBUG', 'AOF-FLUSH-SLEEP', '0')!), 'OK')
  world.ask('SET', 'k', 'x')
  assert.equal(calls, 1)
  world.close()
})

test('the log brings back strings that are longer than may be made by now', () => {
  const world = new World({ directives: DIRECTIVES })
  world.ask('SETRANGE', 'long', '2000000', 'x')
  assert.equal(replyText(world.ask('CONFIG', 'SET', 'proto-max-bulk-len', '1mb')), 'OK')
  assert.equal(replyText(world.ask('DEBUG', 'LOADAOF')), 'OK')
  assert.equal(replyText(world.ask('STRLEN', 'long')), '2000001')
  assert.match(replyText(world.ask('SETRANGE', 'long', '2000001', 'x')) ?? '', /proto-max-bulk-len/)
  world.close()
})
