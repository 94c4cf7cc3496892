import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AofError } from './errors.ts'
import { formatManifest, parseManifest } from './manifest.ts'

const parse = (text: string) => parseManifest(Buffer.from(text), 'm')
const format = (text: string) => Buffer.from(formatManifest(parse(text))).toString()

test('a manifest is read and written as the reference has it', () => {
  const text =
    'file appendonly.aof.2.base.rdb seq 2 type b\n' +
    'file appendonly.aof.1.base.rdb seq 1 type h\n' +
    'file appendonly.aof.4.incr.aof seq 4 type i\n' +
    'file appendonly.aof.5.incr.aof seq 5 type i startoffset 17 endoffset 40\n'
  const manifest = parse(text)
  assert.equal(manifest.base?.name, 'appendonly.aof.2.base.rdb')
  assert.deepEqual(manifest.increments[1], {
    name: 'appendonly.aof.5.incr.aof',
    sequence: 5,
    extra: ['startoffset', '17', 'endoffset', '40'],
  })
  assert.equal(format(text), text)
})

test('comments are skipped, keys may come in any order and case', () => {
  const text = '# a comment\nTYPE i SEQ 3 FILE a.3.incr.aof\n'
  assert.equal(format(text), 'file a.3.incr.aof seq 3 type i\n')
})

test('of a type only the first letter counts, and a line may be as long as the reference reads', () => {
  const rest = ' seq 1 type i\n'
  const name = 'a'.repeat(1024 - 'file '.length - rest.length)
  assert.equal(parse('file a seq 1 type increment\n').increments[0]!.name, 'a')
  assert.equal(parse(`file ${name}${rest}`).increments[0]!.name, name)
  assert.throws(() => parse(`file ${name}a${rest}`), /too long line/)
})

test('names with blanks, quotes and other bytes come through', () => {
  for (const name of [
    'with blank',
    'say "hi"',
    "it's",
    'tab\there',
    'größe',
    '\x07\b\r',
    'plain!~',
  ]) {
    const part = { name, sequence: 1, extra: [] }
    const bytes = formatManifest({ base: undefined, history: [], increments: [part] })
    assert.deepEqual(parseManifest(bytes, 'm').increments, [part])
  }
  const named = formatManifest({
    ...{ base: undefined, history: [] },
    increments: [{ name: '\x07\b\r\n\t\x01', sequence: 1, extra: [] }],
  })
  assert.match(Buffer.from(named).toString(), /^file "\\a\\b\\r\\n\\t\\x01" /)
  assert.equal(parse('file "a\\x20b" seq 1 type i\n').increments[0]!.name, 'a b')
  assert.equal(parse("file 'a b' seq 1 type i\n").increments[0]!.name, 'a b')
})

test('what cannot be a manifest is refused with its line', () => {
  const good = 'file a seq 1 type b\n'
  for (const [bad, line] of [
    ['', undefined],
    ['\n', 1],
    ['nonsense\n', 1],
    ['file a seq 1\n', 1],
    ['file a seq 1 type i extra\n', 1],
    ['file a seq 1 type i', 1],
    ['file a seq x type i\n', 1],
    ['file a seq 0 type i\n', 1],
    ['file a seq 1 type z\n', 1],
    ['file ../a seq 1 type i\n', 1],
    ['file "a seq 1 type i\n', 1],
    [`file ${'a'.repeat(1100)} seq 1 type i\n`, 1],
    [`${good}file b seq 2 type b\n`, 2],
    [`${good}file b seq 2 type i\nfile c seq 2 type i\n`, 3],
  ] as const) {
    assert.throws(
      () => parse(bad),
      (error) =>
        error instanceof AofError &&
        (line === undefined || error.message.includes(`line ${line}:`)),
      JSON.stringify(bad),
    )
  }
})
