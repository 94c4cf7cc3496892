import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedHost } from '../host/index.ts'
import { OutputFile } from './output-file.ts'

const MIB = 2 ** 20

test('a file with a budget takes no more bytes a second, and a pause is not made good', () => {
  const host = simulatedHost(1)
  const { files, timers, clock } = host
  files.makeFolder('/data')
  const path = '/data/file'
  const output = new OutputFile({ host, path, budget: MIB, isSyncedOften: false })
  const written = () => files.readAll(path).length
  timers.advance(10_000)
  const beganMs = clock.monotonicMs()
  output.append(new Uint8Array(3 * MIB), 0, 3 * MIB)
  assert.ok(output.isBehind)
  let isOver = false
  output.finish((error) => {
    assert.equal(error, undefined)
    isOver = true
  })
  for (let tenths = 1; !isOver; tenths++) {
    assert.ok(tenths < 50, 'it ends')
    timers.advance(100)
    // It may be a tenth of a second ahead, and one write of a quarter of a MiB.
    assert.ok(written() <= (tenths / 10 + 0.1 + 0.25) * MIB, `${written()} after ${tenths}`)
  }
  const tookMs = clock.monotonicMs() - beganMs
  assert.ok(tookMs >= 2600 && tookMs <= 3200, `${tookMs} ms`)
  assert.equal(written(), 3 * MIB)
})
