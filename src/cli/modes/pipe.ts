/**
 * Mass insertion: the protocol comes ready-made on standard input and goes to the server as it is,
 * while replies are counted.
 *
 * How many replies to expect is not known, so the end is marked: the last command is an ECHO of
 * random bytes, and when they come back everything before them has been answered.
 */
import { randomBytes } from 'node:crypto'
import { encodeCommand } from '../connection.ts'
import { asBytes } from '../io.ts'
import { type Reply, replyText } from '../reply.ts'
import type { Session } from '../session.ts'

/** Length of the mark in bytes. */
const MARK_BYTES = 20

/** Sends standard input. @returns the exit status: 1 when any reply was an error. */
export async function runPipe(session: Session): Promise<number> {
  if (!(await session.connect())) return 1
  const count = new Count(session, randomBytes(MARK_BYTES))
  const counting = count.untilMark()
  // A failure while we still send is told when we get to waiting for it.
  counting.catch(() => {})
  try {
    await send(session, count)
    await counting
  } catch (error) {
    session.io.stderr.write(`Error reading replies from server: ${(error as Error).message}\n`)
    return 1
  } finally {
    session.close()
  }
  await session.print(`errors: ${count.errors}, replies: ${count.replies}\n`)
  return count.errors === 0 ? 0 : 1
}

async function send(session: Session, count: Count): Promise<void> {
  for await (const chunk of session.io.stdin) await session.connection.sendRaw(asBytes(chunk))
  // An empty line first: if the input was cut short, the ECHO may still be read as a command.
  const echo = encodeCommand(['ECHO', count.mark])
  await session.connection.sendRaw(Buffer.concat([Buffer.from('\r\n'), echo]))
  await session.print('All data transferred. Waiting for the last reply...\n')
  count.startTimeout()
}

class Count {
  readonly mark: Uint8Array
  readonly #session: Session
  errors = 0
  replies = 0
  #isTimedOut = false
  #timer: NodeJS.Timeout | undefined

  constructor(session: Session, mark: Uint8Array) {
    this.#session = session
    this.mark = mark
  }

  async untilMark(): Promise<void> {
    const { connection } = this.#session
    connection.onPush = () => {}
    try {
      while (true) {
        const reply = await connection.read()
        this.#timer?.refresh()
        if (this.#isMark(reply)) break
        this.replies++
        if (reply.kind !== 'error') continue
        this.errors++
        this.#session.io.stderr.write(`${replyText(reply)}\n`)
      }
      await this.#session.print('Last reply received from server.\n')
    } catch (error) {
      if (!this.#isTimedOut) throw error
    } finally {
      clearTimeout(this.#timer)
    }
  }

  /** From now on silence means that something is wrong. */
  startTimeout(): void {
    const { pipeTimeoutSeconds } = this.#session.options
    if (pipeTimeoutSeconds <= 0) return
    this.#timer = setTimeout(() => {
      this.#session.io.stderr.write(`No replies for ${pipeTimeoutSeconds} seconds: exiting.\n`)
      this.errors++
      this.#isTimedOut = true
      this.#session.close()
    }, pipeTimeoutSeconds * 1000)
  }

  #isMark(reply: Reply): boolean {
    return reply.kind === 'bulk' && Buffer.compare(reply.bytes, this.mark) === 0
  }
}
