/** Clients that close their sending side and then read, as programs in a pipe do. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startHoldfast } from './support/servers.ts'

const ROUNDS = 30

for (const policy of ['always', 'everysec', 'off']) {
  test(`all replies arrive after the last command, append-only file: ${policy}`, async () => {
    const log = policy === 'off' ? [] : ['--appendonly', 'yes', '--appendfsync', policy]
    const server = await startHoldfast({ directives: log })
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
        let answer = ''
        socket.on('data', (chunk) => {
          answer += chunk.toString('latin1')
        })
        socket.end('SET k v\r\nGET k\r\n')
        await once(socket, 'close')
        assert.equal(answer, '+OK\r\n$1\r\nv\r\n')
      }
    } finally {
      await server.stop()
    }
  })
}
