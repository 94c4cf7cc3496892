/** Messages against the most naive model: what each client gets, in which order, and with what bounds. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { type Seeded, seeded } from '../src/host/index.ts'
import { replyText } from '../src/resp/reply.ts'
import { encode, Link } from './support/link.ts'
import { draw } from './support/run-transcript.ts'
import { startHoldfast } from './support/servers.ts'
import { type Guest, World } from './support/world.ts'

const CHANNELS = ['a', 'ab', 'b', 'bc']
const PATTERNS = ['a*', '*b*', '?', 'nothing']
const STEPS = 4000

/** A client, what it has subscribed to, and what it must have got. */
interface Listener {
  readonly guest: Guest
  readonly isResp3: boolean
  readonly channels: Set<string>
  readonly patterns: Set<string>
  expected: string[]
}

const shown = (...items: (string | number)[]) =>
  items.map((item) => (typeof item === 'number' ? `:${item}` : item)).join(' ')

function fits(pattern: string, channel: string): boolean {
  const source = pattern.replaceAll('*', '.*').replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(channel)
}

/** What a client gets of one message, in order. */
function heard(listener: Listener, patterns: Iterable<string>, channel: string, text: string) {
  const found: string[] = []
  if (listener.channels.has(channel)) found.push(shown('message', channel, text))
  for (const pattern of patterns) {
    if (!listener.patterns.has(pattern) || !fits(pattern, channel)) continue
    found.push(shown('pmessage', pattern, channel, text))
  }
  return found
}

class Model {
  readonly world = new World()
  readonly random: Seeded
  readonly listeners: Listener[] = []
  /** In the order in which each got its first subscriber. */
  patterns: string[] = []
  #count = 0

  constructor(random: Seeded, count: number) {
    this.random = random
    for (let n = 0; n < count; n++) {
      const guest = this.world.connect()
      const isResp3 = random.chance(0.5)
      if (isResp3) guest.send(encode(['HELLO', '3']))
      guest.take()
      const channels = new Set<string>()
      this.listeners.push({ guest, isResp3, channels, patterns: new Set(), expected: [] })
    }
  }

  /** Sends some commands of one client in one piece, and notes what everybody must get. */
  step(): void {
    const listener = this.random.pick(this.listeners)
    const pieces: Buffer[] = []
    const size = this.random.between(1, 12)
    for (let n = 0; n < size; n++) pieces.push(this.#command(listener))
    const bytes = Buffer.concat(pieces)
    this.world.store.engine.receive(listener.guest.client, bytes, 0, bytes.length)
    if (this.random.chance(0.3)) this.check()
  }

  /** Ends the turn and compares. */
  check(): void {
    this.world.host.timers.turn()
    for (const { guest, expected } of this.listeners) {
      const got = guest.take().map((reply) => {
        if (!('items' in reply)) return draw(reply).trim()
        const items = reply.items.map((item) =>
          item.kind === 'integer' ? Number(item.value) : (replyText(item) ?? ''),
        )
        return shown(...items)
      })
      assert.deepEqual(got, expected.splice(0))
    }
  }

  #command(listener: Listener): Buffer {
    const { random } = this
    const isFree = listener.isResp3 || listener.channels.size + listener.patterns.size === 0
    const choice = random.between(0, isFree ? 9 : 3)
    if (choice === 0) return this.#subscribe(listener, 'channels', random.pick(CHANNELS))
    if (choice === 1) return this.#subscribe(listener, 'patterns', random.pick(PATTERNS))
    if (choice === 2) return this.#leave(listener, 'channels', random.pick(CHANNELS))
    if (choice === 3) return this.#leave(listener, 'patterns', random.pick(PATTERNS))
    return this.#publish(listener, random.pick(CHANNELS), `m${this.#count++}`)
  }

  #subscribe(listener: Listener, kind: 'channels' | 'patterns', name: string): Buffer {
    const isPattern = kind === 'patterns'
    if (isPattern && !this.patterns.includes(name)) this.patterns.push(name)
    listener[kind].add(name)
    const count = listener.channels.size + listener.patterns.size
    const word = isPattern ? 'psubscribe' : 'subscribe'
    listener.expected.push(shown(word, name, count))
    return encode([word, name])
  }

  #leave(listener: Listener, kind: 'channels' | 'patterns', name: string): Buffer {
    const isPattern = kind === 'patterns'
    listener[kind].delete(name)
    this.patterns = this.patterns.filter((pattern) =>
      this.listeners.some(({ patterns }) => patterns.has(pattern)),
    )
    const count = listener.channels.size + listener.patterns.size
    const word = isPattern ? 'punsubscribe' : 'unsubscribe'
    listener.expected.push(shown(word, name, count))
    return encode([word, name])
  }

  #publish(listener: Listener, channel: string, text: string): Buffer {
    let count = 0
    const own: string[] = []
    for (const other of this.listeners) {
      const found = heard(other, this.patterns, channel, text)
      count += found.length
      if (other === listener) own.push(...found)
      else other.expected.push(...found)
    }
    listener.expected.push(`(integer) ${count}`, ...own)
    return encode(['PUBLISH', channel, text])
  }
}

test('every client gets its replies and messages in order, however they come together', () => {
  const model = new Model(seeded(), 8)
  for (let step = 0; step < STEPS; step++) model.step()
  model.check()
  for (const { guest } of model.listeners) model.world.store.engine.disconnect(guest.client)
  assert.equal(draw(model.world.ask('PUBSUB', 'NUMPAT')!).trim(), '(integer) 0')
  assert.equal(draw(model.world.ask('PUBSUB', 'CHANNELS')!).trim(), '(empty array)')
})

const SUBSCRIBERS = 10_000
const MESSAGES = 500
const MESSAGE_BYTES = 200
/** Copies for everyone would be a gigabyte. */
const BYTES_MAX = 64 * 2 ** 20

test('ten thousand subscribers share the bytes of what they get', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  let received = 0
  let buffers = 0
  let last: Uint8Array | undefined
  const outlet = {
    send: (bytes: Uint8Array, start: number, end: number) => {
      received += end - start
      if (bytes.buffer !== last?.buffer) buffers++
      last = bytes
      return true
    },
    close: () => {},
    pendingBytes: 0,
  }
  const subscribe = encode(['SUBSCRIBE', 'all'])
  for (let n = 0; n < SUBSCRIBERS; n++) {
    const client = world.store.connect(outlet)
    world.store.engine.receive(client, subscribe, 0, subscribe.length)
  }
  world.host.timers.turn()
  received = 0
  buffers = 0
  const publisher = world.connect()
  const before = process.memoryUsage()
  const bytes = Buffer.concat(
    Array.from({ length: MESSAGES }, () => encode(['PUBLISH', 'all', 'x'.repeat(MESSAGE_BYTES)])),
  )
  world.store.engine.receive(publisher.client, bytes, 0, bytes.length)
  const after = process.memoryUsage()
  world.host.timers.turn()
  assert.ok(after.arrayBuffers - before.arrayBuffers < BYTES_MAX)
  assert.equal(publisher.take().length, MESSAGES)
  const message = `*3\r\n$7\r\nmessage\r\n$3\r\nall\r\n$${MESSAGE_BYTES}\r\n`
  assert.equal(received, SUBSCRIBERS * MESSAGES * (message.length + MESSAGE_BYTES + 2))
  assert.ok(buffers < 10, `${buffers} buffers`)
})

const DEADLINE_MS = 20_000

/** Publishes until the server has cut a connection off, while another subscriber gets everything. */
async function publishUntilCut(limit: string, text: string): Promise<number> {
  const server = await startHoldfast({
    directives: ['--client-output-buffer-limit', `pubsub ${limit}`],
  })
  const links = await Promise.all([Link.open(server.port), Link.open(server.port)])
  const [publisher, reader] = links
  try {
    await reader!.ask('SUBSCRIBE', 'flood')
    const slow = connect(server.port, '127.0.0.1')
    slow.on('error', () => {})
    const closed = new Promise((resolve) => slow.once('close', resolve))
    await once(slow, 'connect')
    slow.write(encode(['SUBSCRIBE', 'flood']))
    await once(slow, 'data')
    slow.pause()
    let count = 0
    const deadline = Date.now() + DEADLINE_MS
    for (let listeners = 2; listeners === 2 && Date.now() < deadline; count++) {
      listeners = Number(await publisher!.text('PUBLISH', 'flood', text))
      const message = await reader!.reply()
      assert.ok(message.kind === 'array')
      assert.equal(replyText(message.items[2]!), text)
    }
    const info = (await publisher!.text('INFO', 'stats')) ?? ''
    assert.match(info, /client_output_buffer_limit_disconnections:1\r/)
    slow.resume()
    await closed
    return count
  } finally {
    for (const link of links) link.close()
    await server.stop()
  }
}

test('a subscriber that reads nothing is cut off at the hard limit, and others never wait', async () => {
  const text = 'x'.repeat(1 << 18)
  const count = await publishUntilCut('8mb 0 0', text)
  assert.ok(count * text.length >= 8 * 2 ** 20, `after ${count} messages`)
})

test('a subscriber that is above the soft limit for its time is cut off', async () => {
  const count = await publishUntilCut('0 1mb 1', 'x'.repeat(1 << 18))
  assert.ok(count > 4)
})
