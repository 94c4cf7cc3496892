/** What the modes that watch a server share: rounds until Ctrl-C, and patience when it is away. */
import { setTimeout as pause } from 'node:timers/promises'
import { type CommandWord, ConnectionError } from '../connection.ts'
import { Exit } from '../io.ts'
import { type Reply, replyText } from '../reply.ts'
import type { Session } from '../session.ts'

/** How long to wait before trying again to reach a server that went away. */
const RECONNECT_MS = 1000

/** A stop that Ctrl-C asks for. */
export class Rounds {
  readonly #session: Session
  readonly #stop = new AbortController()
  readonly #unlisten: () => void

  constructor(session: Session) {
    this.#session = session
    this.#unlisten = session.io.onInterrupt(() => {
      this.#stop.abort()
    })
  }

  /** Whether the person has had enough. */
  get isOver(): boolean {
    return this.#stop.signal.aborted
  }

  /** Waits; less long when it is over. */
  async pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal }).catch(() => {})
  }

  /**
   * Asks the server, and when it is gone tries to reach it again, once a second.
   * @returns `undefined` when it was over before there was an answer.
   */
  async ask(...words: readonly CommandWord[]): Promise<Reply | undefined> {
    for (let tries = 1; !this.isOver; tries++) {
      try {
        const reply = await this.#session.connection.command(...words)
        if (tries > 1) await this.#session.print('\r\x1b[0K')
        return reply
      } catch (error) {
        if (!(error instanceof ConnectionError || error instanceof Exit)) throw error
        await this.#session.print(`\r\x1b[0KReconnecting... ${tries}\r`)
        await this.pause(RECONNECT_MS)
        await this.#session.connect({ isQuiet: true })
      }
    }
    return undefined
  }

  /** Stops listening for Ctrl-C. */
  end(): void {
    this.#unlisten()
    this.#session.close()
  }
}

/**
 * Asks the server; an error is told on standard error and ends the tool.
 * @param told what stands in front of the error.
 */
export async function must(
  session: Session,
  told: string,
  ...words: readonly CommandWord[]
): Promise<Reply> {
  return refuse(session, told, await session.connection.command(...words))
}

/** The same for a reply that is there. */
export function refuse(session: Session, told: string, reply: Reply): Reply {
  if (reply.kind !== 'error') return reply
  session.io.stderr.write(`${told}: ${replyText(reply)}\n`)
  throw new Exit(1)
}
