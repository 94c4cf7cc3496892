import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figureText, headText, type SuiteResult, suiteText, summaryText, table } from './report.ts'

const names = { reference: 'Redis', subject: 'Holdfast' }
const bar = { kind: 'ratio', bar: 1.3, aim: 1.6 } as const

const suite: SuiteResult = {
  name: 'strings',
  title: 'Commands',
  unit: 'µs/req',
  figures: [
    {
      work: 'SET P=16',
      reference: 1.43,
      subject: 1.0,
      ratio: 1.43,
      range: [1.4, 1.5],
      bar,
      verdict: 'ok',
    },
    { work: 'GET P=16', reference: 1.2, subject: 1.0, ratio: 1.2, bar, verdict: 'BELOW' },
    { work: 'LPUSH', note: 'skipped' },
  ],
  notes: ['A note.'],
}

test('figures keep three digits and never an exponent', () => {
  assert.equal(figureText(1.426), '1.43')
  assert.equal(figureText(12.34), '12.3')
  assert.equal(figureText(123.4), '123')
  assert.equal(figureText(1234567.8), '1,234,568')
  assert.equal(figureText(undefined), '')
  assert.equal(figureText(Number.NaN), '')
})

test('every line of a table has the same width and the same number of cells', () => {
  const lines = table(['work', 'x'], [['a | b', '1'], ['c', '22222'], ['short']]).split('\n')
  assert.equal(lines.length, 5)
  assert.equal(new Set(lines.map((line) => line.length)).size, 1)
  assert.equal(lines[2], '| a \\| b |     1 |')
})

test('a suite shows both sides, the ratio, the bar and the mark, and why a row is missing', () => {
  const lines = suiteText(suite, names).split('\n')
  const cells = (line: string) => line.split('|').map((cell) => cell.trim())
  assert.deepEqual(cells(lines[2]!).slice(1, -1), [
    'work',
    'Redis µs/req',
    'Holdfast µs/req',
    'ratio',
    'rounds',
    'bar',
    'aim',
    'mark',
    'note',
  ])
  assert.deepEqual(cells(lines[4]!).slice(1, 9), [
    'SET P=16',
    '1.43',
    '1.00',
    '1.43',
    '1.40–1.50',
    '1.3',
    '1.6',
    'ok',
  ])
  assert.ok(lines[5]!.includes('BELOW'))
  assert.ok(lines[6]!.includes('skipped'))
  assert.ok(lines.includes('A note.'))
})

test('a limit is written as one', () => {
  const limited = { ...suite.figures[0]!, bar: { kind: 'limit', bar: 10, aim: 2 } as const }
  assert.match(suiteText({ ...suite, figures: [limited] }, names), /≤ 10 \| +≤ 2/)
})

test('the summary counts what has a bar and names what is below it', () => {
  assert.equal(summaryText([suite]), '1 of 2 rows with a bar are ok; BELOW: strings GET P=16.')
  assert.equal(summaryText([]), '0 of 0 rows with a bar are ok.')
})

test('the head lists its facts in order', () => {
  assert.equal(
    headText([
      ['node', 'v20'],
      ['cores', '2'],
    ]),
    '# Holdfast benchmark\n\n- node: v20\n- cores: 2\n',
  )
})
