/** What a client that tracks is told: which keys to forget, or that nobody is there to be told instead. */
import type { Message } from '../engine/index.ts'
import type { ReplyWriter } from '../resp/index.ts'

/** Where it is said in RESP2. */
const CHANNEL = '__redis__:invalidate'

/** Keys that have changed, or all keys. One object serves all messages. */
export class Invalidation implements Message {
  #keys: readonly string[] | undefined
  /** Whether it is what is being sent, so that it need not be written again. */
  isBegun = false

  /** It tells of these keys, with one character a byte. */
  fill(keys: readonly string[]): void {
    this.#keys = keys
    this.isBegun = false
  }

  /** It tells that everything is to be forgotten. */
  fillAll(): void {
    this.#keys = undefined
    this.isBegun = false
  }

  write(reply: ReplyWriter): void {
    if (reply.isResp3) {
      reply.push(2)
      reply.latin1('invalidate')
    } else {
      reply.array(3)
      reply.latin1('message')
      reply.latin1(CHANNEL)
    }
    if (this.#keys === undefined) {
      reply.null()
      return
    }
    reply.array(this.#keys.length)
    for (const key of this.#keys) reply.latin1(key)
  }
}

/** The client that was to be told instead is gone. */
export class BrokenRedirect implements Message {
  readonly #clientId: number
  isBegun = false

  constructor(clientId: number) {
    this.#clientId = clientId
  }

  write(reply: ReplyWriter): void {
    reply.push(2)
    reply.latin1('tracking-redir-broken')
    reply.integer(this.#clientId)
  }
}
