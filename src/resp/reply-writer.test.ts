import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1, sliceOf } from '../bytes/index.ts'
import { seeded } from '../host/index.ts'
import type { Reply } from './reply.ts'
import { ReplyReader } from './reply-reader.ts'
import { ReplyWriter } from './reply-writer.ts'

/** What is written by some calls, in RESP2 and in RESP3. */
function written(write: (writer: ReplyWriter) => void): [resp2: string, resp3: string] {
  const text = (isResp3: boolean) => {
    const writer = new ReplyWriter()
    writer.isResp3 = isResp3
    write(writer)
    return latin1(writer.bytes, 0, writer.at)
  }
  return [text(false), text(true)]
}

const same = (text: string): [string, string] => [text, text]

type Case = readonly [write: (writer: ReplyWriter) => void, resp2: string, resp3?: string]

/** A reply, how it looks in RESP2, and in RESP3 where that differs. */
const CASES: readonly Case[] = [
  [(w) => w.ok(), '+OK\r\n'],
  [(w) => w.simple('PONG'), '+PONG\r\n'],
  [(w) => w.error('ERR no'), '-ERR no\r\n'],
  [(w) => w.null(), '$-1\r\n', '_\r\n'],
  [(w) => w.nullArray(), '*-1\r\n', '_\r\n'],
  [(w) => w.array(3), '*3\r\n'],
  [(w) => w.map(3), '*6\r\n', '%3\r\n'],
  [(w) => w.set(3), '*3\r\n', '~3\r\n'],
  [(w) => w.push(3), '*3\r\n', '>3\r\n'],
  [(w) => w.boolean(true), ':1\r\n', '#t\r\n'],
  [(w) => w.boolean(false), ':0\r\n', '#f\r\n'],
  [(w) => w.double('1.5'), '$3\r\n1.5\r\n', ',1.5\r\n'],
  [(w) => w.float(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  [(w) => w.float(-17), '$3\r\n-17\r\n', ',-17\r\n'],
  [(w) => w.float(-0), '$2\r\n-0\r\n', ',-0\r\n'],
  [(w) => w.float(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
  [(w) => w.bigNumber('123'), '$3\r\n123\r\n', '(123\r\n'],
  [(w) => w.verbatim('txt', 'a'), '$1\r\na\r\n', '=5\r\ntxt:a\r\n'],
  [(w) => w.text('é'), '$2\r\n\xc3\xa9\r\n'],
  [(w) => w.latin1('\xe9'), '$1\r\n\xe9\r\n'],
  [(w) => w.bulkInt(-42), '$3\r\n-42\r\n'],
  [(w) => w.bulkSlice(sliceOf(fromLatin1(''))), '$0\r\n\r\n'],
]

test('every kind of reply is written as the protocol has it, in both versions', () => {
  for (const [write, resp2, resp3 = resp2] of CASES) {
    assert.deepEqual(written(write), [resp2, resp3])
  }
})

test('integers of every length are written in full', () => {
  const values = [0, 1, -1, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53)]
  for (const value of values) {
    assert.deepEqual(
      written((w) => w.integer(value)),
      same(`:${value}\r\n`),
    )
  }
  for (const value of [2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.deepEqual(
      written((w) => w.integer(value)),
      same(`:${value}\r\n`),
    )
  }
})

test('an error cannot end its line early', () => {
  assert.deepEqual(
    written((w) => w.error('ERR a\r\n+OK\nb')),
    same('-ERR a  +OK b\r\n'),
  )
})

test('a count that is known late stands before what it counts', () => {
  const late = (kind: 'array' | 'map' | 'set') =>
    written((writer) => {
      writer.ok()
      const mark = writer.at
      writer.integer(1)
      writer.integer(2)
      writer.arrayAt(mark, kind === 'map' ? 1 : 2, kind)
      writer.ok()
    })
  assert.deepEqual(late('array'), same('+OK\r\n*2\r\n:1\r\n:2\r\n+OK\r\n'))
  assert.deepEqual(late('map')[1], '+OK\r\n%1\r\n:1\r\n:2\r\n+OK\r\n')
  assert.deepEqual(late('set')[1], '+OK\r\n~2\r\n:1\r\n:2\r\n+OK\r\n')
})

test('what is written is read back, however the buffer grows meanwhile', () => {
  const random = seeded()
  const writer = new ReplyWriter()
  writer.isResp3 = true
  writer.replaceBuffer(new Uint8Array(64))
  const expected: Reply[] = []
  for (let n = 0; n < 3000; n++) {
    const size = random.between(0, 10 ** random.between(0, 4))
    switch (random.between(0, 3)) {
      case 0: {
        const bytes = random.bytes(size)
        writer.bulk(bytes, 0, size)
        expected.push({ kind: 'bulk', bytes })
        break
      }
      case 1: {
        const value = random.between(-(2 ** 40), 2 ** 40)
        writer.integer(value)
        expected.push({ kind: 'integer', value: BigInt(value) })
        break
      }
      case 2:
        writer.simple('x'.repeat(size))
        expected.push({ kind: 'simple', bytes: fromLatin1('x'.repeat(size)) })
        break
      default:
        writer.null()
        expected.push({ kind: 'null' })
    }
  }
  const reader = new ReplyReader()
  reader.push(writer.bytes.subarray(0, writer.at))
  for (const reply of expected) {
    const found = reader.next()
    assert.equal(found?.kind, reply.kind)
    if ('bytes' in reply && found !== undefined && 'bytes' in found) {
      assert.equal(Buffer.compare(found.bytes, reply.bytes), 0)
    } else assert.deepEqual(found, reply)
  }
  assert.equal(reader.next(), undefined)
})

test('strings from an expected buffer are written like any others, at every size and place', () => {
  const from = Uint8Array.from({ length: 300 }, (_, i) => i * 7)
  for (let size = 0; size < 130; size++) {
    const plain = new ReplyWriter()
    const expecting = new ReplyWriter()
    expecting.expectFrom(from)
    for (const start of [0, 1, 2, 3, 170]) {
      plain.bulk(from, start, start + size)
      expecting.bulk(from, start, start + size)
    }
    const written = ({ bytes, at }: ReplyWriter) => [...bytes.subarray(0, at)]
    assert.deepEqual(written(expecting), written(plain))
    // The buffer that is written to is another one now.
    expecting.replaceBuffer()
    expecting.bulk(from, 5, 5 + size)
    assert.deepEqual(written(expecting).slice(-2 - size, -2), [...from.subarray(5, 5 + size)])
  }
})
