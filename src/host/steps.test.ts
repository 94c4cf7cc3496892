import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileError } from './host.ts'
import { runSteps, type Wait } from './steps.ts'

const refused = new FileError('EIO', '/f', 'no')

test('steps go on in the call that ends their wait', () => {
  const seen: string[] = []
  const ends: (() => void)[] = []
  const wait: Wait = (done) => ends.push(() => done(undefined))
  runSteps(
    function* () {
      seen.push('begun')
      yield wait
      seen.push('first')
      yield (done) => done(undefined)
      yield wait
      seen.push('second')
    },
    (error) => seen.push(`done ${error}`),
  )
  assert.deepEqual(seen, ['begun'])
  ends.shift()!()
  assert.deepEqual(seen, ['begun', 'first'])
  ends.shift()!()
  assert.deepEqual(seen, ['begun', 'first', 'second', 'done undefined'])
})

test('what fails is thrown where it was waited for, and told when nobody caught it', () => {
  const seen: unknown[] = []
  const failing: Wait = (done) => done(refused)
  runSteps(
    function* () {
      try {
        yield failing
      } catch (error) {
        seen.push(error)
      }
      yield failing
      seen.push('not reached')
    },
    (error) => seen.push(error),
  )
  assert.deepEqual(seen, [refused, refused])
})

test('a mistake of ours is no answer of the disk', () => {
  const steps = () =>
    runSteps(
      // biome-ignore lint/correctness/useYield: it fails before its first wait
      function* () {
        throw new TypeError('ours')
      },
      () => assert.fail('told'),
    )
  assert.throws(steps, TypeError)
})
