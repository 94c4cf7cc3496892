/** How messages look: the same elements in both protocols, as an array in RESP2 and a push in RESP3. */
import { Slice } from '../bytes/index.ts'
import type { Message } from '../engine/index.ts'
import type { ReplyWriter } from '../resp/index.ts'

const NOTHING = new Slice(new Uint8Array(0), 0, 0)

/** A published message. One object serves all, as each is written before the next begins. */
export class Published implements Message {
  word = 'message'
  /** Through which pattern it comes, if it comes through one. */
  pattern: Uint8Array | undefined
  channel = NOTHING
  payload = NOTHING

  write(reply: ReplyWriter): void {
    reply.push(this.pattern === undefined ? 3 : 4)
    reply.latin1(this.word)
    if (this.pattern !== undefined) reply.bulk(this.pattern)
    reply.bulkSlice(this.channel)
    reply.bulkSlice(this.payload)
  }
}

/** What a client is told of its subscriptions. */
export class Confirmation implements Message {
  word = ''
  /** The channel or pattern, or nothing when there was none to leave. */
  name: Slice | undefined
  count = 0

  write(reply: ReplyWriter): void {
    reply.push(3)
    reply.latin1(this.word)
    if (this.name === undefined) reply.null()
    else reply.bulkSlice(this.name)
    reply.integer(this.count)
  }
}
