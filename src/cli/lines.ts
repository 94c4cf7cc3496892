/** Lines of a pipe, as binary strings, read no faster than they are used. */
import { asBytes, type CliInput } from './io.ts'
import { binary } from './words.ts'

/** Gives the lines of a stream one at a time. The last one need not end with a newline. */
export class LineSource {
  readonly #stream: CliInput
  readonly #chunks: AsyncIterator<unknown>
  #text = ''
  #isAtEnd = false
  #coming: Promise<void> | undefined

  constructor(stream: CliInput) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** The next line without its end. @returns `undefined` when there are no more. */
  async read(): Promise<string | undefined> {
    while (!this.#isAtEnd && !this.#text.includes('\n')) await this.#more()
    if (this.#text === '') return undefined
    const end = this.#text.indexOf('\n')
    const line = end === -1 ? this.#text : this.#text.slice(0, end)
    this.#text = end === -1 ? '' : this.#text.slice(end + 1)
    return line
  }

  /** Resolves when there is a line, or the end, or `stop` resolves. */
  async readyOr(stop: Promise<void>): Promise<void> {
    if (this.#isAtEnd || this.#text.includes('\n')) return
    await Promise.race([this.#more(), stop])
  }

  /** Lets go of the stream. */
  close(): void {
    this.#stream.destroy()
  }

  /** Takes another chunk in. Whoever asks while one is on its way waits for the same one. */
  async #more(): Promise<void> {
    this.#coming ??= this.#chunks.next().then(({ done, value }) => {
      if (done === true) this.#isAtEnd = true
      else this.#text += binary(asBytes(value))
      this.#coming = undefined
    })
    await this.#coming
  }
}
