/** Every case whole, byte by byte, and cut at each byte; and mutations of them from a seed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { Request } from './request.ts'
import {
  LINE_BYTES_MAX,
  ProtocolError,
  type RequestLimits,
  RequestParser,
} from './request-parser.ts'

const LIMITS: RequestLimits = { bulkBytesMax: 1000, countMax: 2147483647, isTrusted: true }

/** The requests in some bytes, then what is wrong with the rest, or how it ends. */
interface Outcome {
  readonly requests: readonly string[][]
  readonly end: string
}

/**
 * Reads bytes that arrive in pieces, `sizes` long. Behind what has arrived lies rubbish, which a
 * parser that reads too far would find.
 */
function read(text: string, sizes: () => number, rubbish: number, limits = LIMITS): Outcome {
  const all = Buffer.from(text, 'latin1')
  const bytes = new Uint8Array(all.length + 64).fill(rubbish)
  const parser = new RequestParser()
  const request = new Request()
  const requests: string[][] = []
  let start = 0
  let end = 0
  try {
    while (end < all.length) {
      const size = Math.min(sizes(), all.length - end)
      bytes.set(all.subarray(end, end + size), end)
      end += size
      while (parser.read(request, bytes, start, end, limits)) {
        if (request.count > 0) requests.push(argvOf(request))
        start = request.end
        assert.ok(start <= end, 'a request ends behind what has arrived')
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { requests, end: error.message }
  }
  return { requests, end: parser.isBegun ? 'more' : 'whole' }
}

function argvOf(request: Request): string[] {
  return Array.from({ length: request.count }, (_, i) =>
    latin1(request.bytes, request.starts[i]!, request.ends[i]!),
  )
}

/** Reads the same bytes in every way. All must agree. */
function readEveryWay(text: string, limits = LIMITS): Outcome {
  const whole = read(text, () => text.length, 13, limits)
  assert.deepEqual(
    read(text, () => text.length, 10, limits),
    whole,
    'what lies behind is read',
  )
  assert.deepEqual(
    read(text, () => 1, 13, limits),
    whole,
    'byte by byte',
  )
  for (let cut = 1; cut < text.length; cut++) {
    let isFirst = true
    const sizes = () => {
      const size = isFirst ? cut : text.length
      isFirst = false
      return size
    }
    assert.deepEqual(read(text, sizes, 48, limits), whole, `cut at ${cut}`)
  }
  return whole
}

const GOOD: readonly (readonly [bytes: string, requests: readonly string[][]])[] = [
  ['*1\r\n$4\r\nPING\r\n', [['PING']]],
  ['*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n', [['SET', 'k', '']]],
  ['*2\r\n$3\r\nGET\r\n$6\r\na\r\n$1\n\r\n', [['GET', 'a\r\n$1\n']]],
  ['*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n', [['PING'], ['QUIT']]],
  ['*0\r\n*-1\r\n*-10\r\n*1\r\n$4\r\nPING\r\n', [['PING']]],
  ['*1\r\n$12\r\n\x00\xff0123456789\r\n', [['\x00\xff0123456789']]],
  ['PING\r\n', [['PING']]],
  ['PING\n', [['PING']]],
  ['\r\n\n   \r\nPING\r\n', [['PING']]],
  ["SET k \"a b\\x41\\n\" 'c\\'d'\r\n", [['SET', 'k', 'a bA\n', "c'd"]]],
  ['GET a\n*1\r\n$1\r\nx\r\nGET b\n', [['GET', 'a'], ['x'], ['GET', 'b']]],
  ['  SET   k\tv  \r\n', [['SET', 'k', 'v']]],
  ['$4\r\n', [['$4']]],
  // The reference does not look at the two bytes behind a bulk string.
  ['*1\r\n$4\r\nPINGxx*1\r\n$1\r\na\r\n', [['PING'], ['a']]],
]

test('requests are read the same at any cutting of their bytes', () => {
  for (const [bytes, requests] of GOOD) {
    assert.deepEqual(readEveryWay(bytes), { requests, end: 'whole' }, JSON.stringify(bytes))
  }
})

test('an unfinished request waits for more', () => {
  for (const [bytes, requests] of GOOD) {
    for (let size = 1; size < bytes.length; size++) {
      const { end, requests: found } = read(bytes.slice(0, size), () => size, 13)
      assert.ok(end === 'more' || end === 'whole')
      assert.ok(found.length <= requests.length)
    }
  }
})

const BAD: readonly (readonly [bytes: string, message: string])[] = [
  ['*x\r\n', 'invalid multibulk length'],
  ['*\r\n', 'invalid multibulk length'],
  ['*1x\r\n', 'invalid multibulk length'],
  ['* 1\r\n', 'invalid multibulk length'],
  ['*+1\r\n', 'invalid multibulk length'],
  ['*01\r\n', 'invalid multibulk length'],
  ['*2147483648\r\n', 'invalid multibulk length'],
  ['*99999999999999999999\r\n', 'invalid multibulk length'],
  ['*1\r\nPING\r\n', "expected '$', got 'P'"],
  ['*1\r\n:1\r\n', "expected '$', got ':'"],
  ['*1\r\n\r\n', "expected '$', got '\r'"],
  ['*2\r\n$1\r\na\r\n*1\r\n', "expected '$', got '*'"],
  ['*1\r\n$\r\n', 'invalid bulk length'],
  ['*1\r\n$-1\r\n', 'invalid bulk length'],
  ['*1\r\n$x\r\n', 'invalid bulk length'],
  ['*1\r\n$1x\r\n', 'invalid bulk length'],
  ['*1\r\n$1001\r\n', 'invalid bulk length'],
  ['*1\r\n$05\r\nabcde\r\n', 'invalid bulk length'],
  ['*1\r\n$00\r\n\r\n', 'invalid bulk length'],
  ['*1\r\n$5:\r\nabcde\r\n', 'invalid bulk length'],
  ['*1\r\n$:5\r\nabcde\r\n', 'invalid bulk length'],
  ['*1\r\n$99999999999999999999\r\n', 'invalid bulk length'],
  ['SET k "v\r\n', 'unbalanced quotes in request'],
  ['SET k "v"x\r\n', 'unbalanced quotes in request'],
  ["SET k 'v\r\n", 'unbalanced quotes in request'],
]

test('what is no request is refused in the words of the reference, at any cutting', () => {
  for (const [bytes, message] of BAD) {
    const expected = { requests: [], end: `Protocol error: ${message}` }
    assert.deepEqual(readEveryWay(bytes), expected, JSON.stringify(bytes))
    const after = { requests: [['PING']], end: `Protocol error: ${message}` }
    assert.deepEqual(readEveryWay(`*1\r\n$4\r\nPING\r\n${bytes}`), after)
  }
})

test('a line is looked at when it is whole', () => {
  assert.equal(read('*1\r\nx', () => 100, 13).end, 'more')
  assert.equal(read('*1\r\nx\r', () => 100, 13).end, 'more')
  assert.equal(read('*1\r\nx\r\n', () => 100, 13).end, "Protocol error: expected '$', got 'x'")
})

test('limits hold at their edges', () => {
  const bulk = (size: number) => `*1\r\n$${size}\r\n${'x'.repeat(size)}\r\n`
  assert.equal(read(bulk(1000), () => 100, 13).end, 'whole')
  assert.equal(read(bulk(1001), () => 100, 13).end, 'Protocol error: invalid bulk length')
  const short = { ...LIMITS, bulkBytesMax: 12 }
  assert.equal(read(bulk(12), () => 100, 13, short).end, 'whole')
  assert.equal(read(bulk(13), () => 100, 13, short).end, 'Protocol error: invalid bulk length')
  for (const size of [0, 9, 10, 99, 100]) assert.equal(read(bulk(size), () => 200, 13).end, 'whole')
  assert.equal(read('*2147483647\r\n', () => 100, 13).end, 'more')
  const few = { ...LIMITS, countMax: 2 }
  assert.equal(read('*2\r\n', () => 100, 13, few).end, 'more')
  assert.equal(read('*3\r\n', () => 9, 13, few).end, 'Protocol error: invalid multibulk length')
})

test('who is not authenticated may send small requests only', () => {
  const limits = { bulkBytesMax: 1 << 29, countMax: 2147483647, isTrusted: false }
  const ends = (text: string) => read(text, () => text.length, 13, limits).end
  assert.equal(ends('*10\r\n'), 'more')
  assert.equal(ends('*11\r\n'), 'Protocol error: unauthenticated multibulk length')
  assert.equal(ends('*1\r\n$16384\r\n'), 'more')
  assert.equal(ends('*1\r\n$16385\r\n'), 'Protocol error: unauthenticated bulk length')
})

test('a line that never ends is refused, and one byte less is not', () => {
  const line = (first: string, size: number) => first + 'x'.repeat(size - first.length)
  const ends = (text: string) => read(text, () => text.length, 120).end
  assert.equal(ends(line('', LINE_BYTES_MAX)), 'more')
  assert.equal(ends(line('', LINE_BYTES_MAX + 1)), 'Protocol error: too big inline request')
  assert.equal(ends(line('*', LINE_BYTES_MAX)), 'more')
  assert.equal(ends(line('*', LINE_BYTES_MAX + 1)), 'Protocol error: too big mbulk count string')
  const bulk = (size: number) => `*1\r\n${line('$', size)}`
  assert.equal(ends(bulk(LINE_BYTES_MAX)), 'more')
  assert.equal(ends(bulk(LINE_BYTES_MAX + 1)), 'Protocol error: too big bulk count string')
})

test('a request of many arguments widens its tables and can give them back', () => {
  const count = 10_000
  const text = `*${count}\r\n${'$1\r\na\r\n'.repeat(count)}`
  const { requests, end } = read(text, () => 4096, 13)
  assert.equal(end, 'whole')
  assert.equal(requests[0]!.length, count)
  const request = new Request()
  new RequestParser().read(request, Buffer.from(text), 0, text.length, LIMITS)
  assert.ok(request.starts.length >= count)
  request.trim()
  assert.equal(request.starts.length, 64)
})

/** A byte changed, taken out, put in, or a stretch doubled. */
function mutated(text: string, random: Seeded): string {
  const at = random.between(0, text.length - 1)
  const byte = random.chance(0.7)
    ? random.pick([...'*$:\r\n0123459-"\' \x00x'])
    : String.fromCharCode(random.between(0, 255))
  switch (random.between(0, 3)) {
    case 0:
      return text.slice(0, at) + byte + text.slice(at + 1)
    case 1:
      return text.slice(0, at) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + byte + text.slice(at)
    default:
      return text.slice(0, at) + text.slice(random.between(0, at))
  }
}

test('no bytes whatever crash the parser, or are read in two ways', () => {
  const random = seeded()
  for (let round = 0; round < 6000; round++) {
    let text = Array.from({ length: random.between(1, 4) }, () => random.pick(GOOD)[0]).join('')
    for (let n = random.between(1, 5); n > 0 && text.length > 0; n--) text = mutated(text, random)
    if (text === '') continue
    const whole = read(text, () => text.length, 13)
    const pieces = read(text, () => random.between(1, 6), random.between(0, 255))
    assert.deepEqual(pieces, whole, JSON.stringify(text))
  }
})
