/** Clients that send much at once, or what takes long, over real sockets. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { type Server, startHoldfast } from './support/servers.ts'

const OK = '+OK\r\n'
const SLEEP = 'DEBUG SLEEP 0.004\r\n'

let server: Server

before(async () => {
  server = await startHoldfast({ directives: ['--enable-debug-command', 'yes'] })
})

after(() => server.stop())

/** A connection that counts the bytes it gets. */
class Counting {
  readonly socket: Socket = connect({
    port: server.port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  bytes = 0

  constructor() {
    this.socket.on('data', (chunk) => {
      this.bytes += chunk.length
    })
  }

  async until(bytes: number): Promise<void> {
    while (this.bytes < bytes) await once(this.socket, 'data')
  }
}

test('a client with many long commands under way does not keep another from its answer', async () => {
  const many = new Counting()
  const one = new Counting()
  one.socket.write('PING\r\n')
  await one.until(7)
  many.socket.write(SLEEP.repeat(400))
  await many.until(OK.length)
  one.socket.write('PING\r\n')
  await one.until(14)
  assert.ok(many.bytes < 400 * OK.length, 'it was answered after all of them')
  await many.until(400 * OK.length)
  assert.equal(many.bytes, 400 * OK.length)
  many.socket.destroy()
  one.socket.destroy()
})

test('all that comes before the end of what a client sends is answered, however long it takes', async () => {
  const client = new Counting()
  client.socket.end(SLEEP.repeat(300))
  await once(client.socket, 'close')
  assert.equal(client.bytes, 300 * OK.length)
})

test('megabytes of requests, some of them long, are all answered', async () => {
  const client = new Counting()
  const count = 60
  const some = `SET k ${'v'.repeat(100)}\r\n`.repeat(1500)
  for (let n = 0; n < count; n++) client.socket.write(some + SLEEP)
  await client.until(count * 1501 * OK.length)
  assert.equal(client.bytes, count * 1501 * OK.length)
  client.socket.destroy()
})
