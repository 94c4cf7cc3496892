import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countError, emptyStats } from './stats.ts'

test('errors are counted by their codes, and those without one as ERR', () => {
  const stats = { ...emptyStats(), onTooManyErrors: undefined }
  for (const text of ['ERR no', 'WRONGTYPE no', 'ERR never', 'alone', `${'long'.repeat(9)} no`]) {
    countError(stats, text)
  }
  assert.deepEqual(
    [...stats.errors],
    [
      ['ERR', 4],
      ['WRONGTYPE', 1],
    ],
  )
  assert.equal(stats.errorReplies, 5)
})

test('a code too many makes an end of counting, until the counters are set back', () => {
  const told: string[][] = []
  const stats = {
    ...emptyStats(),
    onTooManyErrors: (codes: readonly string[]) => told.push([...codes]),
  }
  for (let i = 0; i < 128; i++) countError(stats, `E${i} text`)
  countError(stats, 'E0 text')
  assert.equal(stats.errors.size, 128)
  for (let i = 0; i < 3; i++) countError(stats, 'MORE text')
  assert.deepEqual([...stats.errors], [['ERRORSTATS_DISABLED', 1]])
  assert.equal(told.length, 1)
  assert.equal(told[0]!.length, 128)
  assert.equal(stats.errorReplies, 132)
  Object.assign(stats, emptyStats())
  countError(stats, 'MORE text')
  assert.deepEqual([...stats.errors], [['MORE', 1]])
})
