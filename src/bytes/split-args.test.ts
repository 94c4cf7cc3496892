import assert from 'node:assert/strict'
import test from 'node:test'
import { fromLatin1, latin1 } from './slice.ts'
import { quoteArg, splitArgs } from './split-args.ts'

/** Splits with quotes around the range, so that a look beyond an end shows. */
function split(line: string): string[] | undefined {
  const bytes = fromLatin1(`"${line}"`)
  return splitArgs(bytes, 1, bytes.length - 1)?.map((arg) => latin1(arg))
}

test('blanks of every kind part arguments, however many', () => {
  assert.deepEqual(split('SET key value'), ['SET', 'key', 'value'])
  assert.deepEqual(split('  GET\t\r\n key  '), ['GET', 'key'])
  assert.deepEqual(split(''), [])
  assert.deepEqual(split(' \t\v\f'), [])
})

test('a form feed begins no argument but does not end one', () => {
  assert.deepEqual(split('\fa\fb c'), ['a\fb', 'c'])
})

test('double quotes keep blanks and read escapes', () => {
  assert.deepEqual(split('SET k "hello world"'), ['SET', 'k', 'hello world'])
  assert.deepEqual(split('"\\n\\r\\t\\b\\a\\\\\\""'), ['\n\r\t\b\x07\\"'])
  assert.deepEqual(split('"\\x41\\xfF\\x4"'), ['A\xffx4'])
  assert.deepEqual(split('"\\xzz\\q"'), ['xzzq'])
  assert.deepEqual(split('""'), [''])
})

test('single quotes know one escape', () => {
  assert.deepEqual(split("'it\\'s' '\\n'"), ["it's", '\\n'])
  assert.deepEqual(split("''"), [''])
})

test('a quote may begin in the middle of a word but must end it', () => {
  assert.deepEqual(split('foo"bar baz"'), ['foobar baz'])
  assert.equal(split('"foo"bar'), undefined)
  assert.equal(split("'foo'bar"), undefined)
  assert.equal(split('"foo""bar"'), undefined)
})

test('quotes that are not closed are refused', () => {
  for (const line of ['"', "'", 'a "b', "a 'b", '"a\\"', "'a\\'", '"\\', '"\\x4']) {
    assert.equal(split(line), undefined, line)
  }
})

test('a NUL byte ends the line', () => {
  assert.deepEqual(split('a b\0 c "'), ['a', 'b'])
  assert.equal(split('"a\0"'), undefined)
})

test('what is quoted is read back as one argument', () => {
  const all = Uint8Array.from({ length: 255 }, (_, i) => i + 1)
  for (const bytes of [all, new Uint8Array([0, 34, 0]), new Uint8Array(0)]) {
    const line = fromLatin1(quoteArg(bytes))
    assert.deepEqual(splitArgs(line, 0, line.length), [bytes])
  }
  assert.equal(quoteArg(fromLatin1('a"\n\xff')), '"a\\"\\n\\xff"')
})
