/** express-session with connect-redis, over node-redis, as web applications keep their sessions. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import { type Server, startHoldfast } from '../support/servers.ts'
import { within } from '../support/within.ts'

declare module 'express-session' {
  interface SessionData {
    visits: number
  }
}

let server: Server

before(async () => {
  server = await startHoldfast()
})

after(() => server.stop())

async function withApplication(
  ttlSeconds: number,
  use: (url: string, store: RedisStore) => Promise<void>,
): Promise<void> {
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port } })
  await client.connect()
  const store = new RedisStore({ client, prefix: 'session:', ttl: ttlSeconds })
  const application = express()
  application.use(session({ store, secret: 'a secret', resave: false, saveUninitialized: false }))
  application.get('/visit', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1
    response.send(String(request.session.visits))
  })
  application.get('/leave', (request, response) => {
    request.session.destroy(() => response.send('gone'))
  })
  const listening = application.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  try {
    await use(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`, store)
  } finally {
    listening.closeAllConnections()
    listening.close()
    client.destroy()
  }
}

/** A visitor who keeps the cookie. */
class Visitor {
  #cookie = ''

  async get(url: string): Promise<string> {
    const response = await fetch(url, { headers: { cookie: this.#cookie } })
    const set = response.headers.get('set-cookie')
    if (set !== null) this.#cookie = set.split(';')[0]!
    return response.text()
  }
}

test('each visitor has a session of their own, until it is destroyed', () =>
  withApplication(100, async (url, store) => {
    const [ann, ben] = [new Visitor(), new Visitor()]
    for (const expected of ['1', '2', '3']) assert.equal(await ann.get(`${url}/visit`), expected)
    assert.equal(await ben.get(`${url}/visit`), '1')
    assert.equal(await store.length(), 2)
    assert.equal((await store.ids()).length, 2)
    assert.equal(await ann.get(`${url}/leave`), 'gone')
    assert.equal(await store.length(), 1)
    assert.equal(await ann.get(`${url}/visit`), '1')
    await store.clear()
    assert.equal(await store.length(), 0)
  }))

test('a session ends when its time is over', () =>
  withApplication(1, async (url, store) => {
    const visitor = new Visitor()
    assert.equal(await visitor.get(`${url}/visit`), '1')
    assert.equal(await store.length(), 1)
    await within(10_000, async () => (await store.length()) === 0)
    assert.equal(await visitor.get(`${url}/visit`), '1')
  }))
