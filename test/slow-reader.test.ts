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
    const closed = once(slow, 'close')
    slow.resume()
    await closed
  } finally {
    other.close()
    await server.stop()
  }
})
