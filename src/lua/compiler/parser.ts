/**
 * Text into statements: recursive descent, one method for each rule of the grammar. It never looks
 * further than one token ahead, and fails with the reference's words at the same tokens.
 */
import { Lexer } from './lexer.ts'
import { Scope } from './scope.ts'
import type {
  BinaryOperator,
  CallExpression,
  Expression,
  FunctionBody,
  Statement,
  TableExpression,
  Variable,
} from './syntax.ts'

/** How deep blocks and expressions may stand in each other. */
const LEVELS_MAX = 200

/** How strongly operators bind what is to the left and to the right of them. */
const BINDING: Readonly<Record<string, readonly [left: number, right: number]>> = {
  '+': [6, 6],
  '-': [6, 6],
  '*': [7, 7],
  '/': [7, 7],
  '%': [7, 7],
  '^': [10, 9],
  '..': [5, 4],
  '~=': [3, 3],
  '==': [3, 3],
  '<': [3, 3],
  '<=': [3, 3],
  '>': [3, 3],
  '>=': [3, 3],
  and: [2, 2],
  or: [1, 1],
}
const UNARY_BINDING = 8

/** Parses a chunk. Raises a `LuaError` when it is not Lua. */
export function parseChunk(source: string, chunkName: string): FunctionBody {
  return new Parser(new Lexer(source, chunkName)).chunk()
}

class Parser {
  readonly #lexer: Lexer
  readonly #scope: Scope
  #level = 0
  /** Expressions and statements seen so far in the innermost function. */
  #size = 0

  constructor(lexer: Lexer) {
    this.#lexer = lexer
    this.#scope = new Scope(lexer)
  }

  chunk(): FunctionBody {
    const body = this.#scope.openFunction(0)
    this.#lexer.next()
    body.block = this.#statements()
    this.#check('<eof>')
    body.size = this.#size
    this.#scope.closeFunction()
    return body
  }

  // Tokens

  #check(kind: string): void {
    if (this.#lexer.kind !== kind) this.#lexer.error(`'${kind}' expected`)
  }

  #expect(kind: string): void {
    this.#check(kind)
    this.#lexer.next()
  }

  #accept(kind: string): boolean {
    if (this.#lexer.kind !== kind) return false
    this.#lexer.next()
    return true
  }

  /** Expects what closes something, and says what when it is not there. */
  #expectMatch(closing: string, opening: string, line: number): void {
    if (this.#accept(closing)) return
    if (line === this.#lexer.line) this.#lexer.error(`'${closing}' expected`)
    this.#lexer.error(`'${closing}' expected (to close '${opening}' at line ${line})`)
  }

  #name(): string {
    this.#check('<name>')
    const { text } = this.#lexer
    this.#lexer.next()
    return text
  }

  #enter(): void {
    if (++this.#level > LEVELS_MAX) {
      this.#lexer.fail('chunk has too many syntax levels', undefined)
    }
  }

  // Statements

  #statements(): Statement[] {
    const block: Statement[] = []
    this.#enter()
    for (let isLast = false; !isLast && !this.#isBlockEnd(); ) {
      const statement = this.#statement()
      block.push(statement)
      isLast = statement.kind === 'return' || statement.kind === 'break'
      this.#accept(';')
    }
    this.#level--
    return block
  }

  #isBlockEnd(): boolean {
    switch (this.#lexer.kind) {
      case '<eof>':
      case 'end':
      case 'else':
      case 'elseif':
      case 'until':
        return true
      default:
        return false
    }
  }

  #block(isLoop = false): Statement[] {
    this.#scope.openBlock(isLoop)
    const block = this.#statements()
    this.#scope.closeBlock(isLoop)
    return block
  }

  #statement(): Statement {
    const { line } = this.#lexer
    this.#size++
    switch (this.#lexer.kind) {
      case 'if':
        return this.#if(line)
      case 'while':
        return this.#while(line)
      case 'do': {
        this.#lexer.next()
        const block = this.#block()
        this.#expectMatch('end', 'do', line)
        return { kind: 'do', block }
      }
      case 'for':
        return this.#for(line)
      case 'repeat':
        return this.#repeat(line)
      case 'function':
        return this.#functionStatement(line)
      case 'local':
        this.#lexer.next()
        return this.#accept('function') ? this.#localFunction() : this.#local()
      case 'return':
        return this.#return()
      case 'break':
        this.#lexer.next()
        if (!this.#scope.isInLoop) this.#lexer.error('no loop to break')
        return { kind: 'break' }
      default:
        return this.#expressionStatement()
    }
  }

  #if(line: number): Statement {
    const branches: { condition: Expression; block: Statement[] }[] = []
    do {
      this.#lexer.next()
      const condition = this.#expression()
      this.#expect('then')
      branches.push({ condition, block: this.#block() })
    } while (this.#lexer.kind === 'elseif')
    const otherwise = this.#accept('else') ? this.#block() : undefined
    this.#expectMatch('end', 'if', line)
    return { kind: 'if', branches, otherwise }
  }

  #while(line: number): Statement {
    this.#lexer.next()
    const before = this.#size
    const condition = this.#expression()
    this.#expect('do')
    const block = this.#block(true)
    this.#expectMatch('end', 'while', line)
    return { kind: 'while', condition, block, size: this.#size - before }
  }

  #repeat(line: number): Statement {
    this.#lexer.next()
    const before = this.#size
    this.#scope.openBlock(true)
    this.#scope.openBlock(false)
    const block = this.#statements()
    this.#expectMatch('until', 'repeat', line)
    // The condition still sees the variables of the block.
    const condition = this.#expression()
    this.#scope.closeBlock(false)
    this.#scope.closeBlock(true)
    return { kind: 'repeat', condition, block, size: this.#size - before }
  }

  #for(line: number): Statement {
    this.#lexer.next()
    const before = this.#size
    this.#scope.openBlock(true)
    const name = this.#name()
    let statement: Statement
    switch (this.#lexer.kind) {
      case '=':
        statement = this.#numericFor(name, before)
        break
      case ',':
      case 'in':
        statement = this.#genericFor(name, before)
        break
      default:
        this.#lexer.error("'=' or 'in' expected")
    }
    this.#expectMatch('end', 'for', line)
    this.#scope.closeBlock(true)
    return statement
  }

  #numericFor(name: string, before: number): Statement {
    this.#lexer.next()
    const from = this.#expression()
    this.#expect(',')
    const to = this.#expression()
    const step = this.#accept(',') ? this.#expression() : undefined
    this.#scope.declareHidden(3)
    const { line } = this.#lexer
    this.#expect('do')
    const variable = this.#scope.create(name, true)
    const block = this.#loopBlock([variable])
    const size = this.#size - before
    return { kind: 'numeric for', variable, from, to, step, block, line, size }
  }

  #genericFor(first: string, before: number): Statement {
    const variables = [this.#scope.create(first)]
    while (this.#accept(',')) variables.push(this.#scope.create(this.#name()))
    this.#expect('in')
    const { line } = this.#lexer
    const values = this.#expressions()
    this.#scope.declareHidden(3)
    this.#scope.body.hasCalls = true
    this.#expect('do')
    const block = this.#loopBlock(variables)
    return { kind: 'generic for', variables, values, block, line, size: this.#size - before }
  }

  #loopBlock(variables: readonly Variable[]): Statement[] {
    this.#scope.openBlock(false)
    this.#scope.checkRoom(variables.length)
    this.#scope.declare(...variables)
    const block = this.#statements()
    this.#scope.closeBlock(false)
    return block
  }

  #functionStatement(line: number): Statement {
    this.#lexer.next()
    let target = this.#scope.resolve(this.#name())
    let isMethod = false
    while (!isMethod && (this.#lexer.kind === '.' || this.#lexer.kind === ':')) {
      isMethod = this.#lexer.kind === ':'
      this.#lexer.next()
      const key: Expression = { kind: 'string', value: this.#name() }
      target = { kind: 'index', object: target, key, line }
    }
    if (target.kind === 'local') target.variable.isAssigned = true
    const body = this.#functionBody(line, isMethod)
    return { kind: 'assign', targets: [target], values: [{ kind: 'function', body }], line }
  }

  #localFunction(): Statement {
    const variable = this.#scope.create(this.#name())
    this.#scope.checkRoom(1)
    variable.isFunction = true
    // Unlike `local f = function`, the function sees its own name.
    this.#scope.declare(variable)
    const body = this.#functionBody(this.#lexer.line, false)
    return { kind: 'local function', variable, body }
  }

  #local(): Statement {
    const variables: Variable[] = []
    do {
      variables.push(this.#scope.create(this.#name()))
      this.#scope.checkRoom(variables.length)
    } while (this.#accept(','))
    const values = this.#accept('=') ? this.#expressions() : []
    this.#scope.declare(...variables)
    return { kind: 'local', variables, values }
  }

  #return(): Statement {
    this.#lexer.next()
    const isEmpty = this.#isBlockEnd() || this.#lexer.kind === ';'
    const values = isEmpty ? [] : this.#expressions()
    return { kind: 'return', values, line: this.#lexer.lastLine }
  }

  #expressionStatement(): Statement {
    const first = this.#primary()
    if (first.kind === 'call') return { kind: 'call', call: first }
    this.#checkTarget(first)
    const targets: Expression[] = [first]
    while (this.#accept(',')) {
      const target = this.#primary()
      if (targets.length > LEVELS_MAX - this.#level) this.#failTargets()
      this.#checkTarget(target)
      targets.push(target)
    }
    this.#expect('=')
    const values = this.#expressions()
    return { kind: 'assign', targets, values, line: this.#lexer.lastLine }
  }

  #failTargets(): never {
    const { body } = this.#scope
    const where = body.parent === undefined ? 'main function' : `function at line ${body.line}`
    const limit = LEVELS_MAX - this.#level
    this.#lexer.fail(`${where} has more than ${limit} variables in assignment`, undefined)
  }

  #checkTarget(target: Expression): void {
    if (target.kind === 'local') {
      target.variable.isAssigned = true
      target.variable.isNumber = false
    } else if (target.kind !== 'global' && target.kind !== 'index') {
      this.#lexer.error('syntax error')
    }
  }

  // Expressions

  #expressions(): Expression[] {
    const list = [this.#expression()]
    while (this.#accept(',')) list.push(this.#expression())
    return list
  }

  /** Reads operators that bind more strongly than `limit`, with what they bind. */
  #expression(limit = 0): Expression {
    this.#enter()
    this.#size++
    let left = this.#operand()
    for (;;) {
      const operator = this.#lexer.kind
      const binding = BINDING[operator]
      if (binding === undefined || binding[0] <= limit) break
      this.#lexer.next()
      const right = this.#expression(binding[1])
      if (operator === 'and' || operator === 'or') left = { kind: operator, left, right }
      else {
        const line = this.#lexer.lastLine
        left = { kind: 'binary', operator: operator as BinaryOperator, left, right, line }
      }
    }
    this.#level--
    return left
  }

  #operand(): Expression {
    const operator = this.#lexer.kind
    switch (operator) {
      case 'not':
        this.#lexer.next()
        return { kind: 'not', operand: this.#expression(UNARY_BINDING) }
      case '-':
      case '#': {
        this.#lexer.next()
        const operand = this.#expression(UNARY_BINDING)
        if (operator === '-' && operand.kind === 'number' && operand.value !== 0) {
          return { kind: 'number', value: -operand.value }
        }
        return { kind: 'unary', operator, operand, line: this.#lexer.lastLine }
      }
      default:
        return this.#simple()
    }
  }

  #simple(): Expression {
    const lexer = this.#lexer
    switch (lexer.kind) {
      case '<number>': {
        const value = lexer.number
        lexer.next()
        return { kind: 'number', value }
      }
      case '<string>': {
        const value = lexer.text
        lexer.next()
        return { kind: 'string', value }
      }
      case 'nil':
      case 'true':
      case 'false': {
        const { kind } = lexer
        lexer.next()
        return { kind }
      }
      case '...':
        if (!this.#scope.body.isVararg) {
          lexer.error("cannot use '...' outside a vararg function")
        }
        this.#scope.body.usesVararg = true
        lexer.next()
        return { kind: 'vararg' }
      case '{':
        return this.#table()
      case 'function': {
        const { line } = lexer
        lexer.next()
        return { kind: 'function', body: this.#functionBody(line, false) }
      }
      default:
        return this.#primary()
    }
  }

  /** A name or something in parentheses, with what is indexed and called of it. */
  #primary(): Expression {
    const lexer = this.#lexer
    let expression = this.#prefix()
    for (;;) {
      this.#size++
      switch (lexer.kind) {
        case '.': {
          lexer.next()
          const { line } = lexer
          const key: Expression = { kind: 'string', value: this.#name() }
          expression = { kind: 'index', object: expression, key, line }
          break
        }
        case '[': {
          lexer.next()
          const key = this.#expression()
          const { line } = lexer
          this.#expect(']')
          expression = { kind: 'index', object: expression, key, line }
          break
        }
        case ':': {
          lexer.next()
          const method = this.#name()
          expression = this.#call(expression, method)
          break
        }
        case '(':
        case '{':
        case '<string>':
          expression = this.#call(expression, undefined)
          break
        default:
          return expression
      }
    }
  }

  #prefix(): Expression {
    const lexer = this.#lexer
    const { line } = lexer
    if (lexer.kind === '<name>') return this.#scope.resolve(this.#name())
    if (lexer.kind !== '(') lexer.error('unexpected symbol')
    lexer.next()
    const inner = this.#expression()
    this.#expectMatch(')', '(', line)
    return { kind: 'paren', inner }
  }

  #call(callee: Expression, method: string | undefined): CallExpression {
    const { line } = this.#lexer
    this.#scope.body.hasCalls = true
    return { kind: 'call', callee, method, args: this.#args(line), line }
  }

  #args(line: number): readonly Expression[] {
    const lexer = this.#lexer
    switch (lexer.kind) {
      case '(': {
        if (line !== lexer.lastLine) {
          lexer.error('ambiguous syntax (function call x new statement)')
        }
        lexer.next()
        if (this.#accept(')')) return []
        const args = this.#expressions()
        this.#expectMatch(')', '(', line)
        return args
      }
      case '{':
        return [this.#table()]
      case '<string>': {
        const value = lexer.text
        lexer.next()
        return [{ kind: 'string', value }]
      }
      default:
        return lexer.error('function arguments expected')
    }
  }

  #table(): TableExpression {
    const lexer = this.#lexer
    const { line } = lexer
    const items: { key: Expression | undefined; value: Expression }[] = []
    this.#expect('{')
    while (lexer.kind !== '}') {
      items.push(this.#item())
      if (!this.#accept(',') && !this.#accept(';')) break
    }
    this.#expectMatch('}', '{', line)
    return { kind: 'table', items, line }
  }

  #item(): { key: Expression | undefined; value: Expression } {
    const lexer = this.#lexer
    let key: Expression | undefined
    if (lexer.kind === '<name>' && lexer.peek() === '=') {
      key = { kind: 'string', value: this.#name() }
    } else if (lexer.kind === '[') {
      lexer.next()
      key = this.#expression()
      this.#expect(']')
    }
    if (key !== undefined) this.#expect('=')
    return { key, value: this.#expression() }
  }

  #functionBody(line: number, isMethod: boolean): FunctionBody {
    const lexer = this.#lexer
    const scope = this.#scope
    const before = this.#size
    const body = scope.openFunction(line)
    this.#size = 1
    scope.openBlock(false)
    this.#expect('(')
    if (isMethod) body.parameters.push(scope.create('self'))
    while (lexer.kind !== ')') {
      if (this.#accept('...')) {
        body.isVararg = true
        break
      }
      if (lexer.kind !== '<name>') lexer.error("<name> or '...' expected")
      body.parameters.push(scope.create(this.#name()))
      scope.checkRoom(body.parameters.length)
      if (!this.#accept(',')) break
      if (lexer.kind === ')') lexer.error("<name> or '...' expected")
    }
    scope.declare(...body.parameters)
    if (body.isVararg) {
      body.argTable = scope.create('arg')
      scope.declare(body.argTable)
    }
    this.#expect(')')
    body.block = this.#statements()
    this.#expectMatch('end', 'function', line)
    scope.closeBlock(false)
    scope.closeFunction()
    body.size = this.#size
    this.#size = before + 1
    return body
  }
}
