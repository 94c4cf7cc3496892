/** Bits, structures, MessagePack and JSON: what was written is read back, and what is wrong is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../host/index.ts'
import { LuaMachine } from '../machine.ts'
import { LuaTable } from '../table.ts'
import type { LuaValue } from '../value.ts'
import { installDataLibraries } from './data.ts'
import { JSON_NULL, jsonDefaults } from './json-options.ts'

const machine = new LuaMachine({
  clock: () => 0,
  heapUsed: () => 0,
  stackBytes: 400 * 1024,
  memoryLimitBytes: Number.POSITIVE_INFINITY,
  plainMs: 1000,
  setup: (realm) => installDataLibraries(realm, jsonDefaults()),
})

/** What a script returns for its arguments; of an error, its text. */
function run(source: string, ...args: LuaValue[]): readonly LuaValue[] {
  const chunk = machine.compile(source, '@test')
  const outcome = machine.start({ enter: (realm) => ({ callee: chunk.main(realm), args }) }, 1000)
  if (outcome.kind === 'failed') return [outcome.error.message]
  assert.equal(outcome.kind, 'done')
  return outcome.kind === 'done' ? outcome.values : []
}

type Random = ReturnType<typeof seeded>

function text(random: Random): string {
  return Buffer.from(random.bytes(random.between(0, 40))).toString('latin1')
}

function value(random: Random, depth: number): LuaValue {
  switch (random.between(0, depth > 0 ? 6 : 3)) {
    case 0:
      return text(random)
    case 1:
      return random.between(-(2 ** 40), 2 ** 40)
    case 2:
      return random.between(-1000, 1000) / 8
    case 3:
      return random.between(0, 1) === 1
    case 4: {
      const map = new LuaTable()
      for (let i = random.between(1, 4); i > 0; i--)
        map.set(`k${text(random)}`, value(random, depth - 1))
      return map
    }
    default: {
      const items = Array.from({ length: random.between(1, 5) }, () => value(random, depth - 1))
      return LuaTable.fromArray(items)
    }
  }
}

/** A value in a form that can be compared. */
function plain(of: LuaValue): unknown {
  if (!(of instanceof LuaTable)) return of
  return [...of.entries()].map(([key, each]) => [key, plain(each)])
}

test('what MessagePack and JSON were made of comes out of them again', () => {
  const random = seeded()
  const pack = 'return cmsgpack.unpack(cmsgpack.pack(...))'
  const json = 'return cjson.decode(cjson.encode(...))'
  for (let step = 0; step < 1000; step++) {
    const given = value(random, 4)
    assert.deepEqual(plain(run(pack, given)[0]), plain(given))
    assert.deepEqual(plain(run(json, given)[0]), plain(given))
  }
})

test('integers of every size are packed as small as can be', () => {
  const hex = (number: number) =>
    Buffer.from(run('return cmsgpack.pack(...)', number)[0] as string, 'latin1').toString('hex')
  assert.equal(hex(127), '7f')
  assert.equal(hex(128), 'cc80')
  assert.equal(hex(65536), 'ce00010000')
  assert.equal(hex(2 ** 32), 'cf0000000100000000')
  assert.equal(hex(-32), 'e0')
  assert.equal(hex(-33), 'd0df')
  assert.equal(hex(-(2 ** 63)), 'd38000000000000000')
  assert.equal(hex(2 ** 63), 'ca5f000000')
  assert.equal(hex(0.1), 'cb3fb999999999999a')
})

test('bytes of strangers are refused or read, at any length', () => {
  const random = seeded()
  for (let step = 0; step < 2000; step++) {
    const bytes = Buffer.from(random.bytes(random.between(0, 24))).toString('latin1')
    run('return pcall(cmsgpack.unpack, ...)', bytes)
    run('return pcall(cjson.decode, ...)', bytes)
    run("return pcall(struct.unpack, '>I3!4dsc0f', ...)", bytes)
  }
  const whole = run("return cmsgpack.pack({1, 'two', {x = 3.5}})")[0] as string
  for (let size = 0; size < whole.length; size++) {
    const [first] = run('return cmsgpack.unpack(...)', whole.slice(0, size))
    assert.equal(first, size === 0 ? undefined : 'test:1: Missing bytes in input.')
  }
})

test('JSON is refused where it is wrong, and its options hold', () => {
  const refusal = (json: string) => run('return cjson.decode(...)', json)[0]
  assert.equal(refusal('[1,'), 'test:1: Expected value but found T_END at character 4')
  assert.equal(
    refusal('{1}'),
    'test:1: Expected object key string but found T_NUMBER at character 2',
  )
  assert.equal(
    refusal('"\\x"'),
    'test:1: Expected value but found invalid escape code at character 2',
  )
  assert.equal(refusal('[1] 2'), 'test:1: Expected the end but found T_NUMBER at character 5')
  assert.equal(refusal('null'), JSON_NULL)
  const deep = `${'['.repeat(1001)}${']'.repeat(1001)}`
  assert.match(String(refusal(deep)), /Found too many nested data structures \(1001\)/)
  const fresh = 'local json = cjson.new() '
  assert.equal(run(`${fresh} json.encode_number_precision(3) return json.encode(1/3)`)[0], '0.333')
  assert.equal(
    run(`${fresh} json.encode_sparse_array(true) return json.encode({[99]=1})`)[0],
    '{"99":1}',
  )
  assert.equal(
    run(`${fresh} json.encode_invalid_numbers('null') return json.encode(0/0)`)[0],
    'null',
  )
})

test('structures have the bytes of C, in both orders and aligned', () => {
  const hex = (source: string) =>
    Buffer.from(run(`return ${source}`)[0] as string, 'latin1').toString('hex')
  assert.equal(hex("struct.pack('<i4>i4', 1, 1)"), '0100000000000001')
  assert.equal(hex("struct.pack('!4bi', 1, 2)"), '0100000002000000')
  assert.equal(hex("struct.pack('>l', -2)"), 'fffffffffffffffe')
  assert.equal(hex("struct.pack('sc3', 'ab', 'cdef')"), '616200636465')
  assert.deepEqual(run("return struct.unpack('>i2I2', '\\255\\254\\255\\254')"), [-2, 65534, 5])
  assert.deepEqual(run("return struct.unpack('bc0', '\\3abc')"), ['abc', 5])
  assert.match(String(run("return struct.unpack('i4', 'abc')")[0]), /data string too short/)
  assert.match(String(run("return struct.pack('i33', 1)")[0]), /integral size 33 is larger/)
})
