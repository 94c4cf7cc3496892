import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedDisk } from '../host/index.ts'
import { AofError } from './errors.ts'
import { importPlainText } from './plain-text.ts'

const PATH = '/data/database.aof'

function run(text: string) {
  const disk = new SimulatedDisk()
  disk.put(PATH, text)
  const applied: string[][] = []
  const lines: string[] = []
  const attempt = () =>
    importPlainText({
      files: disk,
      path: PATH,
      // A stand-in for the protocol's splitter: blanks, and one kind of quotes.
      split(line) {
        const words = Buffer.from(line).toString().trim()
        if ((words.match(/"/g)?.length ?? 0) % 2 !== 0) return undefined
        const parts = words.match(/"[^"]*"|\S+/g) ?? []
        return parts.map((word) => Buffer.from(word.replace(/^"|"$/g, '')))
      },
      apply: (args) => applied.push(args.map((arg) => Buffer.from(arg).toString())),
      log: (_level, line) => lines.push(line),
    })
  return { attempt, applied, lines, disk }
}

test('the old plain text form is imported, and the file stays as it is', () => {
  const text = 'SET a 1\r\n\n  \nset b "two words"\nSETEX c 60 three\n'
  const { attempt, applied, lines, disk } = run(text)
  assert.equal(attempt(), 3)
  assert.deepEqual(applied, [
    ['SET', 'a', '1'],
    ['set', 'b', 'two words'],
    ['SETEX', 'c', '60', 'three'],
  ])
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /Imported 3 commands/)
  assert.equal(Buffer.from(disk.readAll(PATH)).toString(), text)
  assert.equal(disk.steps, 0)
})

test('a malformed line is refused by its number, and nothing is imported', () => {
  for (const [bad, why] of [
    ['DEL a', /unknown command 'DEL'/],
    ['SET a', /expected SET key value/],
    ['SET a b c', /expected SET key value/],
    ['SETEX a 0 b', /whole number/],
    ['SETEX a 1.5 b', /whole number/],
    ['SETEX a b', /expected SETEX/],
    ['SET a "b', /unbalanced quotes/],
  ] as const) {
    const { attempt, applied } = run(`SET x y\n\n${bad}\nSET z z\n`)
    assert.throws(attempt, (error) => {
      assert.ok(error instanceof AofError)
      assert.match(error.message, /"\/data\/database.aof": line 3 \(at byte 9\)/)
      assert.match(error.message, why)
      return true
    })
    assert.equal(applied.length, 0)
  }
})

test('a last line without an end is imported when it is whole, and left out when it is not', () => {
  assert.equal(run('SET a 1\nSET b 2').attempt(), 2)
  const { attempt, applied, lines } = run('SET a 1\nSET b')
  assert.equal(attempt(), 1)
  assert.deepEqual(applied, [['SET', 'a', '1']])
  assert.equal(lines.filter((line) => /cut and left out/.test(line)).length, 1)
})

test('lines that are longer than a chunk are read whole', () => {
  const long = 'x'.repeat(700_000)
  const { attempt, applied } = run(`SET a 1\nSET b ${long}\nSET c 3\n`)
  assert.equal(attempt(), 3)
  assert.ok(applied[1]![2] === long)
})
