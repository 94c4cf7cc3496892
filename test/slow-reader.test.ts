/** Clients that do not read what they are sent: bounded, and no burden for others. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { encode, Link } from './support/link.ts'
import { startHoldfast } from './support/servers.ts'

const VALUE_BYTES = 1 << 20
/** Far more than the kernel's buffers and the limit hold. */
const REQUESTS = 64
const DEADLINE_MS = 20_000

test('a client that reads nothing is cut off at its limit while others are served', async () => {
  const limit = ['--client-output-buffer-limit', 'normal', '8mb', '0', '0']
  const server = await startHoldfast({ directives: limit })
  const other = await Link.open(server.port)
  try {
    assert.equal(await other.text('SET', 'big', 'x'.repeat(VALUE_BYTES)), 'OK')
    const slow = connect(server.port, '127.0.0.1')
    slow.on('error', () => {})
    const closed = new Promise((resolve) => slow.once('close', resolve))
    await once(slow, 'connect')
    slow.pause()
    for (let i = 0; i < REQUESTS; i++) slow.write(encode(['GET', 'big']))

    const deadline = Date.now() + DEADLINE_MS
    let cutOff = '0'
    while (cutOff === '0' && Date.now() < deadline) {
      assert.equal(await other.text('PING'), 'PONG')
      const info = (await other.text('INFO', 'stats')) ?? ''
      cutOff = /client_output_buffer_limit_disconnections:(\d+)/.exec(info)?.[1] ?? 'missing'
    }
    assert.equal(cutOff, '1')
    slow.resume()
    await closed
  } finally {
    other.close()
    await server.stop()
  }
})

test('a reply that is longer than its client may be sent ends the connection, and nothing leaves', async () => {
  const limit = ['--client-output-buffer-limit', 'normal', '1mb', '0', '0']
  const server = await startHoldfast({ directives: limit })
  const open = () => Link.open(server.port)
  const other = await open()
  try {
    await other.ask('SET', 'big', 'x'.repeat(VALUE_BYTES - 1000))
    await other.ask('HSET', 'hash', 'field', 'x'.repeat(1000))

    const reader = await open()
    await assert.rejects(reader.ask('MGET', 'big', 'big'), /closed/)
    // They would take all memory that there is.
    await other.ask('SADD', 'set', 'member')
    await other.ask('ZADD', 'sorted', '1', 'member')
    const draws = [
      ['HRANDFIELD', 'hash', '-99999999', 'WITHVALUES'],
      ['HRANDFIELD', 'hash', '-999999999'],
      ['SRANDMEMBER', 'set', '-999999999'],
      ['ZRANDMEMBER', 'sorted', '-999999999', 'WITHSCORES'],
    ]
    for (const argv of draws) await assert.rejects((await open()).ask(...argv), /closed/)

    const writer = await open()
    for (const argv of [['MULTI'], ['SET', 'a', '1'], ['MGET', 'big', 'big'], ['SET', 'b', '2']]) {
      await writer.ask(...argv)
    }
    await assert.rejects(writer.ask('EXEC'), /closed/)
    assert.equal(await other.text('GET', 'a'), '1')
    assert.equal(await other.text('GET', 'b'), '2')
    const info = (await other.text('INFO', 'stats')) ?? ''
    assert.match(info, /client_output_buffer_limit_disconnections:6\r/)
  } finally {
    other.close()
    await server.stop()
  }
})

test('what fits into 16 KiB is sent however low the limit is', async () => {
  const server = await startHoldfast()
  const link = await Link.open(server.port)
  try {
    const limit = ['CONFIG', 'SET', 'client-output-buffer-limit']
    assert.equal(await link.text('SET', 'short', 'x'.repeat(16_000)), 'OK')
    assert.equal(await link.text('SET', 'long', 'x'.repeat(17_000)), 'OK')
    assert.equal(await link.text(...limit, 'normal 10 10 1'), 'OK')
    assert.equal((await link.text('GET', 'short'))?.length, 16_000)
    await assert.rejects((await Link.open(server.port)).ask('GET', 'long'), /closed/)
    assert.equal(await link.text(...limit, 'normal 0 0 0'), 'OK')
    assert.equal((await link.text('GET', 'long'))?.length, 17_000)
  } finally {
    link.close()
    await server.stop()
  }
})
