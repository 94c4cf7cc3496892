import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, Slice } from '../bytes/index.ts'
import { RdbInput } from './input.ts'
import { RdbOutput } from './output.ts'

/** What `write` puts out, to be read. */
function inputOf(write: (output: RdbOutput) => void): RdbInput {
  const pieces: Uint8Array[] = []
  const append = (bytes: Uint8Array, start: number, end: number) => {
    pieces.push(bytes.slice(start, end))
  }
  const output = new RdbOutput({ append }, true)
  write(output)
  output.flush()
  return RdbInput.ofBytes(new Uint8Array(Buffer.concat(pieces)))
}

test('integers and lengths come back, also where their form changes', () => {
  const edges = [0, 2 ** 6, 2 ** 7, 2 ** 14, 2 ** 15, 2 ** 31, 2 ** 32, 2 ** 53 - 1]
  const numbers = edges.flatMap((edge) => [edge - 1, edge, Math.min(edge + 1, 2 ** 53 - 1)])
  for (const number of numbers.flatMap((one) => [one, 0 - one])) {
    const text = fromLatin1(String(number))
    const input = inputOf((output) => output.string(text, 0, text.length))
    const room = new Slice(new Uint8Array(0), 0, 0)
    assert.equal(input.string(room).latin1(), String(number))
    if (number < 0) continue
    assert.equal(inputOf((output) => output.length(number)).length(), number)
    assert.equal(inputOf((output) => output.time(number)).time(), number)
  }
})
