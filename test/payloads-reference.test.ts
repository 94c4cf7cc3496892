/** DUMP and RESTORE with the reference at the other end, and what it makes of our own fixtures. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { withFooter } from '../src/rdb/index.ts'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { EVERY_ENCODING, EVERY_FIELD_EXPIRY } from './support/every-encoding.ts'
import { Link } from './support/link.ts'
import { join } from './support/rdb-bytes.ts'
import { RDB_FORMS } from './support/rdb-forms.ts'
import {
  isReferenceSince,
  needsReference,
  type Server,
  startHoldfast,
  startReference,
} from './support/servers.ts'

const COMMANDS = [...EVERY_ENCODING, ...(isReferenceSince(7, 4) ? EVERY_FIELD_EXPIRY : [])]
/** What the reference reads: 10 from 7.0 on, 11 from 7.2, 12 from 7.4. */
const VERSION_MAX = isReferenceSince(7, 4) ? 12 : isReferenceSince(7, 2) ? 11 : 10
const DIRECTIVES = ['--enable-debug-command', 'yes', '--save', '']

/** Since 7.2 small lists and sets have the encodings that they have here. */
const hasOurEncodings = isReferenceSince(7, 2)

/** Everything about a value that both sides tell alike. */
async function factsOf(link: Link, key: string): Promise<unknown[]> {
  const facts: unknown[] = [await link.ask('DEBUG', 'DIGEST-VALUE', key)]
  const type = await link.text('TYPE', key)
  // A short string that was changed in place has another one until it is restored.
  const hasEncoding = hasOurEncodings && type !== 'string' && key !== ZIPLIST_KEY
  if (hasEncoding) facts.push(await link.text('OBJECT', 'ENCODING', key))
  if (type !== 'stream') return facts
  const stream = itemsOf(await link.ask('XINFO', 'STREAM', key))
  // The nodes of a tree are each side's own.
  facts.push(stream.filter((_, i) => i !== NODES_AT))
  const groups = itemsOf(await link.ask('XINFO', 'GROUPS', key))
  for (const group of groups) {
    const name = replyText(itemsOf(group)[1]!)!
    facts.push(group, await link.ask('XPENDING', key, name))
  }
  return facts
}

const NODES_AT = 5
/** The reference makes a quicklist of a list that comes in a ziplist, however short it is. */
const ZIPLIST_KEY = 'ziplist'
const LIST_ZIPLIST = 10

function itemsOf(reply: Reply): readonly Reply[] {
  assert.equal(reply.kind, 'array')
  return reply.items
}

describe('payloads', { skip: needsReference }, () => {
  let servers: Server[] = []
  let ours: Link
  let theirs: Link

  before(async () => {
    servers = [
      await startHoldfast({ directives: DIRECTIVES }),
      await startReference({ directives: DIRECTIVES }),
    ]
    ours = await Link.open(servers[0]!.port)
    theirs = await Link.open(servers[1]!.port)
  })

  after(async () => {
    ours?.close()
    theirs?.close()
    for (const server of servers) await server.stop()
  })

  for (const isOurs of [true, false]) {
    const name = isOurs ? 'ours is restored there' : 'theirs is restored here'
    test(`of a value of every encoding, ${name} and back`, async () => {
      const [from, to] = isOurs ? [ours, theirs] : [theirs, ours]
      await from.ask('FLUSHALL')
      await to.ask('FLUSHALL')
      for (const command of COMMANDS) assert.notEqual((await from.ask(...command)).kind, 'error')
      const keys = itemsOf(await from.ask('KEYS', '*')).map((name) => replyText(name)!)
      assert.ok(keys.length > 20)
      for (const key of keys) {
        const facts = await factsOf(from, key)
        await carry(from, to, key)
        assert.deepEqual(await factsOf(to, key), facts, key)
        await carry(to, from, key)
        assert.deepEqual(await factsOf(from, key), facts, `${key} back again`)
      }
    })
  }

  for (const form of RDB_FORMS) {
    const skip = form.version > VERSION_MAX && `the reference reads version ${VERSION_MAX} at most`
    test(`of our own making, ${form.name} is for both the same`, { skip }, async () => {
      for (const version of [form.version, VERSION_MAX]) {
        const key = form.type === LIST_ZIPLIST ? ZIPLIST_KEY : 'k'
        const payload = withFooter([join([form.type], form.body)], version)
        for (const link of [ours, theirs]) {
          assert.equal(await link.text('RESTORE', key, '0', payload, 'REPLACE'), 'OK')
        }
        assert.deepEqual(await factsOf(ours, key), await factsOf(theirs, key))
      }
    })
  }
})

/** Restores at the other end what is dumped at one. */
async function carry(from: Link, to: Link, key: string): Promise<void> {
  const payload = await from.ask('DUMP', key)
  assert.equal(payload.kind, 'bulk')
  const ttl = (await from.text('PEXPIRETIME', key))!
  const expiry = Number(ttl) > 0 ? ttl : '0'
  const options = ['REPLACE', 'ABSTTL']
  assert.equal(await to.text('RESTORE', key, expiry, payload.bytes, ...options), 'OK', key)
}
