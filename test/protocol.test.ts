/** Broken requests, sent to the program and to the reference: both must say the same and hang up. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { replyText } from '../src/resp/reply.ts'
import { Link } from './support/link.ts'
import { needsReference, type Server, startHoldfast, startReference } from './support/servers.ts'

/** The longest line of text that is waited for, in bytes. */
const LINE_BYTES_MAX = 65_536
const SILENCE_MS = 5000

const CASES = [
  '*x\r\n',
  '*\r\n',
  '*1x\r\n',
  '* 1\r\n',
  '*+1\r\n',
  '*01\r\n',
  '*2147483648\r\n',
  '*99999999999999999999\r\n',
  '*1\r\nPING\r\n',
  '*1\r\n:1\r\n',
  '*2\r\n$4\r\nECHO\r\n*1\r\n',
  '*1\r\n$\r\n',
  '*1\r\n$-1\r\n',
  '*1\r\n$x\r\n',
  '*1\r\n$1x\r\n',
  '*1\r\n$536870913\r\n',
  '*1\r\n$99999999999999999999\r\n',
  'SET k "v\r\n',
  'SET k "v"x\r\n',
  "SET k 'v\r\n",
  `PING\r\n*1\r\n${'$'.padEnd(65_600, '1')}`,
  `PING\r\n${'*'.padEnd(65_600, '1')}`,
  `PING\r\n${'x'.padEnd(65_600, '1')}`,
]

/** What a browser sends, and what a page puts behind it. */
const OF_HTTP = [
  'POST / HTTP/1.1\r\nHost: localhost:6379\r\n\r\nSET stolen 1\r\n',
  'GET / HTTP/1.1\r\nhost: localhost:6379\r\n\r\n',
  '*1\r\n$4\r\npost\r\n',
]

/** Requests that are strange and yet none of them an error of the protocol. */
const STRANGE = [
  '*0\r\n',
  '*-1\r\n',
  '*-5\r\n',
  '\r\n',
  '\n\n',
  '*1\r\n$0\r\n\r\n',
  '*1\r\n$4\r\nPINGxx',
  '*2\r\n$4\r\nECHO\r\n$3\r\na\nb\r\n',
  'ECHO a\tb\r\n',
  'ECHO "a" \r\n',
  '$4\r\n',
  'ECHO \x01\r\n',
  '"" x\r\n',
  "''\r\n",
]

let ours: Server
let theirs: Server | undefined

before(async () => {
  ours = await startHoldfast()
  if (!needsReference) theirs = await startReference()
})

after(async () => {
  await ours.stop()
  await theirs?.stop()
})

/** All that is answered, and whether the link was closed or answered a PING at the end. */
async function answers(port: number, bytes: string): Promise<string> {
  const link = await Link.open(port)
  let received = ''
  const isOver = new Promise<string>((resolve) => {
    link.socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (received.endsWith('$3\r\nend\r\n')) resolve('open')
    })
    link.socket.on('close', () => resolve('closed'))
    setTimeout(() => resolve('silent'), SILENCE_MS).unref()
  })
  link.send(bytes)
  // What is too long must be refused as it stands, without an end of the line.
  if (bytes.length < LINE_BYTES_MAX) link.send('*2\r\n$4\r\nECHO\r\n$3\r\nend\r\n')
  const state = await isOver
  link.close()
  return `${received}${state}`
}

test('a broken request is answered with a protocol error and ends the connection', async () => {
  for (const bytes of CASES) {
    const answer = await answers(ours.port, bytes)
    assert.match(answer, /-ERR Protocol error: .*\r\nclosed$/s, JSON.stringify(bytes.slice(0, 40)))
  }
})

test('a line of HTTP ends the connection without an answer, and nothing behind it is done', async () => {
  for (const bytes of OF_HTTP) assert.equal(await answers(ours.port, bytes), 'closed', bytes)
  const link = await Link.open(ours.port)
  assert.equal(await link.text('EXISTS', 'stolen'), '0')
  link.close()
  // One line, however many there were.
  assert.equal(ours.output().split('Possible SECURITY ATTACK').length, 2)
})

test('a line of text that came at once is bounded as well', async () => {
  const link = await Link.open(ours.port)
  const answer = link.reply()
  link.send(`${'x'.repeat(80_000)}\r\n`)
  assert.equal(replyText((await answer)!), 'ERR Protocol error: too big inline request')
  link.close()
})

test('broken requests are answered as the reference does', { skip: needsReference }, async () => {
  for (const bytes of [...CASES, ...OF_HTTP, ...STRANGE]) {
    const expected = await answers(theirs!.port, bytes)
    assert.equal(await answers(ours.port, bytes), expected, JSON.stringify(bytes.slice(0, 40)))
  }
})

test('the server goes on after all of that', async () => {
  const link = await Link.open(ours.port)
  assert.equal(await link.text('PING'), 'PONG')
  link.close()
})
