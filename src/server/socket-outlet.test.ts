/** What leaves through an outlet, to one who reads late: every byte, in order, and counted until it left. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import type { SocketOutlet } from './socket-outlet.ts'
import { attach } from './transport.ts'

/** The kernel's buffers hold less than this. */
const MUCH = 16 << 20
const PIECE = 50_000

interface Pair {
  readonly outlet: SocketOutlet
  readonly reader: Socket
  end(): void
}

/** An outlet, and who is sent to but does not read yet. */
async function open(): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1')
  reader.on('error', () => {})
  reader.pause()
  const [socket] = (await accepted) as [Socket]
  let outlet: SocketOutlet | undefined
  attach(socket, (made) => {
    outlet = made
    return { received() {}, filled() {}, ended() {}, closed() {} }
  })
  const end = () => {
    reader.destroy()
    outlet!.close('now')
    server.close()
  }
  return { outlet: outlet!, reader, end }
}

/** Sends `size` bytes in whole pieces, from a buffer that is used again wherever it may be. */
function send(outlet: SocketOutlet, size: number, from = 0): void {
  let buffer = new Uint8Array(PIECE)
  for (let sent = from; sent < from + size; sent += PIECE) {
    for (let i = 0; i < PIECE; i++) buffer[i] = byteAt(sent + i)
    if (!outlet.send(buffer, 0, PIECE)) buffer = new Uint8Array(PIECE)
    else buffer.fill(0)
  }
}

const whole = (size: number) => Math.ceil(size / PIECE) * PIECE

const byteAt = (at: number) => (at * 31 + (at >>> 8) * 7) & 0xff

/** Reads `size` bytes and says where the first wrong one is, or -1. */
async function firstWrong(reader: Socket, size: number): Promise<number> {
  let at = 0
  let wrong = -1
  const done = new Promise<void>((resolve, reject) => {
    reader.on('data', (bytes: Uint8Array) => {
      for (const byte of bytes) {
        if (byte !== byteAt(at) && wrong < 0) wrong = at
        at++
      }
      if (at >= size) resolve()
    })
    reader.on('close', () => reject(new Error(`closed after ${at} bytes`)))
  })
  reader.resume()
  await done
  return wrong
}

test('who reads late gets every byte in its order, and what waits is counted', async () => {
  const { outlet, reader, end } = await open()
  try {
    send(outlet, PIECE)
    assert.equal(outlet.pendingBytes, 0)
    send(outlet, MUCH, PIECE)
    const { pendingBytes } = outlet
    assert.ok(pendingBytes > MUCH / 4, `${pendingBytes} bytes wait`)
    assert.ok(pendingBytes < MUCH)
    assert.equal(await firstWrong(reader, whole(MUCH) + PIECE), -1)
    const deadline = Date.now() + 10_000
    while (outlet.pendingBytes > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(outlet.pendingBytes, 0)
  } finally {
    end()
  }
})

test('a connection that ends when all has left loses nothing, at whatever point it is told to', async () => {
  for (const size of [PIECE, 4 << 20, 10 << 20, MUCH]) {
    const { outlet, reader, end } = await open()
    try {
      const closed = once(reader, 'end')
      send(outlet, size)
      outlet.close('flushed')
      assert.equal(await firstWrong(reader, whole(size)), -1)
      await closed
    } finally {
      end()
    }
  }
})
