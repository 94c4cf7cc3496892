/**
 * Between the keyboard and the prompt: what is typed while a command runs is held back, and one
 * line goes through each time the prompt asks for one. So lines that are pasted together appear
 * one by one, each behind the prompt that it belongs to. Ctrl-C never waits.
 */
import { PassThrough } from 'node:stream'
import { asBytes, type CliInput } from './io.ts'

const CTRL_C = 3
const LF = 10
const CR = 13

/** A valve for keys. It starts closed. */
export class KeyGate {
  /** What node:readline reads instead of the terminal itself. */
  readonly output: PassThrough & { isTTY: boolean; setRawMode(isRaw: boolean): void }
  readonly #source: CliInput
  readonly #onInterrupt: () => void
  #held: Uint8Array = new Uint8Array(0)
  #isOpen = false
  #isAtEnd = false
  #onKey: (() => void) | undefined

  /** @param onInterrupt is called for a Ctrl-C while the gate is closed. */
  constructor(source: CliInput, onInterrupt: () => void) {
    this.#source = source
    this.#onInterrupt = onInterrupt
    this.output = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (isRaw: boolean): void => {
        source.setRawMode?.(isRaw)
      },
    })
    source.on('data', this.#receive)
    // Whoever asked for a password before has paused it.
    source.resume()
    source.on('end', this.#end)
  }

  /** Lets keys through up to the end of one line. */
  open(): void {
    this.#isOpen = true
    this.#pass()
  }

  /** Resolves when a key waits behind the closed gate, or `stop` resolves. */
  async keyOr(stop: Promise<void>): Promise<void> {
    if (this.#held.length > 0 || this.#isAtEnd) return
    const key = new Promise<void>((pressed) => {
      this.#onKey = pressed
    })
    await Promise.race([key, stop])
    this.#onKey = undefined
  }

  /** Stops listening to the keyboard. */
  close(): void {
    this.#source.off('data', this.#receive)
    this.#source.off('end', this.#end)
    this.#source.pause()
  }

  #receive = (chunk: unknown): void => {
    let keys = asBytes(chunk)
    const interrupt = this.#isOpen ? -1 : keys.lastIndexOf(CTRL_C)
    if (interrupt !== -1) {
      // It takes back what was typed ahead of it.
      this.#held = new Uint8Array(0)
      keys = keys.subarray(interrupt + 1)
      this.#onInterrupt()
    }
    if (keys.length === 0) return
    this.#held = Buffer.concat([this.#held, keys])
    this.#onKey?.()
    this.#pass()
  }

  #end = (): void => {
    this.#isAtEnd = true
    this.#onKey?.()
    this.#pass()
  }

  #pass(): void {
    if (!this.#isOpen) return
    const end = this.#held.findIndex((byte) => byte === CR || byte === LF)
    if (end === -1) {
      const keys = this.#held
      this.#held = new Uint8Array(0)
      if (keys.length > 0) this.output.write(keys)
      if (this.#isAtEnd) this.output.end()
      return
    }
    this.#isOpen = false
    const isPair = this.#held[end] === CR && this.#held[end + 1] === LF
    const line = Buffer.concat([this.#held.subarray(0, end), Uint8Array.of(CR)])
    this.#held = this.#held.slice(end + (isPair ? 2 : 1))
    this.output.write(line)
  }
}
