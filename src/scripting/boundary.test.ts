/** Values that cross between scripts and the store, both ways, against what they should become. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { LuaTable, type LuaValue } from '../lua/index.ts'
import { ReplyWriter } from '../resp/index.ts'
import { ReplyValues } from './from-reply.ts'
import { replyValue } from './to-reply.ts'

const latin1 = (writer: ReplyWriter, from = 0) =>
  Buffer.from(writer.bytes.subarray(from, writer.at)).toString('latin1')

function written(value: LuaValue, isResp3: boolean, isScriptResp3 = false): string {
  const reply = new ReplyWriter()
  reply.isResp3 = isResp3
  replyValue(value, { reply, isScriptResp3, error: (text) => reply.error(text) })
  return latin1(reply)
}

type Random = ReturnType<typeof seeded>

/** A value, and what it is as a reply of RESP2 and of RESP3. */
interface Sample {
  readonly value: LuaValue
  readonly resp2: string
  readonly resp3: string
}

const same = (value: LuaValue, text: string): Sample => ({ value, resp2: text, resp3: text })

function textOf(random: Random): string {
  return Buffer.from(random.bytes(random.between(0, 12))).toString('latin1')
}

function table(fields: Record<string, LuaValue>): LuaTable {
  const made = new LuaTable()
  for (const [name, value] of Object.entries(fields)) made.set(name, value)
  return made
}

function sample(random: Random, depth: number): Sample {
  const kind = random.between(0, depth > 0 ? 9 : 5)
  if (kind === 0) {
    const text = textOf(random)
    return same(text, `$${text.length}\r\n${text}\r\n`)
  }
  if (kind === 1) {
    const number = random.between(-1000, 1000) + random.between(0, 9) / 10
    return same(number, `:${Math.trunc(number) + 0}\r\n`)
  }
  if (kind === 2) return same(true, ':1\r\n')
  if (kind === 3) return { value: false, resp2: '$-1\r\n', resp3: '_\r\n' }
  if (kind === 4) return same(table({ ok: 'a\r\nb' }), '+a  b\r\n')
  if (kind === 5) return same(table({ err: 'MY err', ok: 'no' }), '-MY err\r\n')
  if (kind === 6) {
    return { value: table({ double: 1.5 }), resp2: '$3\r\n1.5\r\n', resp3: ',1.5\r\n' }
  }
  const items = Array.from({ length: random.between(0, 5) }, () => sample(random, depth - 1))
  if (kind === 7) return pairs(items)
  return {
    value: LuaTable.fromArray(items.map(({ value }) => value)),
    resp2: `*${items.length}\r\n${items.map(({ resp2 }) => resp2).join('')}`,
    resp3: `*${items.length}\r\n${items.map(({ resp3 }) => resp3).join('')}`,
  }
}

/** A map whose keys are numbers, so that their order is known. */
function pairs(items: readonly Sample[]): Sample {
  const map = LuaTable.fromArray(items.map(({ value }) => value))
  const shown = (of: (item: Sample) => string) =>
    items.map((item, at) => `:${at + 1}\r\n${of(item)}`).join('')
  return {
    value: table({ map }),
    resp2: `*${items.length * 2}\r\n${shown(({ resp2 }) => resp2)}`,
    resp3: `%${items.length}\r\n${shown(({ resp3 }) => resp3)}`,
  }
}

test('values of scripts become the replies that they stand for, however they are nested', () => {
  const random = seeded()
  for (let step = 0; step < 3000; step++) {
    const { value, resp2, resp3 } = sample(random, 4)
    assert.equal(written(value, false), resp2)
    assert.equal(written(value, true), resp3)
  }
})

test('replies become values, which become the same replies again', () => {
  const random = seeded()
  const values = new ReplyValues()
  for (let step = 0; step < 3000; step++) {
    const { resp2, resp3 } = sample(random, 4)
    for (const [text, isResp3] of [
      [resp2, false],
      [resp3, true],
    ] as const) {
      const bytes = Buffer.from(`xx${text}`, 'latin1')
      const value = values.read(bytes, 2)
      // In RESP3 the null is nil, which ends an array.
      if (text.includes('_\r\n')) continue
      assert.equal(written(value, isResp3), text)
    }
  }
})

test('tables in themselves end with an error in their place', () => {
  const loop = new LuaTable()
  loop.set(1, loop)
  const text = written(loop, false)
  assert.ok(text.startsWith('*1\r\n*1\r\n'))
  assert.ok(text.endsWith('-ERR reached lua stack limit\r\n'))
  assert.equal(text.split('*1\r\n').length, 7996)
})

test('what has no place in 64 bits is the smallest integer, and true and false have their types', () => {
  assert.equal(written(1e20, false), ':-9223372036854775808\r\n')
  assert.equal(written(Number.NaN, false), ':-9223372036854775808\r\n')
  assert.equal(written(2 ** 62, false), ':4611686018427387904\r\n')
  assert.equal(written(false, true, true), '#f\r\n')
  assert.equal(written(false, false, true), ':0\r\n')
  assert.equal(written(undefined, true), '_\r\n')
})
