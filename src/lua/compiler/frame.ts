/** What is kept while a chunk, and one function of it, is turned into JavaScript. */
import type { FunctionBody } from './syntax.ts'

/** How a chunk is to be compiled. */
export interface EmitOptions {
  /** Functions become generators, which can be paused. */
  readonly isPausable: boolean
  /** Functions note that they run, so that `setfenv(1, …)` finds them. */
  readonly keepsFunctions: boolean
}

/** What all functions of a chunk share. */
export class ChunkContext {
  readonly options: EmitOptions
  /** The helpers that the code uses. */
  readonly helpers = new Set<string>()
  /** How many places remember where they last found a field. */
  hintCount = 0

  constructor(options: EmitOptions) {
    this.options = options
  }
}

/** One function: its temporary variables, and names of what it uses. */
export class FunctionFrame {
  readonly context: ChunkContext
  readonly body: FunctionBody
  readonly isPausable: boolean
  /** Its name in JavaScript. */
  readonly label: string
  #temporaries = 0
  #temporariesMax = 0

  constructor(context: ChunkContext, body: FunctionBody) {
    this.context = context
    this.body = body
    this.isPausable = context.options.isPausable
    this.label = `f${body.id}`
  }

  /** The array with the function's extra arguments. */
  get varargs(): string {
    return `v${this.body.id}`
  }

  /** How many temporaries live at once. */
  get temporariesMax(): number {
    return this.#temporariesMax
  }

  /** Notes that a helper is used. @returns its name */
  use(helper: string): string {
    this.context.helpers.add(helper)
    return helper
  }

  /** A place that remembers where it found a field, as the arguments that name it. */
  hint(): string {
    return `H,${this.context.hintCount++}`
  }

  /** A variable that holds a value until it is given back. The latest is given back first. */
  take(): string {
    this.#temporaries++
    if (this.#temporaries > this.#temporariesMax) this.#temporariesMax = this.#temporaries
    return `t${this.#temporaries}`
  }

  /** Gives back the latest temporaries. */
  release(count = 1): void {
    this.#temporaries -= count
  }

  /** What one call of it may take of the JavaScript stack, by a cautious estimate in bytes. */
  get stackBytes(): number {
    const { body, isPausable } = this
    const slots = body.width + this.#temporariesMax + body.parameters.length
    return (isPausable ? 290 : 160) + 8 * slots
  }
}
