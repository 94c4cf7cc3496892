/** `--scan`: all keys, or those that fit a pattern, one a line, by SCAN. */

import { Exit } from '../io.ts'
import { type Reply, replyItems, replyText } from '../reply.ts'
import type { Session } from '../session.ts'
import { binary, quote, unbinary } from '../words.ts'
import { Rounds, refuse } from './rounds.ts'

/** Writes the keys. @returns the exit status. */
export async function runScan(session: Session): Promise<number> {
  if (!(await session.connect())) return 1
  const rounds = new Rounds(session)
  const isQuoted = session.options.output === 'standard'
  for await (const keys of scanKeys(session)) {
    const lines = keys.map((key) => (isQuoted ? quote(binary(key)) : binary(key)))
    await session.print(unbinary(lines.map((line) => `${line}\n`).join('')))
    if (session.options.intervalMs > 0) await rounds.pause(session.options.intervalMs)
    if (rounds.isOver) break
  }
  rounds.end()
  return 0
}

/** The keys that SCAN gives with the options' pattern and count, a reply's worth at a time. */
export async function* scanKeys(session: Session): AsyncGenerator<Uint8Array[]> {
  const { pattern, count } = session.options
  const match = pattern === undefined ? [] : ['MATCH', unbinary(pattern)]
  let cursor = '0'
  do {
    const words = ['SCAN', cursor, ...match, 'COUNT', String(count)]
    const reply = refuse(session, 'SCAN error', await session.connection.command(...words))
    const [next, keys] = replyItems(reply)
    if (replyText(next) === undefined || keys?.kind !== 'array') {
      session.io.stderr.write('The reply to SCAN is not a cursor and keys.\n')
      throw new Exit(1)
    }
    cursor = replyText(next)!
    yield keys.items.map(keyOf)
  } while (cursor !== '0')
}

function keyOf(reply: Reply): Uint8Array {
  return 'bytes' in reply ? reply.bytes : new Uint8Array(0)
}
