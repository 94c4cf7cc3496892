/** Names in scope while a chunk is parsed, and the limits on how many there may be. */
import type { Lexer } from './lexer.ts'
import type { Expression, FunctionBody, Variable } from './syntax.ts'

/** The reference's limits. */
const LOCALS_MAX = 200
const UPVALUES_MAX = 60

/** One function whose text is being read, with the variables that are visible in it. */
interface OpenFunction {
  readonly body: FunctionBody
  readonly visible: Variable[]
  /** Where in `visible` each open block began. */
  readonly blocks: number[]
  /** How many loops are open. */
  loops: number
}

/** The functions that are open at a place of the text, innermost last. */
export class Scope {
  readonly #lexer: Lexer
  readonly #open: OpenFunction[] = []
  #functions = 0
  #labels = 0

  constructor(lexer: Lexer) {
    this.#lexer = lexer
  }

  /** The innermost function. */
  get body(): FunctionBody {
    return this.#top.body
  }

  get #top(): OpenFunction {
    return this.#open[this.#open.length - 1]!
  }

  /** Whether a `break` would have a loop to leave. */
  get isInLoop(): boolean {
    return this.#top.loops > 0
  }

  /** Begins a function. */
  openFunction(line: number): FunctionBody {
    const parent = this.#open.length === 0 ? undefined : this.body
    const body: FunctionBody = {
      id: this.#functions++,
      parent,
      line,
      parameters: [],
      isVararg: parent === undefined,
      argTable: undefined,
      usesVararg: false,
      hasCalls: false,
      size: 1,
      width: 0,
      upvalues: new Set(),
      block: [],
    }
    this.#open.push({ body, visible: [], blocks: [], loops: 0 })
    return body
  }

  /** Ends the innermost function. */
  closeFunction(): void {
    this.#open.pop()
  }

  /** Begins a block, of a loop or another. */
  openBlock(isLoop: boolean): void {
    const top = this.#top
    top.blocks.push(top.visible.length)
    if (isLoop) top.loops++
  }

  /** Ends the innermost block: its variables are visible no more. */
  closeBlock(isLoop: boolean): void {
    const top = this.#top
    top.visible.length = top.blocks.pop()!
    if (isLoop) top.loops--
  }

  /** A variable that is not visible yet: the values it is declared with cannot see it. */
  create(name: string, isNumber = false): Variable {
    return {
      name,
      label: `${name}$${++this.#labels}`,
      owner: this.body,
      isUsed: false,
      isCaptured: false,
      isAssigned: false,
      isFunction: false,
      isNumber,
    }
  }

  /** Fails when there would be too many with so many more. */
  checkRoom(more: number): void {
    const count = this.#top.visible.length + more
    if (count > LOCALS_MAX) this.#failLimit(LOCALS_MAX, 'local variables')
    if (count > this.body.width) this.body.width = count
  }

  /** Makes variables visible from here to the end of the block. */
  declare(...variables: readonly Variable[]): void {
    this.#top.visible.push(...variables)
  }

  /** Room for variables that have no name in the text: the inner ones of loops. */
  declareHidden(count: number): void {
    this.checkRoom(count)
    for (let at = 0; at < count; at++) this.declare(this.create('(for)'))
  }

  /** What a name means here. */
  resolve(name: string): Expression {
    for (let depth = this.#open.length - 1; depth >= 0; depth--) {
      const { visible } = this.#open[depth]!
      for (let at = visible.length - 1; at >= 0; at--) {
        const variable = visible[at]!
        if (variable.name !== name) continue
        variable.isUsed = true
        const isUpvalue = depth < this.#open.length - 1
        if (isUpvalue) this.#capture(variable, depth)
        return { kind: 'local', variable, isUpvalue }
      }
    }
    return { kind: 'global', name, line: this.#lexer.lastLine }
  }

  #capture(variable: Variable, depth: number): void {
    variable.isCaptured = true
    for (let inner = depth + 1; inner < this.#open.length; inner++) {
      const { body } = this.#open[inner]!
      body.upvalues.add(variable)
      if (body.upvalues.size > UPVALUES_MAX) this.#failLimit(UPVALUES_MAX, 'upvalues', body)
    }
  }

  #failLimit(limit: number, what: string, body = this.body): never {
    const where = body.parent === undefined ? 'main function' : `function at line ${body.line}`
    this.#lexer.fail(`${where} has more than ${limit} ${what}`, undefined)
  }
}
