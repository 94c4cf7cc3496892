/** What a whole store makes of transactions: its log, its limits, its figures, and pauses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { encode } from './support/link.ts'
import { type Guest, World } from './support/world.ts'

const LOG = '/data/appendonlydir/appendonly.aof.1.incr.aof'

/** Sends a command typed as a line. @returns the replies that have come, as text. */
function ask(guest: Guest, line: string): (string | undefined)[] {
  guest.send(encode(line.split(' ')))
  return guest.take().map(textOf)
}

function textOf(reply: Reply): string | undefined {
  return reply.kind === 'array' ? `[${reply.items.map(textOf).join(' ')}]` : replyText(reply)
}

function fieldOf(world: World, name: string): string | undefined {
  const text = replyText(world.ask('INFO', 'clients')!) ?? ''
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1]
}

test('a transaction that is cut in the log is dropped whole when the log is loaded', () => {
  const world = new World()
  const guest = world.connect()
  ask(guest, 'SET a old')
  const before = world.host.files.readAll(LOG).length
  for (const line of ['MULTI', 'SET a new', 'SELECT 1', 'RPUSH l x y', 'EXEC']) ask(guest, line)
  world.close()
  const whole = world.host.files.readAll(LOG)
  for (let size = before; size <= whole.length; size++) {
    const disk = world.host.files.afterKill()
    disk.put(LOG, whole.subarray(0, size))
    const again = new World({ disk, seed: 2 })
    const isWhole = size === whole.length
    assert.equal(replyText(again.ask('GET', 'a')!), isWhole ? 'new' : 'old', `cut at ${size}`)
    assert.equal(again.store.keyspace.count, isWhole ? 2 : 1)
    again.close()
  }
})

test('what is queued counts for the limit on what a client sends', () => {
  const world = new World({ directives: ['--client-query-buffer-limit', '1mb'] })
  const guest = world.connect()
  ask(guest, 'MULTI')
  const long = 'x'.repeat(300_000)
  for (let i = 0; i < 3; i++) assert.deepEqual(ask(guest, `SET k${i} ${long}`), ['QUEUED'])
  assert.deepEqual(ask(guest, `SET k3 ${long}`), [])
  assert.equal(guest.client.isClosing, true)
  assert.equal(world.store.engine.stats.queryLimitDisconnections, 1)
  // Without a transaction the same is no trouble.
  const other = world.connect()
  for (let i = 0; i < 6; i++) assert.deepEqual(ask(other, `SET k${i} ${long}`), ['OK'])
  world.close()
})

test('lists and figures tell of transactions and watched keys, until the client is gone', () => {
  const world = new World()
  const [guest, other] = [world.connect(), world.connect()]
  ask(guest, 'WATCH a b')
  ask(other, 'WATCH b')
  assert.equal(fieldOf(world, 'watching_clients'), '2')
  assert.equal(fieldOf(world, 'total_watched_keys'), '2')
  ask(guest, 'MULTI')
  ask(guest, 'SET a 1')
  const line = replyText(world.ask('CLIENT', 'LIST', 'ID', String(guest.client.id))!) ?? ''
  assert.match(line, / flags=x .* multi=1 watch=2 .* multi-mem=2[89] /)
  ask(other, 'SET b 1')
  const spoilt = replyText(world.ask('CLIENT', 'LIST', 'ID', String(guest.client.id))!) ?? ''
  assert.match(spoilt, / flags=xd .* multi=1 watch=0 /)
  ask(other, 'UNWATCH')
  ask(other, 'WATCH c')
  assert.equal(fieldOf(world, 'watching_clients'), '1')
  world.store.engine.disconnect(guest.client)
  world.store.engine.disconnect(other.client)
  assert.equal(fieldOf(world, 'watching_clients'), '0')
  assert.equal(fieldOf(world, 'total_watched_keys'), '0')
  assert.equal(world.store.keyspace.isObserved, false)
  world.close()
})

test('a key that is past its time while data is loaded is there for who watches it', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const { keyspace } = world.store
  world.ask('SET', 'k', 'v', 'PX', '100')
  const guest = world.connect()
  keyspace.isLoading = true
  world.wait(200)
  guest.send(encode(['WATCH', 'k']))
  keyspace.isLoading = false
  assert.equal(replyText(world.ask('EXISTS', 'k')), '0')
  for (const argv of [['MULTI'], ['PING'], ['EXEC']]) guest.send(encode(argv))
  assert.equal(guest.take().at(-1)!.kind, 'null')
})

test('a pause holds EXEC back when it would write, and lets it through when it would not', () => {
  const world = new World()
  const [guest, other] = [world.connect(), world.connect()]
  ask(guest, 'MULTI')
  ask(guest, 'SET a 1')
  ask(other, 'MULTI')
  ask(other, 'GET a')
  world.ask('CLIENT', 'PAUSE', '100000', 'WRITE')
  assert.deepEqual(ask(other, 'EXEC'), ['[]'])
  assert.deepEqual(ask(guest, 'EXEC'), [])
  world.ask('CLIENT', 'UNPAUSE')
  world.host.timers.turn()
  assert.deepEqual(guest.take().map(textOf), ['[OK]'])
  world.close()
})

test('EXEC says why it may not run, and is over then', () => {
  const world = new World()
  const guest = world.connect()
  const { admission } = world.store.engine
  const refused = (field: object): (string | undefined)[] => {
    for (const line of ['MULTI', 'SET a 1']) ask(guest, line)
    admission.update(field)
    const replies = ask(guest, 'EXEC')
    admission.update({ misconf: undefined, isLoading: false, busy: undefined })
    assert.equal(guest.client.transaction, undefined)
    return replies
  }
  const because = 'EXECABORT Transaction discarded because of:'
  assert.deepEqual(refused({ misconf: 'MISCONF disk' }), [`${because} MISCONF disk`])
  assert.deepEqual(refused({ busy: 'BUSY script' }), [`${because} BUSY script`])
  const loading = 'LOADING Redis is loading the dataset in memory'
  assert.deepEqual(refused({ isLoading: true }), [`${because} ${loading}`])
  admission.update({ busy: 'BUSY script' })
  assert.deepEqual(ask(guest, 'MULTI'), ['OK'])
  assert.deepEqual(ask(guest, 'GET a'), ['BUSY script'])
  assert.deepEqual(ask(guest, 'DISCARD'), ['OK'])
  admission.update({ busy: undefined })
  assert.deepEqual(ask(guest, 'EXISTS a'), ['0'])
  world.close()
})

test('replies that a client does not want are left out of a transaction as they are elsewhere', () => {
  const world = new World()
  const guest = world.connect()
  ask(guest, 'CLIENT REPLY SKIP')
  assert.deepEqual(ask(guest, 'MULTI'), [])
  assert.deepEqual(ask(guest, 'PING'), ['QUEUED'])
  assert.deepEqual(ask(guest, 'EXEC'), ['[PONG]'])
  ask(guest, 'CLIENT REPLY OFF')
  for (const line of ['MULTI', 'SET a 1', 'EXEC', 'INCR a']) assert.deepEqual(ask(guest, line), [])
  assert.deepEqual(ask(guest, 'CLIENT REPLY ON'), ['OK'])
  assert.deepEqual(ask(guest, 'GET a'), ['2'])
  // From where they are wanted again they stand alone, and not in an array whose beginning is missing.
  ask(guest, 'CLIENT REPLY OFF')
  for (const line of ['MULTI', 'GET a', 'CLIENT REPLY ON', 'GET a']) ask(guest, line)
  assert.deepEqual(ask(guest, 'EXEC'), ['OK', '2'])
  // SKIP is about what follows the transaction. It has no reply itself, so the array waits for another.
  for (const line of ['MULTI', 'CLIENT REPLY SKIP', 'UNSUBSCRIBE c', 'PING']) ask(guest, line)
  assert.deepEqual(ask(guest, 'EXEC'), [])
  assert.deepEqual(ask(guest, 'GET a'), [])
  assert.deepEqual(ask(guest, 'GET a'), ['[[unsubscribe c 0] PONG 2]'])
  world.close()
})

test('what a transaction asks of replies holds beside what it asks later, and for what follows it', () => {
  const world = new World()
  const guest = world.connect()
  const exec = (...lines: readonly string[]) => {
    for (const line of ['MULTI', ...lines]) ask(guest, line)
    return ask(guest, 'EXEC')
  }
  // SKIP is about the command after EXEC, whatever else is said before that.
  assert.deepEqual(exec('CLIENT REPLY SKIP', 'CLIENT REPLY ON'), [])
  assert.deepEqual(ask(guest, 'PING'), [])
  assert.deepEqual(ask(guest, 'PING'), ['[OK PONG]'])
  // Both stay: after ON the one is still to come.
  assert.deepEqual(exec('PING', 'CLIENT REPLY SKIP', 'CLIENT REPLY OFF'), [])
  for (const line of ['RESET', 'PING']) assert.deepEqual(ask(guest, line), [])
  assert.deepEqual(ask(guest, 'PING'), ['[PONG PONG PONG]'])
  // What was wanted in between stays, though nothing was wanted before and nothing is behind.
  ask(guest, 'CLIENT REPLY OFF')
  const between = exec('CLIENT REPLY ON', 'PING', 'CLIENT REPLY OFF', 'PING')
  assert.deepEqual(between, ['OK', 'PONG'])
  // Subscriptions are told where they were made.
  assert.deepEqual(exec('UNSUBSCRIBE c', 'CLIENT REPLY ON'), ['[unsubscribe c 0]', 'OK'])
  // RESET has no reply when it is the one that is not wanted.
  ask(guest, 'CLIENT REPLY SKIP')
  assert.deepEqual(ask(guest, 'RESET'), [])
  assert.deepEqual(ask(guest, 'PING'), ['PONG'])
  world.close()
})

test('a reply that is not wanted is that of the command that waits, not of the waiting', () => {
  const world = new World()
  const guest = world.connect()
  ask(guest, 'CLIENT REPLY SKIP')
  ask(guest, 'BLPOP list 0')
  world.ask('RPUSH', 'list', 'x')
  world.host.timers.turn()
  assert.deepEqual(guest.take(), [])
  assert.deepEqual(ask(guest, 'LLEN list'), ['0'])
  world.close()
})

test('data that is exchanged inside a transaction is whole for the commands after it', () => {
  const world = new World({ directives: ['--enable-debug-command', 'yes'] })
  const [guest, waiter] = [world.connect(), world.connect()]
  ask(waiter, 'BLPOP list 0')
  for (const line of ['MULTI', 'RPUSH list a', 'DEBUG RELOAD', 'RPUSH list b']) ask(guest, line)
  guest.send(encode(['EXEC']))
  world.host.timers.turn()
  assert.deepEqual(guest.take().map(textOf), ['[1 OK 2]'])
  assert.deepEqual(waiter.take().map(textOf), ['[list a]'])
  assert.deepEqual(ask(guest, 'LRANGE list 0 -1'), ['[b]'])
  world.close()
})
