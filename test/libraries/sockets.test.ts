/** Two socket.io servers that are joined by the adapter over publish/subscribe, or over streams. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createAdapter } from '@socket.io/redis-adapter'
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import { Server as SocketServer } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { type Server, startHoldfast } from '../support/servers.ts'
import { within } from '../support/within.ts'

let server: Server

before(async () => {
  server = await startHoldfast()
})

after(() => server.stop())

async function newClient() {
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port } })
  client.on('error', () => {})
  await client.connect()
  return client
}

type Adapter = NonNullable<ConstructorParameters<typeof SocketServer>[1]>['adapter']

/** What an adapter needs, and how it is put away again. */
interface Joined {
  readonly adapter: Adapter
  close(): Promise<void>
}

const joinedBy: Record<string, () => Promise<Joined>> = {
  'publish/subscribe': async () => {
    const [publisher, subscriber] = [await newClient(), await newClient()]
    // What the adapter still has under way, it has to hear the end of.
    const close = async () => void (await Promise.all([publisher.close(), subscriber.close()]))
    return { adapter: createAdapter(publisher, subscriber), close }
  },
  streams: async () => {
    const client = await newClient()
    return { adapter: createStreamsAdapter(client), close: async () => client.destroy() }
  },
}

async function startSockets(adapter: Adapter) {
  const http = createServer()
  const sockets = new SocketServer(http, { ...(adapter === undefined ? {} : { adapter }) })
  sockets.on('connection', (socket) => {
    socket.on('join', (room: string, done: () => void) => {
      socket.join(room)
      done()
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { sockets, port: (http.address() as AddressInfo).port }
}

async function connected(port: number): Promise<{ socket: Socket; heard: string[] }> {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false })
  const heard: string[] = []
  socket.on('news', (text: string) => heard.push(text))
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve)
    socket.on('connect_error', reject)
  })
  return { socket, heard }
}

for (const [way, join] of Object.entries(joinedBy)) {
  test(`messages reach the sockets of the other server, by ${way}`, async () => {
    const [left, right] = [await join(), await join()]
    const servers = [await startSockets(left.adapter), await startSockets(right.adapter)]
    const clients: Awaited<ReturnType<typeof connected>>[] = []
    try {
      for (const { port } of servers) clients.push(await connected(port))
      const [ann, ben] = clients as [(typeof clients)[0], (typeof clients)[0]]
      // The servers have to hear of each other first.
      await within(20_000, async () => (await servers[0]!.sockets.fetchSockets()).length === 2)
      servers[0]!.sockets.emit('news', 'to all')
      await within(20_000, async () => ann.heard.length === 1 && ben.heard.length === 1)
      await ben.socket.emitWithAck('join', 'a room')
      servers[0]!.sockets.to('a room').emit('news', 'to the room')
      await within(20_000, async () => ben.heard.length === 2)
      assert.deepEqual(ann.heard, ['to all'])
      assert.deepEqual(ben.heard, ['to all', 'to the room'])
    } finally {
      for (const { socket } of clients) socket.disconnect()
      for (const { sockets } of servers) await sockets.close()
      await left.close()
      await right.close()
    }
  })
}
