/** A helper process that answers each line it gets with a line of JSON, such as the pinger. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'

export class Asked<Answer> {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface

  /** Starts the command line. */
  constructor(argv: readonly string[]) {
    this.#child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#reader = createInterface({ input: this.#child.stdout! })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  /** Ends a phase: what was seen since the last one ended. */
  async closePhase(): Promise<Answer> {
    this.#child.stdin!.write('\n')
    const line = await this.#lines.next()
    if (line.done) throw new Error('the helper lost its server')
    return JSON.parse(line.value) as Answer
  }

  stop(): void {
    this.#child.stdin!.end()
    this.#child.kill('SIGTERM')
    this.#reader.close()
  }
}
