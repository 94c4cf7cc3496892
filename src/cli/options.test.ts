import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandWords, parseOptions } from './options.ts'
import { parseUri } from './uri.ts'

test('options end where the command begins', () => {
  const options = parseOptions(['-p', '7000', '-n', '2', 'SET', '-p', '-x'], true)
  assert.equal(options.port, 7000)
  assert.equal(options.database, 2)
  assert.equal(options.readsLastArg, false)
  assert.deepEqual(options.command, ['SET', '-p', '-x'])
})

test('output is for people on a terminal and raw elsewhere, unless told', () => {
  assert.equal(parseOptions([], true).output, 'standard')
  assert.equal(parseOptions([], false).output, 'raw')
  assert.equal(parseOptions(['--no-raw'], false).output, 'standard')
  assert.equal(parseOptions(['--raw'], true).output, 'raw')
  assert.equal(parseOptions([], true).showsPushes, true)
  assert.equal(parseOptions(['--show-pushes', 'no'], true).showsPushes, false)
})

test('JSON asks for RESP3 unless a protocol is named', () => {
  assert.equal(parseOptions(['--json'], false).protocol, 'prefer3')
  assert.equal(parseOptions(['-2', '--json'], false).protocol, 2)
  assert.equal(parseOptions(['--json', '-3'], false).protocol, 3)
})

test('a command line that makes no sense is refused in one sentence', () => {
  const wrong: readonly (readonly [argv: string[], message: RegExp])[] = [
    [['-p', '65536'], /Invalid server port/],
    [['-p', 'x'], /Invalid server port/],
    [['-p'], /Unrecognized option or bad number of args for: '-p'/],
    [['--bogus'], /for: '--bogus'/],
    [['--cluster', 'info'], /not there yet/],
    [['-2', '-3'], /mutually exclusive/],
    [['-4', '-6'], /mutually exclusive/],
    [['-x', '-X', 'tag'], /mutually exclusive/],
    [['-c', '-s', '/s'], /mutually exclusive/],
    [['-r', 'often'], /whole number/],
    [['-i', '-1'], /number of seconds/],
    [['--show-pushes', 'x'], /'\[y\]es'/],
    [['--quoted-pattern', '"x'], /Invalid quoted string/],
    [['--memkeys-samples', '-2'], /positive/],
    [['-u', 'http://x'], /Invalid URI scheme/],
  ]
  for (const [argv, message] of wrong) {
    assert.throws(() => parseOptions(argv, true), { name: 'UsageError', message })
  }
})

test('a lone -h asks for help, one with a word names the host', () => {
  assert.equal(parseOptions(['-h'], true).mode, 'help')
  assert.equal(parseOptions(['-h', 'there'], true).host, 'there')
})

test('quoted input is unquoted, other words stay as they are', () => {
  const options = parseOptions(['--quoted-input', 'SET', '"a\\x00b"', 'x"y'], true)
  assert.deepEqual(commandWords(options).map(String), ['SET', 'a\0b', 'x"y'])
})

test('addresses are read in all their parts', () => {
  assert.deepEqual(parseUri('redis://'), { isTls: false })
  assert.deepEqual(parseUri('redis://h'), { isTls: false, host: 'h' })
  assert.deepEqual(parseUri('rediss://u:p%40ss@h:7/3'), {
    isTls: true,
    host: 'h',
    port: 7,
    user: 'u',
    password: 'p@ss',
    database: 3,
  })
  assert.deepEqual(parseUri('redis://secret@h'), { isTls: false, host: 'h', password: 'secret' })
  assert.deepEqual(parseUri('redis://:secret@h'), { isTls: false, host: 'h', password: 'secret' })
  assert.deepEqual(parseUri('redis://[::1]:80/'), { isTls: false, host: '::1', port: 80 })
  assert.deepEqual(parseUri('redis://:7/1'), { isTls: false, port: 7, database: 1 })
  assert.equal(typeof parseUri('redis://h:port'), 'string')
  assert.equal(typeof parseUri('redis://h/db'), 'string')
  assert.equal(typeof parseUri('redis://%zz@h'), 'string')
})
