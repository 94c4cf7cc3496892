/** What is kept aside while a long entry is written, from several databases. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1 } from '../bytes/index.ts'
import { simulatedHost } from '../host/index.ts'
import { Keyspace } from '../keyspace/index.ts'
import type { ByteSink, SaveFormat } from './format.ts'
import { GatheredSink } from './gathered-sink.ts'
import { SnapshotScribe } from './snapshot-scribe.ts'

const append = (sink: ByteSink, text: string) => sink.append(fromLatin1(text), 0, text.length)

/** Writes letters for entries: of number 0 is the long one, of all others as many as the number says. */
const LETTERS: SaveFormat = {
  begin: (sink) => append(sink, '<'),
  select: (sink, { index }) => append(sink, `[${index}]`),
  write(sink, entry) {
    if (entry > 0) append(sink, String.fromCharCode(97 + (entry % 26)).repeat(entry))
    return entry > 0 ? undefined : () => true
  },
  end: (sink) => append(sink, '>'),
}

test('what was kept aside of a database follows as a whole, whatever comes between its pieces', () => {
  const sink = new GatheredSink()
  const scribe = new SnapshotScribe(LETTERS, sink, new Keyspace(simulatedHost(1), 3))
  const rest = scribe.write(0, 0, undefined)!
  scribe.write(1, 27, undefined)
  // Some pieces.
  scribe.write(2, 5000, undefined)
  const pause = () => true
  assert.equal(rest(pause), false)
  scribe.write(1, 30, undefined)
  scribe.write(0, 40, undefined)
  while (!rest(pause));
  scribe.end()
  const [b, e, i, o] = [27, 30, 5000, 40].map((count) => {
    return String.fromCharCode(97 + (count % 26)).repeat(count)
  })
  assert.equal(latin1(sink.bytes), `<[0][1]${b}[2]${i}[1]${e}[0]${o}>`)
})
