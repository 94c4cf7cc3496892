/**
 * The line that a person types: node:readline for editing, history and Tab, and behind the cursor
 * a dimmed hint of what may follow.
 *
 * The hint is not part of the line. It is wiped before readline handles a key and drawn again
 * after, and only while the cursor stands at the end and there is room in the terminal's row, so
 * that readline's idea of the screen stays true.
 */
import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { HISTORY_LINES_MAX } from './history.ts'
import type { CliIo } from './io.ts'
import { KeyGate } from './key-gate.ts'

/** What the prompt asks for help. */
export interface PromptHelpers {
  /** The hint for a line; empty when there is none. */
  hint(line: string): string
  /** Candidates for the end of a line, and the text that they replace. */
  complete(line: string): [string[], string]
  /** Ctrl-C while no line is being typed: a command runs. */
  onInterrupt(): void
}

/** Reads lines from a terminal. */
export class Prompt {
  readonly #io: CliIo
  readonly #hint: (line: string) => string
  readonly #gate: KeyGate
  readonly #reader: Interface
  #waiting: ((line: string | undefined) => void) | undefined
  #isAtEnd = false
  #isHintShown = false

  /** @param history the lines for the arrow keys, newest first. */
  constructor(io: CliIo, helpers: PromptHelpers, history: string[]) {
    this.#io = io
    this.#hint = helpers.hint
    this.#gate = new KeyGate(io.stdin, helpers.onInterrupt)
    this.#reader = createInterface({
      input: this.#gate.output,
      output: io.stdout,
      terminal: true,
      history,
      historySize: HISTORY_LINES_MAX,
      completer: helpers.complete,
    })
    pasteWithin(this.#reader)
    this.#gate.output.prependListener('keypress', this.#wipeHint)
    this.#gate.output.on('keypress', this.#handleKey)
    this.#reader.on('line', (line) => this.#give(line))
    this.#reader.on('close', () => this.#giveEnd())
    this.#reader.on('SIGINT', () => this.#interrupt())
  }

  /**
   * Reads a line.
   * @returns `undefined` when there are no more: Ctrl-D, Ctrl-C, or the terminal is gone.
   */
  async read(prompt: string): Promise<string | undefined> {
    if (this.#isAtEnd) return undefined
    this.#reader.setPrompt(prompt)
    this.#reader.prompt()
    return await new Promise((give) => {
      this.#waiting = give
      this.#gate.open()
    })
  }

  /** Resolves when a key is pressed, which then begins the next line, or `stop` resolves. */
  async keyOr(stop: Promise<void>): Promise<void> {
    await this.#gate.keyOr(stop)
  }

  /** Gives the terminal back. */
  close(): void {
    this.#reader.close()
    this.#gate.close()
  }

  #give(line: string | undefined): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(line)
  }

  /** Ctrl-C throws the line away and ends the reading, but the prompt can be asked again. */
  #interrupt(): void {
    this.#reader.write(null, { ctrl: true, name: 'e' })
    this.#reader.write(null, { ctrl: true, name: 'u' })
    this.#io.stdout.write('\n')
    this.#give(undefined)
  }

  #giveEnd(): void {
    this.#isAtEnd = true
    // The shell's prompt should not stand behind ours.
    if (this.#waiting !== undefined) this.#io.stdout.write('\n')
    this.#give(undefined)
  }

  #wipeHint = (): void => {
    if (this.#isHintShown) this.#io.stdout.write('\x1b[0K')
    this.#isHintShown = false
  }

  #handleKey = (_text: string | undefined, key: { readonly name?: string }): void => {
    // Tab writes later, when the candidates are known: after this turn of the loop.
    if (key?.name === 'tab') setImmediate(() => this.#drawHint())
    else this.#drawHint()
  }

  #drawHint(): void {
    if (this.#waiting === undefined) return
    const { line, cursor } = this.#reader
    if (line === '' || cursor !== line.length) return
    const hint = this.#hint(line)
    if (hint === '') return
    // A terminal that was never told its size, as in a container, says 0.
    const columns = this.#io.stdout.columns || 80
    const { cols } = this.#reader.getCursorPos()
    const text = `${/\s$/.test(line) ? '' : ' '}${hint}`.slice(0, Math.max(0, columns - cols - 1))
    if (text === '') return
    this.#isHintShown = true
    const { stdout } = this.#io
    stdout.write(`${styleText('gray', text, { stream: stdout })}\x1b[${text.length}D`)
  }
}

/**
 * Keys that come together, as when they are pasted, go where the cursor is. By itself node:readline,
 * which completes nothing meanwhile, appends them to the line wherever the cursor stands.
 */
function pasteWithin(reader: Interface): void {
  let isEnabled = true
  Object.defineProperty(reader, 'isCompletionEnabled', {
    get: () => isEnabled || reader.cursor < reader.line.length,
    set: (isNow: boolean) => {
      isEnabled = isNow
    },
  })
}

/** Asks for a password, showing a star for each key. Without a terminal it is the first line. */
export async function askPassword(io: CliIo, question: string): Promise<string> {
  const isTerminal = io.stdin.isTTY === true
  if (isTerminal) io.stdout.write(question)
  const masked = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: io.stdin, output: masked, terminal: isTerminal })
  const count = (text: string | undefined): void => {
    if (text !== undefined && text >= ' ' && text !== '\x7f') io.stdout.write('*')
  }
  if (isTerminal) io.stdin.on('keypress', count)
  const line = await new Promise<string>((done) => {
    reader.on('line', done)
    reader.on('close', () => done(''))
    reader.on('SIGINT', () => reader.close())
  })
  io.stdin.off('keypress', count)
  reader.close()
  if (isTerminal) io.stdout.write('\n')
  return line
}
