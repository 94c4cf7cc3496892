import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Asked } from './asked.ts'
import type { Exchanged } from './exchange.ts'
import { run } from './load.ts'
import type { LoopFigures } from './open-loop.ts'

const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url))

/** Answers each whole request by `reply` of its first word, after `delayMs`. */
function answering(reply: (word: string) => string, delayMs = 0): Promise<Server> {
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (;;) {
        const match = /^\*\d+\r\n((?:\$\d+\r\n[^$*]*\r\n)+)/.exec(text)
        if (match === null) return
        text = text.slice(match[0].length)
        const word = match[1]!.split('\r\n')[1]!
        setTimeout(() => socket.write(reply(word)), delayMs)
      }
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

const portOf = (server: Server) => (server.address() as { port: number }).port

test('an exchange sends each batch when the replies to the last have come', async () => {
  let requests = 0
  const server = await answering(() => {
    requests++
    return '+OK\r\n'
  })
  const exchange = {
    port: portOf(server),
    pid: process.pid,
    connections: 3,
    batch: [['SET', 'k', 'v'], ['PING']],
    batches: 20,
  }
  const argv = [process.execPath, program('exchange'), JSON.stringify(exchange)]
  const { code, stdout, stderr } = await run(argv, 30_000)
  server.close()
  assert.equal(code, 0, stderr)
  assert.ok((JSON.parse(stdout) as Exchanged).seconds > 0)
  // One batch more finds out how long the replies are.
  assert.equal(requests, 2 * 21)
})

test('in an open loop each request counts from the moment at which it was due', async () => {
  const server = await answering(
    (word) => (word === 'SET' ? '+OK\r\n' : `$16\r\n${'v'.repeat(16)}\r\n`),
    40,
  )
  const argv = [process.execPath, program('open-loop'), String(portOf(server)), '10', '500']
  const loop = new Asked<LoopFigures>(argv)
  try {
    let figures = await loop.closePhase()
    const deadline = performance.now() + 20_000
    while (figures.requests < 100 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      figures = await loop.closePhase()
      if (figures.requests === 0) continue
      assert.ok(figures.p50Ms >= 39, `${figures.p50Ms} ms`)
      assert.ok(figures.longestMs >= figures.p999Ms && figures.p999Ms >= figures.p50Ms)
      break
    }
    assert.ok(figures.requests > 0)
  } finally {
    loop.stop()
    server.close()
  }
})
