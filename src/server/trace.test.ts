import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../../test/support/paths.ts'
import { tracedStack } from './trace.ts'

const PROGRAM = join(root, 'dist', 'bundle', 'program', 'program.cjs')

/** Where a text stands in a file, line and column from 1. In a joined file its line may be broken. */
function placeOf(path: string, text: string) {
  const broken = new RegExp([...text].join('(?:\\\\\n)?'))
  const before = readFileSync(path, 'utf8').split(broken)
  assert.equal(before.length, 2, `${text} stands once in ${path}`)
  const lines = before[0]!.split('\n')
  return { line: lines.length, column: lines.at(-1)!.length + 1 }
}

function errorAt(stack: string): Error {
  const error = new Error('one')
  error.stack = stack
  return error
}

test('the stack of an error names places in the sources', () => {
  const text = 'the arena is full: 32 GiB of small blocks'
  const { line, column } = placeOf(PROGRAM, text)
  const source = placeOf(join(root, 'src', 'arena', 'arena.ts'), text)
  const stack = (place: string) => `RangeError: one\n    at e.take (${place})\n    at node:net:1:2`
  const found = tracedStack(errorAt(stack(`${PROGRAM}:${line}:${column}`)))
  const place = `src/arena/arena.ts:${source.line}:`
  assert.ok(found.startsWith(`RangeError: one\n    at e.take (${place}`), found)
  assert.ok(found.endsWith(')\n    at node:net:1:2'), found)
})

test('a place without a map stays as it is', () => {
  const stack = 'Error: one\n    at /nowhere/a.js:1:2\n    at b (/nowhere/b.cjs:3:4)'
  assert.equal(tracedStack(errorAt(stack)), stack)
  assert.equal(tracedStack('one'), 'one')
})
