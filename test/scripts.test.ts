/** Scripts that take too long, or too much: over sockets, against a server of our own. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { replyText } from '../src/resp/reply.ts'
import { Link } from './support/link.ts'
import { type Server, startHoldfast } from './support/servers.ts'

const BUSY = /^BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN/
const BUSY_FUNCTION = /^BUSY Redis is busy running a script. You can only call FUNCTION KILL or/
const WAIT_MS_MAX = 20_000

let server: Server
let runner: Link
let other: Link

before(async () => {
  const directives = ['--busy-reply-threshold', '20', '--lua-memory-limit', '64mb']
  server = await startHoldfast({ directives })
  runner = await Link.open(server.port)
  other = await Link.open(server.port)
})

after(async () => {
  runner.close()
  other.close()
  await server.stop()
})

afterEach(async () => {
  await other.ask('FLUSHALL')
})

/** Asks for something until the answer is as it should be: that a script takes too long, or does not. */
async function untilAnswer(pattern: RegExp): Promise<void> {
  for (const until = Date.now() + WAIT_MS_MAX; Date.now() < until; ) {
    if (pattern.test((await other.text('PING')) ?? '')) return
  }
  throw new Error(`the answer to PING was never like ${pattern}`)
}

for (const [what, script] of [
  ['a loop', 'while true do end'],
  ['a loop that catches errors', 'while true do pcall(function() while true do end end) end'],
  ['a loop that calls commands', "while true do redis.call('EXISTS', 'k') end"],
  ['calls without end', 'local function f() return f() end f()'],
  [
    'a metamethod',
    'local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x',
  ],
  ['a comparison', 'table.sort({3, 2, 1}, function() while true do end end)'],
  ['a replacement', "('x'):gsub('x', function() while true do end end)"],
  [
    'a coroutine',
    'coroutine.wrap(function() while true do coroutine.yield() end end)() while true do end',
  ],
  ['an iterator', 'for _ in function() return 1 end do end'],
] as const) {
  test(`${what} without end is answered for and can be ended`, async () => {
    const answer = runner.text('EVAL', script, '0')
    await untilAnswer(BUSY)
    assert.match((await other.text('FUNCTION', 'KILL')) ?? '', BUSY)
    assert.match((await other.text('FUNCTION', 'STATS')) ?? '', BUSY)
    assert.equal(await other.text('SCRIPT', 'KILL'), 'OK')
    assert.match((await answer) ?? '', /Script killed by user with SCRIPT KILL/)
    assert.equal(await other.text('PING'), 'PONG')
  })
}

test('a function without end is told of and can be ended', async () => {
  const code = "#!lua name=l\nredis.register_function('forever', function() while true do end end)"
  assert.equal(await other.text('FUNCTION', 'LOAD', code), 'l')
  const answer = runner.text('FCALL', 'forever', '0')
  await untilAnswer(BUSY_FUNCTION)
  assert.match((await other.text('SCRIPT', 'KILL')) ?? '', BUSY_FUNCTION)
  const stats = await other.ask('FUNCTION', 'STATS')
  assert.equal(stats.kind, 'array')
  const [, running] = stats.kind === 'array' ? stats.items : []
  const [, name, , command] = running?.kind === 'array' ? running.items : []
  assert.equal(name?.kind === 'bulk' && replyText(name), 'forever')
  assert.equal(command?.kind === 'array' && command.items.length, 3)
  assert.equal(await other.text('FUNCTION', 'KILL'), 'OK')
  assert.match((await answer) ?? '', /Script killed by user/)
})

test('a script that has written is not ended, and what it does is done once and whole', async () => {
  const script =
    "for i = 1, 5000 do redis.call('INCR', 'n') for j = 1, 2000 do end end " +
    "return redis.call('GET', 'n')"
  const answer = runner.text('EVAL', script, '0')
  await untilAnswer(BUSY)
  assert.match((await other.text('SCRIPT', 'KILL')) ?? '', /^UNKILLABLE /)
  assert.match((await other.text('SHUTDOWN')) ?? '', BUSY)
  assert.equal(await answer, '5000')
  assert.equal(await other.text('GET', 'n'), '5000')
})

test('a transaction in which a script takes too long goes on after it', async () => {
  await runner.ask('MULTI')
  await runner.ask('SET', 'a', '1')
  const script = "local t = redis.call('TIME') for i = 1, 3e7 do end return redis.call('INCR', 'a')"
  await runner.ask('EVAL', script, '0')
  await runner.ask('INCR', 'a')
  const answer = runner.ask('EXEC')
  await untilAnswer(BUSY)
  const reply = await answer
  assert.equal(reply.kind, 'array')
  assert.equal(await other.text('GET', 'a'), '3')
})

test('a script that would take too much memory or depth is refused, and the server goes on', async () => {
  const failing = [
    "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end",
    "return ('x'):rep(1e10)",
    'local function f() return f() + 1 end return f()',
    "local s = 'x' while true do s = s .. s end",
  ]
  for (const script of failing) {
    assert.match(
      (await runner.text('EVAL', script, '0')) ?? '',
      /memory|overflow|too large/,
      script,
    )
  }
  await untilAnswer(/^PONG$/)
})
