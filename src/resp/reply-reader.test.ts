import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from './reply.ts'
import { replyEntries, replyItems, replyText } from './reply.ts'
import { ReplyFormatError, ReplyReader } from './reply-reader.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const simple = (text: string): Reply => ({ kind: 'simple', bytes: bytes(text) })
const bulk = (text: string): Reply => ({ kind: 'bulk', bytes: bytes(text) })
const integer = (value: number | bigint): Reply => ({ kind: 'integer', value: BigInt(value) })
const array = (...items: Reply[]): Reply => ({ kind: 'array', items })

interface Case {
  readonly claim: string
  readonly wire: string
  readonly replies: readonly Reply[]
}

const long = 'x'.repeat(10_000)

const cases: readonly Case[] = [
  { claim: 'simple strings', wire: '+OK\r\n+\r\n', replies: [simple('OK'), simple('')] },
  { claim: 'a simple string with a lone CR', wire: '+a\rb\r\n', replies: [simple('a\rb')] },
  { claim: 'errors', wire: '-ERR no\r\n', replies: [{ kind: 'error', bytes: bytes('ERR no') }] },
  {
    claim: 'bulk errors',
    wire: '!8\r\nERR a\r\nb\r\n',
    replies: [{ kind: 'error', bytes: bytes('ERR a\r\nb') }],
  },
  {
    claim: 'integers up to both ends of 64 bits',
    wire: ':0\r\n:-7\r\n:+3\r\n:9223372036854775807\r\n:-9223372036854775808\r\n',
    replies: [0, -7, 3, 2n ** 63n - 1n, -(2n ** 63n)].map(integer),
  },
  {
    claim: 'big numbers',
    wire: '(-3492890328409238509324850943850943825024385\r\n',
    replies: [{ kind: 'bigNumber', digits: '-3492890328409238509324850943850943825024385' }],
  },
  {
    claim: 'doubles',
    wire: ',3.50\r\n,1e-7\r\n,-inf\r\n,inf\r\n,nan\r\n,10\r\n',
    replies: [
      { kind: 'double', value: 3.5, text: '3.50' },
      { kind: 'double', value: 1e-7, text: '1e-7' },
      { kind: 'double', value: Number.NEGATIVE_INFINITY, text: '-inf' },
      { kind: 'double', value: Number.POSITIVE_INFINITY, text: 'inf' },
      { kind: 'double', value: Number.NaN, text: 'nan' },
      { kind: 'double', value: 10, text: '10' },
    ],
  },
  {
    claim: 'booleans',
    wire: '#t\r\n#f\r\n',
    replies: [
      { kind: 'boolean', value: true },
      { kind: 'boolean', value: false },
    ],
  },
  {
    claim: 'the three nulls',
    wire: '_\r\n$-1\r\n*-1\r\n',
    replies: [{ kind: 'null' }, { kind: 'null' }, { kind: 'null' }],
  },
  {
    claim: 'bulk strings of any bytes',
    wire: `$0\r\n\r\n$6\r\na\r\n\0\xffb\r\n$${long.length}\r\n${long}\r\n`,
    replies: [bulk(''), bulk('a\r\n\0\xffb'), bulk(long)],
  },
  {
    claim: 'verbatim strings',
    wire: '=8\r\ntxt:a\r\nb\r\n',
    replies: [{ kind: 'verbatim', format: 'txt', bytes: bytes('a\r\nb') }],
  },
  {
    claim: 'arrays, empty and nested',
    wire: '*0\r\n*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n$-1\r\n+next\r\n',
    replies: [
      array(),
      array(integer(1), array(bulk('a'), array()), { kind: 'null' }),
      simple('next'),
    ],
  },
  {
    claim: 'sets and pushes',
    wire: '~2\r\n+a\r\n+b\r\n>1\r\n+c\r\n',
    replies: [
      { kind: 'set', items: [simple('a'), simple('b')] },
      { kind: 'push', items: [simple('c')] },
    ],
  },
  {
    claim: 'maps',
    wire: '%2\r\n+a\r\n:1\r\n*1\r\n+b\r\n%0\r\n',
    replies: [
      {
        kind: 'map',
        entries: [
          [simple('a'), integer(1)],
          [array(simple('b')), { kind: 'map', entries: [] }],
        ],
      },
    ],
  },
  {
    claim: 'attributes, which belong to the value behind them and do not count as one',
    wire: '*2\r\n|1\r\n+ttl\r\n:9\r\n$1\r\na\r\n|0\r\n|1\r\n+n\r\n#t\r\n*1\r\n:2\r\n',
    replies: [
      array(
        { kind: 'bulk', bytes: bytes('a'), attributes: [[simple('ttl'), integer(9)]] },
        {
          kind: 'array',
          items: [integer(2)],
          attributes: [[simple('n'), { kind: 'boolean', value: true }]],
        },
      ),
    ],
  },
]

/** Feeds the chunks and takes what is there after each. */
function readAll(chunks: readonly Uint8Array[]): Reply[] {
  const reader = new ReplyReader()
  const replies: Reply[] = []
  for (const chunk of chunks) {
    // The reader must not keep the caller's bytes, so they are wiped once handed over.
    const lent = chunk.slice()
    reader.push(lent)
    lent.fill(0)
    for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply)
  }
  assert.equal(reader.isMidReply, false)
  return replies
}

for (const { claim, wire, replies } of cases) {
  test(`${claim} are read whole, byte by byte and cut at each byte`, () => {
    const stream = bytes(wire)
    assert.deepEqual(readAll([stream]), replies)
    assert.deepEqual(readAll(Array.from(stream, (byte) => Uint8Array.of(byte))), replies)
    const cuts = Math.min(stream.length, 300)
    for (let cut = 0; cut <= cuts; cut++) {
      assert.deepEqual(readAll([stream.subarray(0, cut), stream.subarray(cut)]), replies)
    }
  })

  test(`${claim}: a stream that stops early gives only the replies that are whole`, () => {
    const stream = bytes(wire)
    const reader = new ReplyReader()
    let count = 0
    for (const byte of stream.subarray(0, -1)) {
      reader.push(Uint8Array.of(byte))
      while (reader.next() !== undefined) count++
    }
    assert.equal(count, replies.length - 1)
  })
}

test('a reply that breaks the protocol is refused, and the reader stays refused', () => {
  const broken: readonly (readonly [wire: string, message: RegExp])[] = [
    ['HTTP/1.1 400\r\n', /got "H" as reply type byte/],
    [':12a\r\n', /bad integer "12a"/],
    [':9223372036854775808\r\n', /bad integer/],
    [':\r\n', /bad integer/],
    ['(1.5\r\n', /bad big number/],
    [',1,5\r\n', /bad double/],
    ['#true\r\n', /bad boolean/],
    ['_x\r\n', /null/],
    ['$-2\r\n', /bad length "-2"/],
    ['$99999999999\r\n', /bad length/],
    ['$9999999999\r\n', /too long/],
    ['*x\r\n', /bad length/],
    ['$1\r\nab\r\n', /longer than its length/],
    ['=3\r\ntxt\r\n', /format/],
  ]
  for (const [wire, message] of broken) {
    const reader = new ReplyReader()
    reader.push(bytes(`+fine\r\n${wire}`))
    assert.deepEqual(reader.next(), simple('fine'))
    assert.throws(() => reader.next(), { name: 'ReplyFormatError', message })
    reader.push(bytes('+fine\r\n'))
    assert.throws(() => reader.next(), ReplyFormatError)
  }
})

test('nesting is read to its limit and refused one step past it', () => {
  const limits = { bulkBytesMax: 100, depthMax: 4 }
  const atLimit = new ReplyReader(limits)
  atLimit.push(bytes(`${'*1\r\n'.repeat(4)}:1\r\n`))
  assert.deepEqual(atLimit.next(), array(array(array(array(integer(1))))))
  const past = new ReplyReader(limits)
  past.push(bytes(`${'*1\r\n'.repeat(5)}:1\r\n`))
  assert.throws(() => past.next(), /nested too deeply/)
})

test('strings and lines are read to their limit and refused past it', () => {
  const limits = { bulkBytesMax: 8, depthMax: 4 }
  const reader = new ReplyReader(limits)
  reader.push(bytes('$8\r\n12345678\r\n+1234567'))
  assert.deepEqual(reader.next(), bulk('12345678'))
  assert.equal(reader.next(), undefined)
  reader.push(bytes('8'))
  assert.throws(() => reader.next(), /a line is too long/)
  const second = new ReplyReader(limits)
  second.push(bytes('$9\r\n'))
  assert.throws(() => second.next(), /9 bytes is too long/)
})

test('what follows a reply can be taken unparsed', () => {
  const reader = new ReplyReader()
  reader.push(bytes('+FULLRESYNC x 0\r\n$5\r'))
  assert.deepEqual(reader.next(), simple('FULLRESYNC x 0'))
  assert.equal(reader.isMidReply, true)
  assert.deepEqual(reader.takeRest(), bytes('$5\r'))
  assert.deepEqual(reader.takeRest(), bytes(''))
  reader.push(bytes(':1\r\n'))
  assert.deepEqual(reader.next(), integer(1))
})

test('text, entries and items are had from a reply of either protocol', () => {
  const pair = [bulk('k'), integer(1)] as const
  assert.deepEqual(replyEntries({ kind: 'map', entries: [pair] }), [pair])
  assert.deepEqual(replyEntries(array(...pair)), [pair])
  assert.deepEqual(replyEntries(array(bulk('odd'))), [])
  assert.deepEqual(replyItems({ kind: 'set', items: [pair[0]] }), [pair[0]])
  assert.deepEqual(replyItems(integer(1)), [])
  assert.equal(replyText(bulk('é'.normalize())), '\ufffd')
  assert.equal(replyText({ kind: 'bulk', bytes: Buffer.from('é') }), 'é')
  assert.equal(replyText(integer(5)), '5')
  assert.equal(replyText({ kind: 'null' }), undefined)
})

test('a refusal says at which byte of the stream the bad value begins', () => {
  const reader = new ReplyReader()
  reader.push(bytes('+fine\r\n*2\r\n:1\r\n:x\r\n'))
  reader.next()
  assert.throws(() => reader.next(), { offset: 15 })
})
