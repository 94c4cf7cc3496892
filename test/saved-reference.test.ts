/** Snapshots of every type in every encoding, exchanged with the reference in both directions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replyText } from '../src/resp/reply.ts'
import { EVERY_ENCODING, EVERY_FIELD_EXPIRY, STREAM_FACTS } from './support/every-encoding.ts'
import { Link } from './support/link.ts'
import {
  endAfter,
  freshFolder,
  isReferenceSince,
  needsReference,
  removeFolder,
  startHoldfast,
  startReference,
} from './support/servers.ts'

const COMMANDS = [...EVERY_ENCODING, ...(isReferenceSince(7, 4) ? EVERY_FIELD_EXPIRY : [])]
const DIRECTIVES = ['--enable-debug-command', 'yes', '--save', '']

/** What a server holds: a digest of all, and what that does not have of streams. */
async function factsOf(link: Link): Promise<unknown[]> {
  const facts = []
  for (const command of STREAM_FACTS) facts.push(await link.ask(...command))
  return [await link.text('DEBUG', 'DIGEST'), ...facts]
}

for (const [from, to, name] of [
  [startHoldfast, startReference, 'ours is the reference’s to load'],
  [startReference, startHoldfast, 'the reference’s is ours to load'],
] as const) {
  test(`a snapshot of every encoding: ${name}`, { skip: needsReference }, async (t) => {
    const folder = freshFolder()
    try {
      const writer = await endAfter(t, from({ folder, directives: DIRECTIVES }))
      const link = await Link.open(writer.port)
      for (const command of COMMANDS) {
        const reply = await link.ask(...command)
        const { kind } = reply
        assert.ok(
          kind !== 'error' && kind !== 'null',
          `${command.slice(0, 4)}: ${replyText(reply)}`,
        )
      }
      const facts = await factsOf(link)
      assert.equal(await link.text('SAVE'), 'OK')
      link.close()
      await writer.end()
      const reader = await endAfter(t, to({ folder, directives: DIRECTIVES }))
      const other = await Link.open(reader.port)
      assert.deepEqual(await factsOf(other), facts)
      other.close()
      await reader.end()
    } finally {
      removeFolder(folder)
    }
  })
}
