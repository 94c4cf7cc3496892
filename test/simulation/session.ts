/** One client of the simulated store: what it says, cut anywhere on its way, and what it is told. */
import { latin1 } from '../../src/bytes/index.ts'
import type { Client, Outlet } from '../../src/engine/index.ts'
import type { Reply } from '../../src/resp/reply.ts'
import { ReplyReader } from '../../src/resp/reply-reader.ts'
import type { Store } from '../../src/store/index.ts'
import { encode } from '../support/link.ts'
import { type Answer, Speaker } from './model.ts'
import { waits } from './words.ts'

/** An answer that a client waits for, and the state that must survive once it has it. */
export interface Expected {
  readonly argv: readonly string[]
  readonly answer: Answer
  readonly needed: number
  /** It was done under `always`, whatever holds when it is answered. */
  readonly isAlways: boolean
}

/** What the owner of sessions is told. */
export interface SessionEvents {
  /** A reply has left the server. */
  told(session: Session, reply: Reply): void
  /** The server has ended the connection. */
  closed(session: Session): void
}

interface Saying {
  readonly argv: readonly string[]
  /** Where it ends in all that the client has said. */
  readonly end: number
}

export class Session {
  readonly speaker = new Speaker()
  readonly number: number
  readonly client: Client
  /** What the server still has to answer. */
  readonly expected: Expected[] = []
  isOpen = true
  /** It has ended its side, and waits for what it is still to be told. */
  isLeaving = false
  readonly #store: Store
  #unsent = Buffer.alloc(0)
  #saidBytes = 0
  #arrivedBytes = 0
  #sayings: Saying[] = []
  #isListening = false

  constructor(store: Store, number: number, events: SessionEvents) {
    this.#store = store
    this.number = number
    const reader = new ReplyReader()
    const outlet: Outlet = {
      send: (bytes, start, end) => {
        reader.push(bytes.subarray(start, end))
        for (let reply = reader.next(); reply; reply = reader.next()) events.told(this, reply)
        return true
      },
      close: () => {
        if (!this.isOpen) return
        this.isOpen = false
        store.engine.disconnect(this.client)
        events.closed(this)
      },
      pendingBytes: 0,
    }
    this.client = store.connect(outlet)
  }

  /** Whether it may say something: one who has asked to wait says no more until he is answered. */
  get isTalking(): boolean {
    return this.isOpen && !this.#isListening
  }

  /** Whether something is on its way. */
  get hasUnsent(): boolean {
    return this.#unsent.length > 0
  }

  /** It has been answered, so it may go on. */
  heard(): void {
    if (this.expected.length === 0 && this.#unsent.length === 0) {
      if (this.speaker.waiting === undefined) this.#isListening = false
    }
  }

  /** Sends commands on their way. */
  say(commands: readonly (readonly string[])[]): void {
    for (const argv of commands) {
      const bytes = encode(argv)
      this.#saidBytes += bytes.length
      this.#sayings.push({ argv, end: this.#saidBytes })
      this.#unsent = Buffer.concat([this.#unsent, bytes])
      if (waits(argv)) this.#isListening = true
    }
  }

  /** How many bytes are on their way, and what they end of. */
  arriving(count: number): { size: number; commands: (readonly string[])[] } {
    const size = Math.min(count, this.#unsent.length)
    this.#arrivedBytes += size
    const whole = this.#sayings.filter(({ end }) => end <= this.#arrivedBytes)
    this.#sayings = this.#sayings.slice(whole.length)
    return { size, commands: whole.map(({ argv }) => argv) }
  }

  /** Gives as many bytes to the server. */
  deliver(size: number): void {
    const bytes = this.#unsent.subarray(0, size)
    this.#unsent = this.#unsent.subarray(size)
    if (!this.isOpen) return
    this.#store.engine.receive(this.client, Uint8Array.from(bytes), 0, bytes.length)
  }

  /** The client says no more. */
  leave(): void {
    this.isLeaving = true
    if (this.isOpen) this.#store.engine.endInput(this.client)
  }

  /** The connection breaks. */
  break(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#store.engine.disconnect(this.client)
  }
}

/** Whether a reply is what the model expects; of errors, only the code is compared. */
export function agrees(reply: Reply, answer: Answer): boolean {
  if (answer === '*') return true
  if (typeof answer === 'string') {
    const words = wordsOf(reply)
    return answer.startsWith('-') ? words.startsWith(answer) : words === answer
  }
  if (reply.kind !== 'array' || reply.items.length !== answer.items.length) return false
  if (answer.isOrdered) return answer.items.every((item, i) => agrees(reply.items[i]!, item))
  const sorted = reply.items.map(wordsOf).sort()
  return [...answer.items].sort().every((item, i) => item === sorted[i])
}

/** A reply in the words of the model. */
export function wordsOf(reply: Reply): string {
  switch (reply.kind) {
    case 'simple':
      return `+${latin1(reply.bytes)}`
    case 'error':
      return `-${latin1(reply.bytes)}`
    case 'integer':
      return `:${reply.value}`
    case 'bulk':
      return `$${latin1(reply.bytes)}`
    case 'null':
      return '_'
    case 'array':
      return `[${reply.items.map(wordsOf).join(' ')}]`
    default:
      throw new Error(`no client has asked for a reply of kind ${reply.kind}`)
  }
}

/** A command for people. */
export function wordsIn(argv: readonly string[]): string {
  return argv.map(shortened).join(' ')
}

/** A word for people, who need not see all of a long one. */
export function shortened(word: string): string {
  return word.length > 60 ? `${word.slice(0, 60)}… (${word.length})` : word
}

/** An expected answer for people. */
export function answerText(answer: Answer): string {
  return typeof answer === 'string' ? answer : `[${answer.items.map(answerText).join(' ')}]`
}
