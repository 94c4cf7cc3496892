/** Nanoseconds per command inside the engine, without sockets: for profiling, not a suite. */
import { stringCommands } from '../src/commands/string/index.ts'
import { CommandTable, Engine } from '../src/engine/index.ts'
import { nodeHost } from '../src/host/index.ts'
import { Keyspace } from '../src/keyspace/index.ts'

const host = nodeHost()
const engine = new Engine(host, new Keyspace(host, 16), new CommandTable([stringCommands]))
const client = engine.connect(
  { address: '', localAddress: '', fileDescriptor: -1, isUnixSocket: false },
  { send: () => true, close() {}, pendingBytes: 0 },
)
const P = Number(process.argv[3] ?? 64)
const KEYS = Number(process.argv[4] ?? 100000)
let seed = 1
const rnd = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % KEYS
const key = () => 'key:' + String(rnd()).padStart(12, '0')
const make = {
  set: () => ['SET', key(), 'xxxxxxxxxxxxxxxx'],
  get: () => ['GET', key()],
  incr: () => ['INCR', 'c' + key()],
  ping: () => ['PING'],
  mset: () => [
    'MSET',
    ...Array.from({ length: 20 }, (_, i) => (i % 2 ? 'xxxxxxxxxxxxxxxx' : key())),
  ],
} as Record<string, () => string[]>
const enc = (a: string[]) => `*${a.length}\r\n` + a.map((x) => `$${x.length}\r\n${x}\r\n`).join('')
for (const kind of (process.argv[2] ?? 'set,get,incr,ping').split(',')) {
  const batches = Array.from(
    { length: Math.ceil(400000 / P) },
    () => new Uint8Array(Buffer.from(Array.from({ length: P }, () => enc(make[kind]!())).join(''))),
  )
  const shared = new Uint8Array(65536)
  let best = Infinity
  for (let r = 0; r < 8; r++) {
    const t = process.hrtime.bigint()
    for (const b of batches) {
      shared.set(b)
      engine.receive(client, shared, 0, b.length)
    }
    best = Math.min(best, Number(process.hrtime.bigint() - t) / (batches.length * P))
  }
  console.log(kind, 'P=' + P, best.toFixed(0), 'ns')
}
process.exit(0)
