/** A person with a plain TCP program: commands as lines of text. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Link } from './support/link.ts'
import { type Server, startHoldfast } from './support/servers.ts'

let server: Server

before(async () => {
  server = await startHoldfast()
})

after(() => server.stop())

/** What comes back for some lines, until the answer to a last PING. */
async function answersTo(text: string): Promise<string> {
  const link = await Link.open(server.port)
  let received = ''
  const isDone = new Promise<void>((resolve) => {
    link.socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (received.endsWith('+PONG\r\n')) resolve()
    })
  })
  link.send(`${text}PING\r\n`)
  await isDone
  link.close()
  return received.slice(0, -'+PONG\r\n'.length)
}

test('SET, GET and SETEX are answered when they are typed as text', async () => {
  assert.equal(await answersTo('SET greeting hello\r\n'), '+OK\r\n')
  assert.equal(await answersTo('GET greeting\r\n'), '$5\r\nhello\r\n')
  assert.equal(await answersTo('SETEX session 60 abc\r\nTTL session\r\n'), '+OK\r\n:60\r\n')
  assert.equal(await answersTo('GET nobody\r\n'), '$-1\r\n')
})

test('lines may end as any terminal ends them, and empty ones are passed over', async () => {
  assert.equal(await answersTo('\n\r\nset k v\nget k\n   \r\n'), '+OK\r\n$1\r\nv\r\n')
})

test('quotes keep blanks and bytes together', async () => {
  assert.equal(
    await answersTo('SET k "two words\\x21\\n"\r\nGET k\r\n'),
    '+OK\r\n$11\r\ntwo words!\n\r\n',
  )
  assert.equal(await answersTo("SET k 'it\\'s'\r\nGET k\r\n"), "+OK\r\n$4\r\nit's\r\n")
  assert.equal(await answersTo('SET k ""\r\nGET k\r\n'), '+OK\r\n$0\r\n\r\n')
})

test('a mistake is answered and the connection goes on', async () => {
  assert.equal(await answersTo('GET\r\n'), "-ERR wrong number of arguments for 'get' command\r\n")
})

test('a quote that is not closed is a protocol error and ends the connection', async () => {
  const link = await Link.open(server.port)
  link.send('SET k "open\r\n')
  const reply = await link.reply()
  assert.equal(reply.kind, 'error')
  await assert.rejects(link.reply(), /closed/)
})
