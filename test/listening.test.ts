/** Where a running server listens can be changed: the new places are in force when it answers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server as NetServer } from 'node:net'
import { after, before, test } from 'node:test'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { Link } from './support/link.ts'
import { freePort, type Server, startHoldfast } from './support/servers.ts'

let server: Server
let link: Link
/** Where the server listens now. */
let port: number

before(async () => {
  server = await startHoldfast()
  port = server.port
  link = await Link.open(port)
})

after(async () => {
  link.close()
  await server.stop()
})

async function isServed(at: number): Promise<boolean> {
  const other = await Link.open(at).catch(() => undefined)
  const answer = await other?.text('PING')
  other?.close()
  return answer === 'PONG'
}

const texts = (reply: Reply) => (reply.kind === 'array' ? reply.items.map(replyText) : [])

async function settings(...names: string[]) {
  return texts(await link.ask('CONFIG', 'GET', ...names))
}

/** A port that somebody else has. */
async function takenPort(): Promise<{ port: number; owner: NetServer }> {
  const owner = createServer()
  owner.listen(await freePort(), '127.0.0.1')
  await once(owner, 'listening')
  const address = owner.address()
  assert.ok(address !== null && typeof address === 'object')
  return { port: address.port, owner }
}

test('CONFIG SET port moves the server, and connections stay', async () => {
  const next = await freePort()
  assert.equal(await link.text('CONFIG', 'SET', 'port', String(next)), 'OK')
  assert.equal(await isServed(next), true)
  assert.equal(await isServed(port), false)
  assert.match((await link.text('INFO', 'server')) ?? '', new RegExp(`tcp_port:${next}\\r`))
  port = next
})

test('a port that is taken leaves every setting and the server as they were', async () => {
  const { port: taken, owner } = await takenPort()
  try {
    const before = await settings('maxmemory', 'port', 'timeout')
    const argv = ['CONFIG', 'SET', 'maxmemory', '123mb', 'port', String(taken), 'timeout', '77']
    assert.equal(
      await link.text(...argv),
      "ERR CONFIG SET failed (possibly related to argument 'port') - " +
        'Unable to listen on this port. Check server logs.',
    )
    assert.deepEqual(await settings('maxmemory', 'port', 'timeout'), before)
    assert.equal(await isServed(port), true)
    assert.match(server.output(), new RegExp(`127.0.0.1:${taken}: Address already in use`))
  } finally {
    owner.close()
  }
})

test('addresses that are not of this machine are refused', async () => {
  assert.equal(
    await link.text('CONFIG', 'SET', 'bind', '127.0.0.1 999.999.999.999'),
    "ERR CONFIG SET failed (possibly related to argument 'bind') - " +
      'Failed to bind to specified addresses.',
  )
  assert.equal(await isServed(port), true)
})

test('without an address nobody can connect until there is one again', async () => {
  assert.equal(await link.text('CONFIG', 'SET', 'bind', ''), 'OK')
  assert.equal(await isServed(port), false)
  assert.deepEqual(await settings('bind'), ['bind', ''])
  // The new address holds the old one: that is given up before.
  assert.equal(await link.text('CONFIG', 'SET', 'bind', '127.0.0.1'), 'OK')
  assert.equal(await link.text('CONFIG', 'SET', 'bind', '*'), 'OK')
  assert.equal(await isServed(port), true)
})

test('a transaction answers when the port that it sets is listened on', async () => {
  const next = await freePort()
  for (const argv of [['MULTI'], ['CONFIG', 'SET', 'port', String(next)], ['PING']]) {
    await link.ask(...argv)
  }
  assert.deepEqual(texts(await link.ask('EXEC')), ['OK', 'PONG'])
  assert.equal(await isServed(next), true)
  port = next
})

test('changes that come together are made one after another', async () => {
  const ports = [await freePort(), await freePort()]
  const other = await Link.open(port)
  const set = (by: Link, at: number) => by.text('CONFIG', 'SET', 'port', String(at))
  assert.deepEqual(await Promise.all([set(link, ports[0]!), set(other, ports[1]!)]), ['OK', 'OK'])
  other.close()
  const [, now] = await settings('port')
  assert.equal(await isServed(Number(now)), true)
  port = Number(now)
  assert.equal(await isServed(ports.find((each) => each !== port)!), false)
})
