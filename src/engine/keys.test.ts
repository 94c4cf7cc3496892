import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Request } from '../resp/index.ts'
import { aclCategories } from './categories.ts'
import { type CommandSpec, group, type KeySpec, keyAt, keysFrom } from './command.ts'
import { hasMovableKeys, keyPlaces, keyRange } from './keys.ts'
import { CommandTable } from './table.ts'

const numbered: KeySpec = {
  flags: ['RO', 'access'],
  begin: { kind: 'index', index: 1 },
  find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
}
const afterWord = (startFrom: number): KeySpec => ({
  flags: ['RO', 'access'],
  begin: { kind: 'keyword', keyword: 'STREAMS', startFrom },
  find: { kind: 'range', lastKey: -1, step: 1, limit: 2 },
})

function command(facts: Partial<CommandSpec>, groupName = 'string') {
  const spec: CommandSpec = {
    name: 'DO',
    syntax: '',
    summary: '',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: -1,
    flags: [],
    run() {},
    ...facts,
  }
  return new CommandTable([group(groupName, [spec])]).get('do')!
}

function positions(facts: Partial<CommandSpec>, ...words: string[]): number[] | undefined {
  const request = new Request()
  request.assign(['do', ...words].map((word) => Buffer.from(word)))
  return keyPlaces(command(facts), request)?.map(({ position }) => position)
}

test('keys at indexes and in ranges are found', () => {
  assert.deepEqual(positions({ keys: [keyAt(1, 'RO')] }, 'a', 'b'), [1])
  assert.deepEqual(positions({ keys: [keysFrom(1, -1, 1, 'RO')] }, 'a', 'b', 'c'), [1, 2, 3])
  assert.deepEqual(positions({ keys: [keysFrom(1, -1, 2, 'OW')] }, 'a', '1', 'b', '2'), [1, 3])
  assert.deepEqual(positions({ keys: [keysFrom(1, -2, 1, 'RW')] }, 'a', 'b', '0'), [1, 2])
})

test('a command says whether its first argument is a key', () => {
  const isKeyFirst = (...keys: KeySpec[]) => command({ keys }).isKeyFirst
  assert.equal(isKeyFirst(keyAt(1, 'RO')), true)
  assert.equal(isKeyFirst(keyAt(1, 'OW'), numbered), true)
  assert.equal(isKeyFirst(keysFrom(1, -1, 2, 'OW')), true)
  assert.equal(isKeyFirst(), false)
  assert.equal(isKeyFirst(numbered), false)
  assert.equal(isKeyFirst(keyAt(2, 'RO')), false)
  assert.equal(isKeyFirst(keyAt(1, 'not_key')), false)
})

test('keys behind a count are found, and a count that is wrong finds none', () => {
  const facts = { keys: [numbered] }
  assert.deepEqual(positions(facts, '2', 'a', 'b', 'x'), [2, 3])
  for (const count of ['0', '3', '-1', 'many']) {
    assert.equal(positions(facts, count, 'a', 'b'), undefined, count)
  }
})

test('keys behind a keyword are found from either end', () => {
  const words = ['COUNT', '1', 'streams', 'a', 'b', '0', '0']
  assert.deepEqual(positions({ keys: [afterWord(1)] }, ...words), [4, 5])
  assert.deepEqual(positions({ keys: [afterWord(-1)] }, ...words), [4, 5])
  assert.equal(positions({ keys: [afterWord(1)] }, 'COUNT', '1'), undefined)
})

test('a row that finds its keys itself is asked where the specifications are silent', () => {
  const unknown: KeySpec = {
    flags: ['RW', 'incomplete'],
    begin: { kind: 'unknown' },
    find: { kind: 'unknown' },
  }
  const facts: Partial<CommandSpec> = { keys: [unknown], findKeys: (args) => [args.count - 1] }
  assert.deepEqual(positions(facts, 'x', 'y', 'z'), [3])
  assert.equal(hasMovableKeys(command(facts).spec), true)
})

test('arguments that are no keys do not count', () => {
  assert.equal(positions({ keys: [keyAt(1, 'not_key')] }, 'a'), undefined)
})

test('variable flags come from the row', () => {
  const request = new Request()
  request.assign(['do', 'k', 'GET'].map((word) => Buffer.from(word)))
  const row = command({
    keys: [keyAt(1, 'RW', 'variable_flags')],
    keyFlags: (args) => (args.left > 1 ? ['RW', 'access'] : ['OW']),
  })
  assert.deepEqual(keyPlaces(row, request), [{ position: 1, flags: ['RW', 'access'] }])
})

test('the range in short joins specifications that follow each other', () => {
  const range = (...keys: KeySpec[]) => keyRange(command({ keys }).spec)
  assert.deepEqual(range(), { first: 0, last: 0, step: 0 })
  assert.deepEqual(range(keysFrom(1, -1, 2, 'OW')), { first: 1, last: -1, step: 2 })
  assert.deepEqual(range(keyAt(1, 'RO'), keyAt(2, 'OW')), { first: 1, last: 2, step: 1 })
  assert.deepEqual(range(keyAt(2, 'OW'), keysFrom(3, -1, 1, 'RO')), { first: 2, last: -1, step: 1 })
  assert.deepEqual(range(numbered), { first: 0, last: 0, step: 0 })
  const movable = (...keys: KeySpec[]) => hasMovableKeys(command({ keys }).spec)
  assert.equal(movable(keyAt(1, 'RO'), keyAt(2, 'OW')), false)
  assert.equal(movable(keyAt(1, 'RO'), keyAt(3, 'OW')), true)
  assert.equal(movable(numbered), true)
  assert.equal(movable(), false)
})

test('categories follow from group and flags, and a row adds and takes away', () => {
  const of = (facts: Partial<CommandSpec>, groupName?: string) =>
    aclCategories(command(facts, groupName))
  assert.deepEqual(of({ flags: ['readonly', 'fast'] }), ['read', 'string', 'fast'])
  assert.deepEqual(of({ flags: ['admin'] }, 'server'), ['admin', 'slow', 'dangerous'])
  assert.deepEqual(of({ flags: ['write'], acl: ['dangerous', '-keyspace'] }, 'generic'), [
    'write',
    'slow',
    'dangerous',
  ])
  assert.deepEqual(of({ flags: ['readonly'] }, 'scripting'), ['slow', 'scripting'])
})

test('a row that finds its keys itself may say what is done with each', () => {
  const finds: CommandSpec['findKeys'] = (args) => [
    args.at,
    { position: args.count - 1, flags: ['OW', 'update'] },
  ]
  const facts = { keys: [keyAt(1, 'RO'), { ...numbered, begin: { kind: 'unknown' } as const }] }
  const request = new Request()
  request.assign(['do', 'a', 'b'].map((word) => Buffer.from(word)))
  assert.deepEqual(keyPlaces(command({ ...facts, findKeys: finds }), request), [
    { position: 1, flags: ['RO'] },
    { position: 2, flags: ['OW', 'update'] },
  ])
})
