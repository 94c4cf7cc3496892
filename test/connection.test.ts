/** Connections that kill, pause and list each other, over a whole store with a clock by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import type { Client } from '../src/engine/index.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

/** A connection that notes what it is sent and how it ends. */
class Peer {
  readonly client: Client
  received = ''
  end: 'flushed' | 'now' | undefined
  readonly #world: World

  constructor(world: World, address = '127.0.0.1:1000') {
    this.#world = world
    const outlet = {
      send: (bytes: Uint8Array, start: number, end: number) => {
        this.received += latin1(bytes, start, end)
        return true
      },
      close: (how: 'flushed' | 'now') => {
        this.end = how
      },
      pendingBytes: 0,
    }
    const origin = {
      address,
      localAddress: '127.0.0.1:6379',
      fileDescriptor: 7,
      isUnixSocket: false,
    }
    this.client = world.store.connect(outlet, origin)
  }

  /** Sends a line of words. @returns what came back at once. */
  ask(line: string): string {
    this.send(line)
    return this.take()
  }

  send(...lines: string[]): void {
    const bytes = Buffer.concat(lines.map((line) => encode(line.split(' '))))
    this.#world.store.engine.receive(this.client, bytes, 0, bytes.length)
    this.#world.host.timers.turn()
  }

  take(): string {
    const taken = this.received
    this.received = ''
    return taken
  }
}

test('CLIENT KILL ends others at once, and they are gone from the list', () => {
  const world = new World()
  const one = new Peer(world)
  const other = new Peer(world, '127.0.0.1:2000')
  assert.equal(one.ask('CLIENT KILL ADDR 127.0.0.1:2000'), ':1\r\n')
  assert.equal(other.end, 'now')
  assert.doesNotMatch(one.ask('CLIENT LIST'), /addr=127\.0\.0\.1:2000/)
  assert.equal(one.ask(`CLIENT KILL ID ${other.client.id}`), ':0\r\n')
  world.close()
})

test('CLIENT KILL spares the one who asks unless told otherwise, and then answers first', () => {
  const world = new World()
  const one = new Peer(world)
  const two = new Peer(world)
  assert.equal(one.ask('CLIENT KILL TYPE normal'), ':1\r\n')
  assert.equal(two.end, 'now')
  assert.equal(one.end, undefined)
  one.send('CLIENT KILL TYPE normal SKIPME no', 'PING')
  assert.equal(one.take(), ':1\r\n')
  assert.equal(one.end, 'flushed')
  world.close()
})

test('CLIENT KILL in the old form may end the one who asks', () => {
  const world = new World()
  const one = new Peer(world)
  assert.equal(one.ask('CLIENT KILL 127.0.0.1:1000'), '+OK\r\n')
  assert.equal(one.end, 'flushed')
  world.close()
})

test('CLIENT KILL MAXAGE ends those who are connected for so many seconds', () => {
  const world = new World()
  const old = new Peer(world)
  world.wait(10_000)
  const young = new Peer(world)
  assert.equal(young.ask('CLIENT KILL MAXAGE 11'), ':0\r\n')
  assert.equal(young.ask('CLIENT KILL MAXAGE 10'), ':1\r\n')
  assert.equal(old.end, 'now')
  world.close()
})

test('QUIT answers what came before, says OK and reads no more', () => {
  const world = new World()
  const one = new Peer(world)
  one.send('PING', 'QUIT', 'PING')
  assert.equal(one.take(), '+PONG\r\n+OK\r\n')
  assert.equal(one.end, 'flushed')
  world.close()
})

test('a pause for all holds every command back until its time is over', () => {
  const world = new World()
  const one = new Peer(world)
  const two = new Peer(world)
  one.send('CLIENT PAUSE 100', 'PING')
  assert.equal(one.take(), '+OK\r\n')
  two.send('SET a 1', 'GET a')
  world.wait(99)
  assert.equal(two.take(), '')
  world.wait(2)
  assert.equal(one.take(), '+PONG\r\n')
  assert.equal(two.take(), '+OK\r\n$1\r\n1\r\n')
  world.close()
})

test('a pause for writes lets reads pass, in their order, and UNPAUSE ends it', () => {
  const world = new World()
  const one = new Peer(world)
  const two = new Peer(world)
  assert.equal(one.ask('SET a 1'), '+OK\r\n')
  assert.equal(one.ask('CLIENT PAUSE 60000 WRITE'), '+OK\r\n')
  two.send('GET a', 'SET a 2', 'GET a')
  assert.equal(two.take(), '$1\r\n1\r\n')
  assert.match(one.ask('CLIENT LIST'), /flags=b /)
  assert.equal(one.ask('CLIENT UNPAUSE'), '+OK\r\n')
  world.wait(1)
  assert.equal(two.take(), '+OK\r\n$1\r\n2\r\n')
  world.close()
})

test('a second pause never shortens or weakens the first', () => {
  const world = new World()
  const one = new Peer(world)
  const two = new Peer(world)
  one.send('CLIENT PAUSE 100 WRITE')
  two.send('CLIENT PAUSE 10 WRITE', 'SET a 1')
  world.wait(50)
  assert.equal(two.take(), '+OK\r\n')
  world.wait(51)
  assert.equal(two.take(), '+OK\r\n')
  world.close()
})

test('while clients are paused nothing expires', () => {
  const world = new World()
  const one = new Peer(world)
  one.send('SET a 1 PX 20', 'CLIENT PAUSE 2000 WRITE')
  world.wait(1000)
  const keys = world.store.keyspace.databases[0]
  assert.equal(keys?.count, 1)
  world.wait(2100)
  assert.equal(keys?.count, 0)
  world.close()
})

test('CLIENT LIST names the last command that was asked for, also when it did not run', () => {
  const world = new World()
  const one = new Peer(world)
  const two = new Peer(world)
  const lastOf = (request: string): string | undefined => {
    one.send(request)
    return / cmd=(\S+) /.exec(two.ask('CLIENT LIST TYPE normal').split('\n')[1] ?? '')?.[1]
  }
  assert.equal(lastOf('PING'), 'ping')
  assert.equal(lastOf('GET'), 'get')
  assert.equal(lastOf('CONFIG GET'), 'config|get')
  assert.equal(lastOf('CONFIG NOSUCH'), 'NULL')
  assert.equal(lastOf('PING'), 'ping')
  assert.equal(lastOf('NOSUCH'), 'NULL')
  // Nor does what is none by itself count as refused.
  assert.match(two.ask('INFO commandstats'), /cmdstat_get:.*rejected_calls=1/)
  assert.doesNotMatch(two.ask('INFO commandstats'), /cmdstat_config:/)
  world.close()
})

test('one who is gone while paused leaves nothing behind', () => {
  const world = new World()
  const one = new Peer(world)
  const two = new Peer(world)
  one.send('CLIENT PAUSE 100 WRITE')
  two.send('SET a 1')
  world.store.engine.disconnect(two.client)
  world.wait(200)
  assert.equal(one.take(), '+OK\r\n')
  assert.equal(one.ask('EXISTS a'), ':0\r\n')
  world.close()
})

test('CLIENT LIST tells of each client in the fields that the reference has', () => {
  const world = new World()
  const one = new Peer(world)
  world.wait(3000)
  one.send('CLIENT SETNAME worker', 'CLIENT SETINFO lib-name test', 'SELECT 2')
  one.take()
  const line = one.ask('CLIENT INFO').split('\r\n')[1] ?? ''
  const names = line
    .trim()
    .split(' ')
    .map((field) => field.split('=')[0])
  assert.equal(
    names.slice(0, 31).join(' '),
    'id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem ' +
      'multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver',
  )
  assert.match(
    line,
    / addr=127\.0\.0\.1:1000 laddr=127\.0\.0\.1:6379 fd=7 name=worker age=3 idle=0 /,
  )
  assert.match(line, / flags=N db=2 /)
  assert.match(line, / cmd=client\|info user=default redir=-1 resp=2 lib-name=test lib-ver= /)
  world.close()
})

test('CLIENT LIST shows those who are asked for by number, in that order', () => {
  const world = new World()
  const peers = [new Peer(world), new Peer(world), new Peer(world)]
  const [first, , third] = peers.map(({ client }) => client.id)
  const answer = peers[0]!.ask(`CLIENT LIST ID ${third} 999 ${first}`)
  const ids = [...answer.matchAll(/id=(\d+) addr/g)].map(([, id]) => Number(id))
  assert.deepEqual(ids, [third, first])
  world.close()
})

test('HELLO switches the protocol of its own reply, and RESET puts it back', () => {
  const world = new World()
  const one = new Peer(world)
  assert.match(one.ask('HELLO 3 SETNAME bob'), /^%7\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/)
  assert.equal(one.ask('GET nothing'), '_\r\n')
  assert.equal(one.ask('CLIENT GETNAME'), '$3\r\nbob\r\n')
  assert.match(one.ask('HELLO'), /\$5\r\nproto\r\n:3\r\n/)
  assert.equal(one.ask('RESET'), '+RESET\r\n')
  assert.equal(one.ask('GET nothing'), '$-1\r\n')
  world.close()
})

test('HELLO asks for the password before anything else, and takes it', () => {
  const world = new World({ directives: ['--requirepass', 'secret'] })
  const one = new Peer(world)
  assert.match(one.ask('HELLO 3'), /^-NOAUTH HELLO must be called with the client already/)
  assert.equal(one.ask('PING'), '-NOAUTH Authentication required.\r\n')
  assert.match(one.ask('HELLO 3 AUTH default wrong'), /^-WRONGPASS /)
  assert.match(one.ask('HELLO 3 AUTH default secret'), /^%7/)
  assert.equal(one.ask('PING'), '+PONG\r\n')
  world.close()
})
