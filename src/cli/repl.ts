/**
 * The loop that reads commands: from a person at a terminal, or one a line from a pipe. Both
 * understand the same words of its own: `help`, `clear`, `connect`, `exit`, `:set`, and a number
 * in front of a command to repeat it.
 */
import { readFileSync } from 'node:fs'
import { complete, hintFor } from './assist.ts'
import { Connection } from './connection.ts'
import { type CommandDoc, readDocs } from './docs.ts'
import { GENERIC_HELP, helpOn } from './help.ts'
import { dotFile, History, isSensitive } from './history.ts'
import { type CliIo, Exit } from './io.ts'
import { LineSource } from './lines.ts'
import { Prompt } from './prompt.ts'
import type { Session } from './session.ts'
import { binary, binaryOfText, splitWords, unbinary } from './words.ts'

/** Commands slower than this are followed by how long they took. */
const SLOW_MS = 500

const READING = 'Reading messages... (press Ctrl-C to quit or any key to type command)\r'

/** Where lines come from. They are binary strings. */
interface Lines {
  read(prompt: string): Promise<string | undefined>
  /** Resolves when there is something to read, or `stop` does. */
  readyOr(stop: Promise<void>): Promise<void>
  close(): void
}

/** The loop's own state. */
export class Repl {
  readonly #session: Session
  readonly #history: History | undefined
  readonly #lines: Lines
  readonly #isTerminal: boolean
  #docs: readonly CommandDoc[] | undefined
  #showsHints = true
  #isDone = false
  #isInterrupted = false

  constructor(session: Session) {
    const { io } = session
    this.#session = session
    this.#isTerminal = io.stdin.isTTY === true
    if (!this.#isTerminal) {
      this.#lines = new LineSource(io.stdin)
      return
    }
    this.#history = new History(dotFile(io.env, 'HOLDFAST_HISTFILE', '.holdfast_history'))
    this.#lines = this.#openPrompt(io, this.#history)
  }

  /**
   * Runs until there are no more lines.
   * @returns the exit status: a person has seen the errors, a script has to be told.
   */
  async run(): Promise<number> {
    const session = this.#session
    session.isLoop = true
    if (!(await session.connect())) session.hadError = true
    if (this.#isTerminal) {
      await this.#loadPreferences()
      this.#docs = await this.#fetchDocs()
    }
    try {
      await this.#loop()
    } finally {
      this.#lines.close()
      session.close()
    }
    return this.#isInterrupted || (session.hadError && !this.#isTerminal) ? 1 : 0
  }

  async #loop(): Promise<void> {
    const session = this.#session
    while (!this.#isDone) {
      const line = await this.#lines.read(session.prompt)
      if (line === undefined) {
        // The first way out leads back to the prompt.
        if (!session.isSubscribed || !this.#isTerminal) return
        await session.leaveSubscriptions()
        continue
      }
      if (line !== '') await this.#runLine(line)
      if (session.isSubscribed) await this.#showMessages()
    }
  }

  async #runLine(line: string): Promise<void> {
    const words = splitWords(line)
    if (words === undefined) {
      this.#session.hadError = true
      this.#remember(line, [])
      return await this.#session.print('Invalid argument(s)\n')
    }
    if (words.length === 0) return
    const repeat = words.length > 1 && /^[+-]?\d+$/.test(words[0]!) ? Number(words[0]) : undefined
    const command = repeat === undefined ? words : words.slice(1)
    this.#remember(line, command)
    if (repeat !== undefined && (repeat <= 0 || !Number.isSafeInteger(repeat))) {
      this.#session.hadError = true
      return await this.#session.print('Invalid holdfast cli repeat command option value.\n')
    }
    if (await this.#runOwn(command)) return
    const start = performance.now()
    await this.#session.issue(command.map(unbinary), repeat ?? 1)
    const elapsedMs = performance.now() - start
    if (elapsedMs >= SLOW_MS && this.#session.options.output === 'standard') {
      await this.#session.print(`(${(elapsedMs / 1000).toFixed(2)}s)\n`)
    }
  }

  /** @returns whether the loop itself was meant. */
  async #runOwn(command: readonly string[]): Promise<boolean> {
    const session = this.#session
    const name = command[0]!.toLowerCase()
    if (name === 'quit' || name === 'exit') this.#isDone = true
    else if (name.startsWith(':')) await this.#setPreference(command, '')
    else if (name === 'help' || name === '?') await this.#help(command.slice(1))
    else if (name === 'clear' && command.length === 1) await session.print('\x1b[H\x1b[2J')
    else if (name === 'connect' && command.length === 3) {
      await session.moveTo(command[1]!, Number(command[2]))
    } else return false
    return true
  }

  async #help(topic: readonly string[]): Promise<void> {
    if (topic.length === 0) return await this.#session.print(GENERIC_HELP)
    this.#docs ??= await this.#fetchDocs()
    await this.#session.print(await helpText(this.#session, this.#docs, topic))
  }

  async #setPreference(words: readonly string[], place: string): Promise<void> {
    const [name, value] = words.map((word) => word.toLowerCase())
    if (name !== ':set' || value === undefined) {
      return await this.#session.print(`${place}unknown holdfast cli internal command '${name}'\n`)
    }
    if (value !== 'hints' && value !== 'nohints') {
      return await this.#session.print(`${place}unknown holdfast cli preference '${value}'\n`)
    }
    this.#showsHints = value === 'hints'
  }

  async #loadPreferences(): Promise<void> {
    const path = dotFile(this.#session.io.env, 'HOLDFAST_RCFILE', '.holdfastrc')
    for (const line of textOf(path).split('\n')) {
      const words = splitWords(line)
      if (words !== undefined && words.length > 0) await this.#setPreference(words, '.holdfastrc: ')
    }
  }

  async #fetchDocs(): Promise<readonly CommandDoc[] | undefined> {
    const docs = await fetchDocs(this.#session)
    return docs.length === 0 ? undefined : docs
  }

  #openPrompt(io: CliIo, history: History): Lines {
    const prompt = new Prompt(
      io,
      {
        hint: (line) => (this.#showsHints ? hintFor(this.#docs ?? [], line) : ''),
        complete: (line) => complete(this.#docs ?? [], line),
        onInterrupt: () => this.#interrupt(prompt),
      },
      history.newestFirst,
    )
    return {
      read: async (text) => {
        const line = await prompt.read(text)
        return line === undefined ? undefined : binaryOfText(line)
      },
      readyOr: (stop) => prompt.keyOr(stop),
      close: () => prompt.close(),
    }
  }

  /** Ctrl-C while a command runs: a stream ends, anything else ends the tool. */
  #interrupt(prompt: Prompt): void {
    if (this.#session.isStreaming) {
      this.#session.abort()
      return
    }
    this.#isDone = true
    this.#isInterrupted = true
    prompt.close()
    this.#session.leave()
  }

  #remember(line: string, command: readonly string[]): void {
    if (this.#history === undefined || isSensitive(command)) return
    this.#history.add(Buffer.from(line, 'latin1').toString())
  }

  /** Shows what is published until a key is pressed or another line comes. */
  async #showMessages(): Promise<void> {
    const session = this.#session
    const { stdout } = session.io
    const isTold = stdout.isTTY === true && session.options.output !== 'raw'
    while (session.isSubscribed) {
      if (session.connection.hasReply) {
        await session.showMessage()
        continue
      }
      if (isTold) stdout.write(READING)
      let isStopped = false
      const message = session.connection.readable().then(() => {
        isStopped = true
      })
      await this.#lines.readyOr(message)
      if (isTold) stdout.write('\x1b[K')
      if (!isStopped) return
      await session.showMessage()
    }
  }
}

/**
 * Asks the server for its command table, over a connection of its own, since the session's may be
 * inside a transaction.
 * @returns nothing when the server refuses.
 */
export async function fetchDocs(session: Session): Promise<readonly CommandDoc[]> {
  let connection: Connection | undefined
  try {
    connection = await Connection.open(session.options)
    const { user, password } = session.options
    if (password !== undefined) {
      await connection.command('AUTH', ...(user === undefined ? [] : [user]), password)
    }
    return readDocs(await connection.command('COMMAND', 'DOCS'))
  } catch (error) {
    if (error instanceof Exit) throw error
    return []
  } finally {
    connection?.close()
  }
}

/** The help on a topic, in the colours of the terminal. */
export async function helpText(
  session: Session,
  docs: readonly CommandDoc[] | undefined,
  topic: readonly string[],
): Promise<string> {
  return helpOn(docs ?? (await fetchDocs(session)), topic, session.io.stdout)
}

function textOf(path: string | undefined): string {
  if (path === undefined) return ''
  try {
    return binary(readFileSync(path))
  } catch {
    return ''
  }
}
