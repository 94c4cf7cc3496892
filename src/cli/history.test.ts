import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { dotFile, HISTORY_LINES_MAX, History, isSensitive } from './history.ts'

test('commands with secrets are known, whatever their case', () => {
  const secret = [
    'AUTH pw',
    'auth user pw',
    'ACL SETUSER x >pw',
    'config set maxmemory 1 REQUIREPASS pw',
    'HELLO 3 AUTH u pw',
    'hello 3 setname x auth u pw',
    'MIGRATE h 1 k 0 5 AUTH pw',
    'migrate h 1 k 0 5 COPY auth2 u pw',
    'sentinel set m auth-pass pw',
  ]
  const plain = ['GET auth', 'ACL LIST', 'CONFIG GET requirepass', 'HELLO 3', 'SET requirepass x']
  for (const line of secret) assert.equal(isSensitive(line.split(' ')), true, line)
  for (const line of plain) assert.equal(isSensitive(line.split(' ')), false, line)
})

test('lines come back in the next run, newest first, and only their owner can read them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  try {
    const path = join(folder, 'history')
    const first = new History(path)
    for (const line of ['one', 'two', 'two', 'three']) first.add(line)
    assert.deepEqual(new History(path).newestFirst, ['three', 'two', 'one'])
    assert.equal(statSync(path).mode & 0o777, 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a history that has grown too long is cut to the newest lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  try {
    const path = join(folder, 'history')
    const lines = Array.from({ length: HISTORY_LINES_MAX + 1 }, (_, at) => `line ${at}`)
    writeFileSync(path, `${lines.join('\n')}\n`)
    const history = new History(path)
    assert.equal(history.newestFirst.length, HISTORY_LINES_MAX)
    assert.equal(readFileSync(path, 'utf8'), `${lines.slice(1).join('\n')}\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a history that cannot be kept is no reason to fail', () => {
  const history = new History('/dev/null/no/such/place')
  history.add('one')
  assert.deepEqual(history.newestFirst, ['one'])
})

test('a variable moves a file of the tool, and /dev/null does without', () => {
  assert.equal(dotFile({ HOME: '/home/me' }, 'VAR', '.file'), join('/home/me', '.file'))
  assert.equal(dotFile({ HOME: '/home/me', VAR: '/x' }, 'VAR', '.file'), '/x')
  assert.equal(dotFile({ VAR: '/dev/null' }, 'VAR', '.file'), undefined)
})
