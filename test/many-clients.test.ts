/** Two hundred connections at once: no update is lost and no torn value is seen. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Link } from './support/link.ts'
import { type Server, startHoldfast } from './support/servers.ts'

const CONNECTIONS = 200
const ROUNDS = 60
/** Longer than one read of a socket, so that a torn value would show. */
const VALUE_BYTES = 100_000

let server: Server
let links: Link[]

before(async () => {
  server = await startHoldfast({ directives: ['--appendonly', 'yes'] })
  links = await Promise.all(Array.from({ length: CONNECTIONS }, () => Link.open(server.port)))
})

after(async () => {
  for (const link of links) link.close()
  await server.stop()
})

test('two hundred connections that increment lose no update', async () => {
  const seen = await Promise.all(
    links.map(async (link) => {
      const values: number[] = []
      for (let n = 0; n < ROUNDS; n++) values.push(Number(await link.text('INCR', 'counter')))
      return values
    }),
  )
  assert.equal(await links[0]!.text('GET', 'counter'), String(CONNECTIONS * ROUNDS))
  // Each value was answered to one connection only, and rising.
  assert.equal(new Set(seen.flat()).size, CONNECTIONS * ROUNDS)
  for (const values of seen)
    assert.deepEqual(
      values,
      [...values].sort((a, b) => a - b),
    )
})

test('two hundred connections that swap pass every value on exactly once', async () => {
  const taken: (string | undefined)[] = []
  await Promise.all(
    links.map(async (link, id) => {
      for (let n = 0; n < ROUNDS; n++) taken.push(await link.text('GETSET', 'baton', `${id}:${n}`))
    }),
  )
  taken.push(await links[0]!.text('GET', 'baton'))
  const given = links.flatMap((_, id) => Array.from({ length: ROUNDS }, (_, n) => `${id}:${n}`))
  assert.equal(taken.filter((value) => value === undefined).length, 1)
  assert.deepEqual(taken.filter((value) => value !== undefined).sort(), given.sort())
})

test('readers never see a torn value while others replace it', async () => {
  const letters = [...'abcdefgh']
  let isOver = false
  await links[0]!.ask('SET', 'page', 'a'.repeat(VALUE_BYTES))
  const writers = links.slice(0, letters.length).map(async (link, at) => {
    const value = letters[at]!.repeat(VALUE_BYTES)
    for (let n = 0; n < 40; n++) await link.ask('SET', 'page', value)
  })
  let reads = 0
  const readers = links.slice(letters.length, letters.length + 20).map(async (link) => {
    while (!isOver) {
      const value = (await link.text('GET', 'page'))!
      reads++
      assert.equal(value.length, VALUE_BYTES)
      assert.ok(value === value[0]!.repeat(VALUE_BYTES), 'a value is torn')
    }
  })
  await Promise.all(writers)
  isOver = true
  await Promise.all(readers)
  assert.ok(reads > 0)
})

test('a client that does not read its replies does not hold the others up', async () => {
  const stuck = await Link.open(server.port)
  stuck.socket.pause()
  await links[0]!.ask('SET', 'page', 'x'.repeat(VALUE_BYTES))
  for (let n = 0; n < 200; n++) stuck.send('GET page\r\n')
  assert.equal(await links[1]!.text('PING'), 'PONG')
  assert.equal(await links[2]!.text('INCR', 'other'), '1')
  stuck.close()
  assert.equal(await links[1]!.text('PING'), 'PONG')
})
