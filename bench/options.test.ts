import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SUITE_NAMES } from './bars.ts'
import { isWanted, parseOptions } from './options.ts'

test('without arguments everything runs at full length', () => {
  const options = parseOptions([])
  assert.deepEqual(options.only, [...SUITE_NAMES])
  assert.equal(options.works, undefined)
  assert.equal(options.rounds, 3)
  assert.equal(options.keys, 4_000_000)
})

test('the short form is shorter, and a number that was given wins over it', () => {
  const options = parseOptions(['--quick', '--rounds', '5'])
  assert.equal(options.rounds, 5)
  assert.equal(options.keys, 400_000)
})

test('suites run in their own order, whatever order they were named in', () => {
  assert.deepEqual(parseOptions(['--only', 'start, aof']).only, ['aof', 'start'])
})

test('works can be chosen', () => {
  const options = parseOptions(['--works', 'SET, hash of 10'])
  assert.ok(isWanted(options, 'hash of 10'))
  assert.ok(!isWanted(options, 'GET'))
  assert.ok(isWanted(parseOptions([]), 'GET'))
})

test('works with a comma in their names are chosen without it', () => {
  const options = parseOptions(['--works', 'EVALSHA trivial,PUBLISH to 1000'])
  assert.ok(isWanted(options, 'EVALSHA, trivial'))
  assert.ok(isWanted(options, 'PUBLISH to 1,000'))
  assert.ok(!isWanted(options, 'PUBLISH to 1'))
})

test('what makes no sense is refused by name', () => {
  assert.throws(() => parseOptions(['--only', 'string']), /no suite "string"/)
  assert.throws(() => parseOptions(['--rounds', '0']), /--rounds takes/)
  assert.throws(() => parseOptions(['--keys', '1e99']), /--keys takes/)
  assert.throws(() => parseOptions(['--subject', 'redis-server']), /\{port\}/)
  assert.throws(() => parseOptions(['--fast']), /--fast/)
})
