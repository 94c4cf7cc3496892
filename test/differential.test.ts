/**
 * Every command about data, with arguments drawn from its own syntax, here and in the reference: the
 * replies are the same, and so is what is there afterwards. What is left out is told by chance or by the
 * clock, differs for a reason in docs/compatibility.md, or waits.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from '../src/engine/index.ts'
import { seeded } from '../src/host/index.ts'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { encode, Link } from './support/link.ts'
import { randomCall, randomContent } from './support/random-arguments.ts'
import { draw } from './support/run-transcript.ts'
import { isReferenceSince, startReference } from './support/servers.ts'
import { World } from './support/world.ts'

const GROUPS = new Set([
  ...['string', 'bitmap', 'list', 'set', 'hash', 'sorted-set', 'stream', 'geo', 'hyperloglog'],
  'generic',
])
const LEFT_OUT =
  /^(b.*pop.*|blmove|.*rand.*|spop|.*scan|.*ttl|.*expiretime|lset|sort|sort_ro|.*lex.*|xadd|xread|xreadgroup|xautoclaim|xpending|xclaim|xinfo\|.*|xdelex|xackdel|object\|.*|dump|restore|migrate|wait.*|pfdebug|pfselftest|.*\|help|keys|move|zrange|zrangestore|set|getex|lcs)$/
const UNORDERED = /^(smembers|sinter|sunion|sdiff|hgetall|hkeys|hvals)$/
/** Words that the reference learnt after 8.0. */
const NEWER = /^(DIFF|DIFF1|ANDOR|ONE|ACKED|DELREF|KEEPREF)$/
const ROUNDS = 12
const STEPS = 150

/** A reply as text; what has no order is put in one. */
function textOf(name: string, reply: Reply | undefined): string {
  if (reply === undefined) return '(none)'
  const isSorted = UNORDERED.test(name) && 'items' in reply
  return isSorted ? reply.items.map(draw).sort().join('\n') : draw(reply)
}

const isNew = isReferenceSince(8, 0) ? false : 'the reference is older than 8.0'

test('replies and data are those of the reference, whatever is asked', {
  skip: isNew,
}, async () => {
  const random = seeded()
  const world = new World({ directives: ['--appendonly', 'no', '--enable-debug-command', 'yes'] })
  const guest = world.connect()
  const server = await startReference({ directives: ['--enable-debug-command', 'yes'] })
  const link = await Link.open(server.port)
  const ask = async (argv: readonly string[]) => {
    const bytes = encode(argv.map((word) => Buffer.from(word, 'latin1')))
    guest.send(bytes)
    link.send(bytes)
    const name = argv[0]!.toLowerCase()
    return [textOf(name, guest.take()[0]), textOf(name, await link.reply())] as const
  }
  const list = await link.ask('COMMAND', 'LIST')
  assert.ok('items' in list)
  const known = new Set(list.items.map(replyText))
  const isAsked = ({ group, fullName, parent, run }: Command) =>
    run !== undefined &&
    GROUPS.has(group) &&
    !LEFT_OUT.test(fullName) &&
    known.has(parent?.fullName ?? fullName)
  const commands = world.store.engine.table.allWithSubcommands().filter(isAsked)
  assert.ok(commands.length > 100, `only ${commands.length} commands`)
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await ask(['FLUSHALL'])
      for (let step = 0; step < STEPS; step++) {
        const isContent = random.chance(0.4)
        const argv = isContent ? randomContent(random) : randomCall(random, random.pick(commands))
        if (argv.some((word) => NEWER.test(word))) continue
        const [ours, theirs] = await ask(argv)
        assert.equal(ours, theirs, JSON.stringify(argv))
        const [our, their] = await ask(['DEBUG', 'DIGEST'])
        assert.equal(our, their, `the data after ${JSON.stringify(argv)}`)
      }
    }
  } finally {
    link.close()
    await server.stop()
  }
})
