/** Whether a value that was read from anywhere is one that works: what it holds, and that it goes on. */
import assert from 'node:assert/strict'
import { latin1 } from '../../src/bytes/index.ts'
import { type Reply, replyText } from '../../src/resp/reply.ts'
import { dataOf, type World } from './world.ts'

interface Traffic {
  readonly count: string
  /** Replies with the elements. */
  readonly all?: string
  /** What reads and changes the value, at its ends and inside. */
  readonly more: readonly string[]
}

const TRAFFIC: Readonly<Record<string, Traffic>> = {
  string: { count: 'STRLEN k', more: ['APPEND k x', 'SETRANGE k 3 y', 'GETRANGE k 0 -1'] },
  list: {
    count: 'LLEN k',
    all: 'LRANGE k 0 -1',
    more: ['LPUSH k a', 'LSET k -1 b', 'LINSERT k AFTER b c', 'LREM k 0 b', 'RPOP k'],
  },
  set: {
    count: 'SCARD k',
    all: 'SMEMBERS k',
    more: ['SADD k a 17', 'SREM k 17', 'SRANDMEMBER k 3', 'SPOP k'],
  },
  hash: {
    count: 'HLEN k',
    all: 'HKEYS k',
    more: ['HSET k a b', 'HSET k n 1', 'HINCRBY k n 1', 'HDEL k a', 'HRANDFIELD k 3'],
  },
  zset: {
    count: 'ZCARD k',
    all: 'ZRANGE k 0 -1',
    more: ['ZADD k 1 a', 'ZINCRBY k 2 a', 'ZRANK k a', 'ZREMRANGEBYRANK k 0 0'],
  },
  stream: {
    count: 'XLEN k',
    all: 'XRANGE k - +',
    more: ['XINFO STREAM k FULL', 'XREVRANGE k + - COUNT 3', 'XTRIM k MAXLEN = 1'],
  },
}

/**
 * Checks the value at the key `k`: that its elements are as many as are counted, and different; that it
 * is the same when it was dumped and restored; and that commands can change it. Throws what is wrong.
 */
export function judgeValue(world: World): void {
  const ask = (line: string) => world.ask(...line.split(' '))!
  const type = replyText(ask('TYPE k'))!
  const { count, all, more } = TRAFFIC[type]!
  if (all !== undefined) {
    const names = namesOf(ask(all))
    const counted = Number(replyText(ask(count)))
    // Fields that have expired and are still there are counted, but not shown.
    assert.ok(type === 'hash' ? names.length <= counted : names.length === counted, 'the count')
    if (type !== 'list') assert.equal(new Set(names).size, names.length, 'each is there once')
  }
  judgePayload(world)
  for (const line of more) {
    const reply = ask(line)
    assert.notEqual(reply.kind, 'error', `${line}: ${replyText(reply)}`)
  }
}

function judgePayload(world: World): void {
  // Damage may have given it an expiry, which is no part of a payload.
  world.ask('PERSIST', 'k')
  const lines = dataOf(world.store)
  const dumped = world.ask('DUMP', 'k')!
  assert.equal(dumped.kind, 'bulk')
  const payload = Uint8Array.from(dumped.bytes)
  world.ask('DEL', 'k')
  assert.equal(replyText(world.ask('RESTORE', 'k', '0', payload)!), 'OK', 'it can be restored')
  assert.deepEqual(dataOf(world.store), lines, 'it is the same when it was restored')
}

/** Elements, and of entries of a stream their ids. */
function namesOf(reply: Reply): string[] {
  assert.equal(reply.kind, 'array')
  return reply.items.map((item) => {
    const name = item.kind === 'array' ? item.items[0]! : item
    assert.equal(name.kind, 'bulk')
    return latin1(name.bytes)
  })
}
