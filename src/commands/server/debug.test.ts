import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestWorld } from '../world.fixture.ts'

const debugging = () => new TestWorld(1, ['--enable-debug-command', 'yes'])

test('DEBUG DIGEST is that of the reference', () => {
  // What the reference answers for the same data.
  const world = debugging()
  assert.equal(world.ask('DEBUG', 'DIGEST'), `+${'0'.repeat(40)}\r\n`)
  world.ask('SET', 'a', 'hello')
  world.ask('SET', 'n', '42')
  assert.equal(world.ask('DEBUG', 'DIGEST'), '+f8660c4e20f11d15fcd8efc0351969ec22ef7755\r\n')
  assert.equal(
    world.ask('DEBUG', 'DIGEST-VALUE', 'a', 'n', 'missing'),
    '*3\r\n+36b23a1456b2dce2c3ed252c456761301dba8060\r\n' +
      `+547a004a370bc71c2d611f010c52f2e7b64c77a4\r\n+${'0'.repeat(40)}\r\n`,
  )
  world.ask('SELECT', '3')
  world.ask('SET', 'z', 'zz', 'PX', '100000000')
  assert.equal(world.ask('DEBUG', 'DIGEST'), '+7dd4521eb0d166f4e2cfbe4604af65342ec558e0\r\n')
  assert.equal(
    world.ask('DEBUG', 'DIGEST-VALUE', 'z'),
    '*1\r\n+de13fbec632b62cf785fe3ca0dfc7bd0f3d2ab54\r\n',
  )
})

test('DEBUG tells of a list what the reference does', () => {
  const world = debugging()
  world.ask('RPUSH', 'list', 'a', '1', '', 'b\r\n')
  world.keyspace.limits.listMaxListpackSize = 2
  world.keyspace.limits.listCompressDepth = 1
  world.ask('RPUSH', 'long', 'a', 'b', 'c', 'd', 'e')
  assert.equal(
    world.ask('DEBUG', 'DIGEST-VALUE', 'list', 'long'),
    '*2\r\n+c832395dccb1f5e7e1d229712ef375f9c2f306ed\r\n' +
      '+379ea013f19d28532bfe02547a18f045cf890a7e\r\n',
  )
  assert.match(
    world.ask('DEBUG', 'OBJECT', 'long'),
    / ql_nodes:3 ql_avg_node:1\.67 ql_listpack_max:2 ql_compressed:1 ql_uncompressed_size:36\r\n$/,
  )
  // Elements that are nodes of their own.
  world.ask('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '3b')
  world.ask('RPUSH', 'long', 'ab', 'abc', 'abcd')
  assert.match(world.ask('DEBUG', 'OBJECT', 'long'), / ql_nodes:5 ql_avg_node:1\.60 /)
})

test('DEBUG is for those whom enable-debug-command names', () => {
  const outcome = (setting: string, address: string) => {
    const world = new TestWorld(1, ['--enable-debug-command', setting])
    Object.assign(world.client.origin, { address })
    return world.ask('DEBUG', 'DIGEST').slice(0, 30)
  }
  const refused = '-ERR DEBUG command not allowed'
  assert.equal(outcome('no', '127.0.0.1:5'), refused)
  assert.notEqual(outcome('yes', '192.168.0.9:5'), refused)
  assert.equal(outcome('local', '192.168.0.9:5'), refused)
  assert.equal(outcome('local', '127.0.0.10:5'), refused)
  assert.notEqual(outcome('local', '127.0.0.1:5'), refused)
  assert.notEqual(outcome('local', '[::1]:5'), refused)
})

test('DEBUG SET-ACTIVE-EXPIRE and DEBUG LOG reach the store', () => {
  const world = debugging()
  assert.equal(world.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0'), '+OK\r\n')
  assert.equal(world.isExpireActive, false)
  assert.equal(world.ask('debug', 'set-active-expire', '1'), '+OK\r\n')
  assert.equal(world.isExpireActive, true)
  assert.equal(world.ask('DEBUG', 'LOG', 'hello'), '+OK\r\n')
  assert.deepEqual(world.warnings, ['DEBUG LOG: hello'])
})

test('DEBUG POPULATE adds keys that are not there, and no effects', () => {
  const world = debugging()
  world.ask('SET', 'key:1', 'mine')
  world.takeEffects()
  assert.equal(world.ask('DEBUG', 'POPULATE', '3'), '+OK\r\n')
  assert.equal(world.ask('DEBUG', 'POPULATE', '1', 'long', '20'), '+OK\r\n')
  assert.equal(world.takeEffects(), '')
  assert.deepEqual(world.words('MGET', 'key:0', 'key:1', 'key:2', 'long:0'), [
    'value:0',
    'mine',
    'value:2',
    'value:0'.padEnd(20, '\0'),
  ])
})

test('DEBUG OBJECT tells of an entry without using it', () => {
  const world = debugging()
  assert.equal(world.ask('DEBUG', 'OBJECT', 'k'), '-ERR no such key\r\n')
  const lengths = { '1': 2, '-32769': 5, '200': 3, '12345678901': 12, hello: 6 }
  for (const [value, size] of Object.entries(lengths)) {
    world.ask('SET', 'k', value)
    world.host.clock.advance(3000)
    const text = world.ask('DEBUG', 'OBJECT', 'k')
    assert.match(
      text,
      new RegExp(`^\\+Value at:0x[0-9a-f]+ refcount:\\d+ encoding:\\w+ serializedlength:${size} `),
    )
    assert.match(text, / lru:\d+ lru_seconds_idle:3\r\n$/)
  }
})

test('DEBUG refuses subcommands that it has not, and wrong numbers of arguments', () => {
  const world = debugging()
  for (const argv of [['foo'], ['SLEEP'], ['digest', 'x'], ['toString'], ['OBJECT', 'a', 'b']]) {
    assert.equal(
      world.ask('DEBUG', ...argv),
      `-ERR unknown subcommand or wrong number of arguments for '${argv[0]}'. Try DEBUG HELP.\r\n`,
    )
  }
  assert.match(world.ask('DEBUG', 'HELP'), /^\*\d+\r\n\+DEBUG <subcommand> /)
})

test('DEBUG PROTOCOL shows each kind of reply in both protocols', () => {
  const world = debugging()
  assert.equal(world.ask('DEBUG', 'PROTOCOL', 'double'), '$5\r\n3.141\r\n')
  assert.equal(
    world.ask('DEBUG', 'PROTOCOL', 'push'),
    '-ERR RESP2 is not supported by this command\r\n',
  )
  world.client.isResp3 = true
  assert.equal(world.ask('DEBUG', 'PROTOCOL', 'double'), ',3.141\r\n')
  assert.match(world.ask('DEBUG', 'PROTOCOL', 'ATTRIB'), /^\|1\r\n\$14\r\nkey-popularity/)
  assert.match(world.ask('DEBUG', 'PROTOCOL', 'push'), /^\$40\r\n.*\r\n>2\r\n/s)
  assert.match(world.ask('DEBUG', 'PROTOCOL', 'thing'), /^-ERR Wrong protocol type name\./)
})
