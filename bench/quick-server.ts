import { createServer } from 'node:net'
import { commandGroups } from '../src/commands/index.ts'
import { CommandTable, Engine } from '../src/engine/index.ts'
import { nodeHost } from '../src/host/index.ts'
import { Keyspace } from '../src/keyspace/index.ts'
import { attach, SocketOutlet } from '../src/server/transport.ts'
const host = nodeHost()
const engine = new Engine(host, new Keyspace(host, 16), new CommandTable(commandGroups({} as never)))
const server = createServer({ pauseOnConnect: true, noDelay: true }, (s) => {
  attach(s, (socket) => {
    const c = engine.connect({ address: '', localAddress: '', fileDescriptor: -1, isUnixSocket: false }, new SocketOutlet(socket, -1))
    return { received: (b, st, e) => engine.receive(c, b, st, e), closed: () => engine.disconnect(c) }
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('Ready to accept connections'))
process.on('SIGTERM', () => process.exit(0))
