/** The tools for files, as they are run by hand: what they say, what they make, and what they leave alone. */
import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { replyText } from '../src/resp/reply.ts'
import { Link } from './support/link.ts'
import {
  freshFolder,
  needsProgram,
  needsReference,
  removeFolder,
  runHoldfast,
  runToEnd,
  startHoldfast,
  startReference,
} from './support/servers.ts'

let folder: string
beforeEach(() => {
  folder = freshFolder()
})
afterEach(() => removeFolder(folder))

const LIBRARY = '#!lua name=mine\nredis.register_function("one", function() return 1 end)'
const BINARY = Buffer.from([0xff, 0, 0x80, 10])
const FILL: readonly (readonly (string | Uint8Array)[])[] = [
  ['SET', 'text', 'grüße'],
  ['SET', 'bytes', BINARY],
  ['SET', BINARY, '17'],
  ['SET', 'timed', 'v', 'PXAT', '4000000000000'],
  ['RPUSH', 'list', 'a', 'b', 'a'],
  ['SADD', 'set', '1', '2', 'x'],
  ['ZADD', 'zset', '1.5', 'a', '-inf', 'b', '1e300', 'c'],
  ['HSET', 'hash', 'f', '1', 'g', '2'],
  ['HPEXPIREAT', 'hash', '4000000000000', 'FIELDS', '1', 'g'],
  ['XADD', 'stream', '1-1', 'f', 'v'],
  ['XADD', 'stream', '2-1', 'f', 'v', 'g', BINARY],
  ['XGROUP', 'CREATE', 'stream', 'group', '0'],
  ['XREADGROUP', 'GROUP', 'group', 'me', 'COUNT', '2', 'STREAMS', 'stream', '>'],
  ['XGROUP', 'CREATECONSUMER', 'stream', 'group', 'other'],
  ['XDEL', 'stream', '1-1'],
  ['SELECT', '9'],
  ['SET', 'elsewhere', 'v'],
]

async function folderOf(commands: readonly (readonly (string | Uint8Array)[])[]): Promise<string> {
  const directives = ['--appendonly', 'yes', '--aof-timestamp-enabled', 'yes']
  const data = join(folder, 'data')
  mkdirSync(data)
  const server = await startHoldfast({ folder: data, directives })
  const link = await Link.open(server.port)
  try {
    for (const argv of commands) await link.ask(...argv)
  } finally {
    link.close()
    await server.end()
  }
  return data
}

async function good(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runHoldfast(args)
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

async function refused(...args: string[]): Promise<string> {
  const { status, stderr } = await runHoldfast(args)
  assert.equal(status, 1)
  assert.match(stderr, /^holdfast \w+: [^\n]+\n$/)
  return stderr
}

const sorted = (text: string) => text.split('\n').sort()

test('every type goes through each form and comes back the same', async () => {
  const data = await folderOf(FILL)
  const lines = await good('dump', data)
  assert.match(lines, /"value":"grüße"/)
  assert.match(lines, /{"base64":"\/wCACg=="}/)
  assert.match(lines, /\["g","2",4000000000000\]/)
  assert.equal(lines.trimEnd().split('\n').length, 10)
  for (const format of ['json', 'rdb', 'aof']) {
    const out = join(folder, `out.${format}`)
    await good('dump', data, '--format', format, '-o', out)
    assert.deepEqual(sorted(await good('dump', out)), sorted(lines), format)
    const made = join(folder, `made-${format}`)
    await good('import', out, '--to', made)
    assert.deepEqual(sorted(await good('dump', made)), sorted(lines), format)
    assert.match(await good('check', made), /database 0: 9 keys/)
  }
})

test("the reference's checkers accept what is made", {
  skip: needsProgram('redis-check-rdb') || needsProgram('redis-check-aof'),
}, async () => {
  const data = await folderOf(FILL.filter(([name]) => name !== 'HPEXPIREAT'))
  const made = join(folder, 'made')
  await good('import', data, '--to', made)
  const rdb = await runToEnd('redis-check-rdb', [join(made, 'dump.rdb')])
  assert.equal(rdb.status, 0, rdb.stdout)
  const manifest = join(made, 'appendonlydir', 'appendonly.aof.manifest')
  const aof = await runToEnd('redis-check-aof', [manifest])
  assert.equal(aof.status, 0, aof.stdout + aof.stderr)
})

test('check tells where a log is cut, and repairs it beside the original', async () => {
  const data = await folderOf([['SET', 'k', 'v']])
  const log = join(data, 'appendonlydir', 'appendonly.aof.1.incr.aof')
  const whole = readFileSync(log)
  appendFileSync(log, '*2\r\n$3\r\nDE')
  const cut = readFileSync(log)
  const bad = await runHoldfast(['check', data])
  assert.equal(bad.status, 1)
  assert.match(bad.stdout, new RegExp(`at byte ${whole.length}: the file ends inside`))
  assert.deepEqual(readFileSync(log), cut)
  assert.match(await good('check', data, '--fix'), /FIXED/)
  assert.deepEqual(readFileSync(log), whole)
  assert.deepEqual(readFileSync(`${log}.original`), cut)
  await good('check', data)
})

test('check --fix cuts off what is damaged in the last file, and nothing before that', async () => {
  const data = await folderOf([['SET', 'k', 'v']])
  const log = join(data, 'appendonlydir', 'appendonly.aof.1.incr.aof')
  const whole = readFileSync(log)
  appendFileSync(log, '*2\r\n$3\r\nDEL\r\n$1\r\nkk\r\n*1\r\n$4\r\nPING\r\n')
  const damaged = readFileSync(log)
  const bad = await runHoldfast(['check', data])
  assert.equal(bad.status, 1)
  assert.match(bad.stdout, new RegExp(`all before byte ${whole.length} is whole`))
  assert.deepEqual(readFileSync(log), damaged)
  assert.match(await good('check', data, '--fix'), /FIXED/)
  assert.deepEqual(readFileSync(log), whole)
  assert.deepEqual(readFileSync(`${log}.original`), damaged)

  const manifest = join(data, 'appendonlydir', 'appendonly.aof.manifest')
  appendFileSync(manifest, 'file appendonly.aof.2.incr.aof seq 2 type i\n')
  writeFileSync(join(data, 'appendonlydir', 'appendonly.aof.2.incr.aof'), whole)
  writeFileSync(log, damaged)
  const middle = await runHoldfast(['check', data, '--fix'])
  assert.equal(middle.status, 1)
  assert.match(middle.stdout, /not the last file of the log/)
  assert.deepEqual(readFileSync(log), damaged)
})

test('import puts data into a running server, and leaves what it has unless told', async () => {
  const data = await folderOf([...FILL, ['FUNCTION', 'LOAD', LIBRARY]])
  const lines = sorted(await good('dump', data))
  const server = await startHoldfast()
  const link = await Link.open(server.port)
  const port = String(server.port)
  try {
    for (const format of ['json', 'rdb', 'aof']) {
      await link.ask('FLUSHALL')
      await link.ask('FUNCTION', 'FLUSH')
      const out = join(folder, `out.${format}`)
      await good('dump', data, '--format', format, '-o', out)
      await refused('import', out, '--format', format === 'json' ? 'rdb' : 'json', '--port', port)
      const said = await good('import', out, '--format', format, '--port', port)
      assert.match(said, /imported 10 keys into 127\.0\.0\.1:/)
      await link.ask('SAVE')
      assert.deepEqual(sorted(await good('dump', server.folder)), lines, format)
    }
    await link.ask('SET', 'text', 'mine')
    await link.ask('FUNCTION', 'FLUSH')
    assert.match(await good('import', data, '--port', port), /imported 0 keys .* 10 were there/)
    assert.equal(replyText(await link.ask('GET', 'text')), 'mine')
    await good('import', data, '--port', port, '--replace')
    assert.equal(replyText(await link.ask('GET', 'text')), 'grüße')
    await refused('import', data, '--port', port, '--to', join(folder, 'both'))
    await refused('import', data, '--port', port, '--password', 'wrong')
  } finally {
    link.close()
    await server.end()
  }
  assert.match(await refused('import', data, '--port', port), /cannot connect/)
})

test('a collection of many elements is read and written in pieces', async () => {
  const out = join(folder, 'many.json')
  const fields = Array.from({ length: 200_000 }, (_, i) => [`field ${i}`, `value ${i}`])
  const line = { db: 0, key: 'many', type: 'hash', value: fields }
  writeFileSync(out, `${JSON.stringify(line)}\n`)
  const made = join(folder, 'made')
  await good('import', out, '--to', made)
  const again = JSON.parse(await good('dump', made)) as typeof line
  assert.deepEqual({ ...again, value: again.value.length }, { ...line, value: fields.length })
  assert.deepEqual(
    new Map(again.value as [string, string][]),
    new Map(fields as [string, string][]),
  )
})

test('a server of the reference loads whatever is made, and takes an import', {
  skip: needsReference,
}, async () => {
  const data = await folderOf(FILL.filter(([name]) => name !== 'HPEXPIREAT'))
  const digestIn = async (made: string, ...directives: string[]) => {
    const options = ['--enable-debug-command', 'yes', ...directives]
    const server = await startReference({ folder: made, directives: options })
    try {
      const link = await Link.open(server.port)
      const size = replyText(await link.ask('DBSIZE'))
      const digest = replyText(await link.ask('DEBUG', 'DIGEST'))
      link.close()
      return `${size} ${digest}`
    } finally {
      await server.end()
    }
  }
  const LOGGED = ['--appendonly', 'yes']
  const inFolder = async (format: string, name: string) => {
    const made = join(folder, format)
    mkdirSync(made)
    await good('dump', data, '--format', format, '-o', join(made, name))
    return made
  }
  const restored = join(folder, 'restored')
  await good('restore', data, '--at', '4000000000', '--to', restored)
  const imported = join(folder, 'imported')
  await good('import', data, '--to', imported)
  const expected = await digestIn(await inFolder('rdb', 'dump.rdb'))
  assert.match(expected, /^9 [0-9a-f]{40}$/)
  assert.equal(await digestIn(await inFolder('aof', 'appendonly.aof'), ...LOGGED), expected)
  assert.equal(await digestIn(imported), expected)
  assert.equal(await digestIn(imported, ...LOGGED), expected)
  assert.equal(await digestIn(restored, ...LOGGED), expected)

  const server = await startReference({ directives: ['--enable-debug-command', 'yes'] })
  try {
    await good('import', data, '--port', String(server.port))
    const link = await Link.open(server.port)
    const digest = replyText(await link.ask('DEBUG', 'DIGEST'))
    link.close()
    assert.equal(`9 ${digest}`, expected)
  } finally {
    await server.end()
  }
})

test('check names the byte of what is damaged, and what is no file of a store', async () => {
  const data = await folderOf(FILL)
  const rdb = join(folder, 'a.rdb')
  await good('dump', data, '--format', 'rdb', '-o', rdb)
  const bytes = readFileSync(rdb)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(rdb, bytes)
  const { status, stdout } = await runHoldfast(['check', rdb])
  assert.equal(status, 1)
  assert.match(stdout, /at byte \d+: RDB CRC error: the checksum is not that of the data/)
  writeFileSync(rdb, '')
  assert.match((await runHoldfast(['check', rdb])).stdout, /BAD .* at byte 0: the signature/)
  await refused('check', join(folder, 'missing'))
  await refused('dump', data, '--format', 'xml')
})

test('restore goes back before a command and to a time, and leaves its source alone', async () => {
  const data = await folderOf([['SET', 'k', 'v'], ['FLUSHALL'], ['SET', 'after', 'v']])
  const log = join(data, 'appendonlydir', 'appendonly.aof.1.incr.aof')
  const before = readFileSync(log)
  const made = join(folder, 'made')
  await good('restore', data, '--before-command', 'flushall', '--to', made)
  assert.match(await good('dump', made), /^{"db":0,"key":"k","type":"string","value":"v"}\n$/)
  assert.deepEqual(readFileSync(log), before)

  const set = (key: string) => `*3\r\n$3\r\nSET\r\n$1\r\n${key}\r\n$1\r\nv\r\n`
  const single = join(folder, 'single.aof')
  const group = `*1\r\n$5\r\nMULTI\r\n${set('b')}#TS:3000\r\n${set('c')}*1\r\n$4\r\nEXEC\r\n`
  writeFileSync(single, `#TS:1000\r\n${set('a')}#TS:2000\r\n${set('d')}${group}`)
  const then = join(folder, 'then')
  await good('restore', single, '--at', '1970-01-01T00:40:00Z', '--to', then)
  const lines = sorted(await good('dump', then)).filter((line) => line !== '')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).key),
    ['a', 'd'],
  )
  await good('check', then)
  const no = join(folder, 'no')
  assert.match(await refused('restore', single, '--at', '999', '--to', no), /later/)
  assert.match(await refused('restore', data, '--at', '2000', '--to', no), /later/)
  assert.match(await refused('restore', single, '--at', '2000', '--to', then), /not empty/)
  writeFileSync(single, set('a'))
  assert.match(await refused('restore', single, '--at', '2000', '--to', no), /without timestamps/)
  assert.ok(!existsSync(no))
  assert.deepEqual(readdirSync(then), ['single.aof'])
})
