import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, setViewed } from '../bytes/index.ts'
import { group } from './command.ts'
import { CommandTable } from './table.ts'

const row = (name: string) => ({
  name,
  syntax: '',
  summary: '',
  since: '1.0.0',
  complexity: 'O(1)',
  arity: 1,
  flags: [],
  run: () => {},
})
const groups = [group('test', [row('FLUSH'), row('KEEP'), row('DROP')])]

function find(table: CommandTable, word: string): string | undefined {
  return table.find(fromLatin1(word), 0, word.length)?.spec.name
}

test('a command is found by its name in any case, and by nothing else', () => {
  const table = new CommandTable(groups)
  assert.equal(find(table, 'flush'), 'FLUSH')
  assert.equal(find(table, 'FluSH'), 'FLUSH')
  assert.equal(find(table, 'flushy'), undefined)
  assert.equal(find(table, ''), undefined)
})

test('a command is found wherever its name stands in what was read, whatever was found before', () => {
  const names = [
    'GET',
    'SET',
    'GETX',
    'GETEX',
    'GETTEX',
    'XGETTEX',
    'FLUSHALL',
    'FLUSHANY',
    'UNFLUSHALL',
    'FLUSHONEXALL',
    'FLUSHTWOXALL',
  ]
  const unknown = ['', 'G', 'GE', 'GEX', 'GETY', 'GETTTEX', 'FLUSHOLL', 'FLUSHALLY']
  const groups = [group('test', names.map(row))]
  const known = new Set(names)
  const words = [...names, ...names.map((name) => name.toLowerCase()), ...unknown]
  // What follows a name of three bytes is none of it, and there may be nothing.
  const tails = ['', '\0', '\r\n', 'X', 'zz']
  for (const word of words) {
    for (const next of words) {
      for (const tail of tails) {
        const table = new CommandTable(groups)
        const bytes = fromLatin1(`\0\0${word}${tail}`)
        const others = fromLatin1(`${next}${tail}`)
        setViewed(others)
        table.find(others, 0, next.length)
        setViewed(bytes)
        const found = table.find(bytes, 2, 2 + word.length)?.spec.name
        const name = word.toUpperCase()
        assert.equal(found, known.has(name) ? name : undefined, `${word} after ${next}`)
      }
    }
  }
})

test('a command is found by its name as a text, however many spellings were used', () => {
  const table = new CommandTable(groups, [{ from: 'drop', to: 'secret' }])
  const spelling = (n: number) =>
    [...'flush'].map((letter, at) => ((n >> at) & 1 ? letter.toUpperCase() : letter)).join('')
  for (let n = 0; n < 64; n++) {
    assert.equal(table.named(spelling(n))?.spec.name, 'FLUSH')
    assert.equal(table.named(`${spelling(n)}y`), undefined)
  }
  assert.equal(table.named('drop'), undefined)
  assert.equal(table.named('secret')?.spec.name, 'DROP')
})

test('a renamed command is found by its new word only, and one with none not at all', () => {
  const renames = [
    { from: 'flush', to: 'secret' },
    { from: 'DROP', to: '' },
  ]
  const table = new CommandTable(groups, renames)
  assert.equal(find(table, 'flush'), undefined)
  assert.equal(find(table, 'SECRET'), 'FLUSH')
  assert.equal(find(table, 'drop'), undefined)
  assert.deepEqual(
    table.all().map((command) => command.spec.name),
    ['FLUSH', 'KEEP'],
  )
})

test('renaming what is not there, or to a word in use, is refused', () => {
  assert.throws(() => new CommandTable(groups, [{ from: 'nothing', to: 'x' }]), RangeError)
  assert.throws(() => new CommandTable(groups, [{ from: 'flush', to: 'keep' }]), RangeError)
})
