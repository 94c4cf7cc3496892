/** Snapshots of every type in every encoding, exchanged with the reference in both directions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Link } from './support/link.ts'
import {
  freshFolder,
  needsReference,
  removeFolder,
  startHoldfast,
  startReference,
} from './support/servers.ts'

const times = (count: number, of: (i: number) => string[]) =>
  Array.from({ length: count }, (_, i) => of(i)).flat()

/** One command for each encoding; scores have one way of being written. */
const COMMANDS = [
  ['MSET', 'int', '12345', 'embedded', 'hello', 'raw', 'x'.repeat(5000), '', 'no key'],
  ['SET', 'expires', 'v', 'PXAT', '4102444800000'],
  ['RPUSH', 'list', 'a', '', '-5', '70000'],
  ['RPUSH', 'list:long', ...times(3000, (i) => [`e${i}`]), 'p'.repeat(20000)],
  ['SADD', 'set:integers', '1', '-300', '9999999999'],
  ['SADD', 'set', 'a', 'b', '1'],
  ['SADD', 'set:long', ...times(1000, (i) => [`m${i}`])],
  ['HSET', 'hash', 'f', 'v', 'n', '12'],
  ['HSET', 'hash:long', ...times(1000, (i) => [`f${i}`, `v${i}`])],
  ['ZADD', 'zset', '1', 'a', '2.5', 'b', '-inf', 'c'],
  ['ZADD', 'zset:long', ...times(1000, (i) => [String(i / 4), `m${i}`])],
  ...Array.from({ length: 300 }, (_, i) => ['XADD', 'stream', `${i + 1}-1`, 'a', `${i}`]),
  ['XDEL', 'stream', '5-1', '200-1'],
]

for (const [from, to, name] of [
  [startHoldfast, startReference, 'ours is the reference’s to load'],
  [startReference, startHoldfast, 'the reference’s is ours to load'],
] as const) {
  test(`a snapshot of every encoding: ${name}`, { skip: needsReference }, async () => {
    const folder = freshFolder()
    try {
      const directives = ['--enable-debug-command', 'yes', '--save', '']
      const writer = await from({ folder, directives })
      const link = await Link.open(writer.port)
      for (const command of COMMANDS) await link.ask(...command)
      const digest = await link.text('DEBUG', 'DIGEST')
      assert.equal(await link.text('SAVE'), 'OK')
      link.close()
      await writer.end()
      const reader = await to({ folder, directives })
      const other = await Link.open(reader.port)
      assert.equal(await other.text('DEBUG', 'DIGEST'), digest)
      other.close()
      await reader.end()
    } finally {
      removeFolder(folder)
    }
  })
}
