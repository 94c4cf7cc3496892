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

test('DEBUG DIGEST-VALUE is that of the reference for every type', () => {
  const world = debugging()
  const commands = [
    ['RPUSH', 'l', 'a', '1', ''],
    ['SADD', 'i', '1', '2'],
    ['SADD', 's', 'a', 'b', '3'],
    ['ZADD', 'z', '1', 'a', '10000000000', 'b', 'inf', 'c', '0.1', 'd'],
    ['HSET', 'h', 'f', 'v', 'g', '1'],
    ['HSET', 'e', 'f', 'v'],
    ['HPEXPIRE', 'e', '100000', 'FIELDS', '1', 'f'],
    ['XADD', 'x', '1-2', 'f', 'v', 'g', 'w'],
    ['XADD', 'x', '18446744073709551615-3', 'f', 'u', 'g', 'w'],
    ['XADD', 'x', '18446744073709551615-4', 'other', ''],
  ]
  for (const words of commands) world.ask(...words)
  const lines = world.ask('DEBUG', 'DIGEST-VALUE', 'l', 'i', 's', 'z', 'h', 'e', 'x').split('\r\n')
  assert.deepEqual(lines.slice(1, -1), [
    '+7736d67ea0f4464c2ae9cbe1f5e7598c4395e6d3',
    '+5d9842e5bd79f833c83b3535ec4a6836aba6d1fd',
    '+aa475a4a8f122ca5936aa41d911aacf8c93b827d',
    '+d6e8b2f03726716f2aa7cab3f3069941d7a2e756',
    '+6679ee22f89ed8001eeb5309d0900265ea56c03a',
    '+74b891d3701022bf67574b56900ce11f3e5270b3',
    '+5fb76c0292fe57e16d1cd01f109636200b96fcf9',
  ])
  assert.equal(world.ask('DEBUG', 'DIGEST'), '+78cd8910e80143ef9893b0f78632884c7859e594\r\n')
})

test('DEBUG looks at structures by the names of their encodings', () => {
  const world = debugging()
  world.ask('HSET', 'h', 'f', 'v')
  world.ask('RPUSH', 'l', 'x'.repeat(9000))
  world.ask('SADD', 's', ...Array.from({ length: 200 }, (_, i) => `m${i}`))
  assert.equal(world.ask('DEBUG', 'LISTPACK', 'h'), '+Listpack structure printed on stdout\r\n')
  assert.equal(world.ask('DEBUG', 'LISTPACK', 'l'), '-ERR Not a listpack encoded object.\r\n')
  assert.equal(world.ask('DEBUG', 'QUICKLIST', 'h'), '-ERR Not a quicklist encoded object.\r\n')
  assert.match(world.ask('DEBUG', 'OBJECT', 'l'), /encoding:quicklist .* ql_nodes:1 /)
  assert.match(world.ask('DEBUG', 'OBJECT', 'h'), /encoding:listpack serializedlength:\d+ lru:/)
  assert.match(world.ask('DEBUG', 'HTSTATS-KEY', 's'), /table size: 256\n number of elements: 200/)
  assert.match(
    world.ask('DEBUG', 'HTSTATS-KEY', 'h'),
    /^-ERR The value stored at the specified key/,
  )
  assert.equal(world.ask('DEBUG', 'OBJECT', 'missing'), '-ERR no such key\r\n')
  assert.match(world.ask('DEBUG', 'RELOAD', 'FOO'), /^-ERR DEBUG RELOAD only supports/)
})

test('DEBUG SDSLEN tells the lengths of a key and its string', () => {
  const world = debugging()
  world.ask('SET', 'key', 'some text')
  world.ask('APPEND', 'key', ' and more')
  assert.match(
    world.ask('DEBUG', 'SDSLEN', 'key'),
    /^\+key_sds_len:3, key_sds_avail:0, key_zmalloc: 3, val_sds_len:18, val_sds_avail:0, val_zmalloc: \d\d\r\n$/,
  )
  world.ask('SET', 'long', 'x'.repeat(100_000))
  assert.match(world.ask('DEBUG', 'SDSLEN', 'long'), /val_sds_len:100000, .* val_zmalloc: 10\d{4}/)
  world.ask('SET', 'number', '12')
  world.ask('RPUSH', 'list', 'a')
  for (const key of ['number', 'list']) {
    assert.equal(world.ask('DEBUG', 'SDSLEN', key), '-ERR Not an sds encoded string.\r\n')
  }
  assert.equal(world.ask('DEBUG', 'SDSLEN', 'missing'), '-ERR no such key\r\n')
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
  world.ask('SET', 'k', 'v', 'PX', 1)
  world.host.clock.advance(10)
  assert.match(world.ask('DEBUG', 'OBJECT', 'k'), /^\+Value at/, 'it is past its time but there')
  assert.equal(world.ask('EXISTS', 'k'), ':0\r\n')
  assert.equal(world.ask('DEBUG', 'OBJECT', 'k'), '-ERR no such key\r\n')
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
