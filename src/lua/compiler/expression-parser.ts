/** Expressions of a chunk: operators by how strongly they bind, calls, constructors. */
import type {
  BinaryOperator,
  CallExpression,
  Expression,
  FunctionBody,
  TableExpression,
} from './syntax.ts'
import type { Tokens } from './tokens.ts'

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

/** Reads expressions. Functions within them are read by the parser of statements. */
export class ExpressionParser {
  readonly #tokens: Tokens
  readonly #functionBody: (line: number, isMethod: boolean) => FunctionBody

  constructor(tokens: Tokens, functionBody: (line: number, isMethod: boolean) => FunctionBody) {
    this.#tokens = tokens
    this.#functionBody = functionBody
  }

  /** One or more expressions, separated by commas. */
  expressions(): Expression[] {
    const list = [this.expression()]
    while (this.#tokens.accept(',')) {
      this.#readLast(list)
      list.push(this.expression())
    }
    return list
  }

  /** Reads operators that bind more strongly than `limit`, with what they bind. */
  expression(limit = 0): Expression {
    this.#tokens.enter()
    this.#tokens.size++
    let left = this.#operand()
    for (;;) {
      const operator = this.#tokens.lexer.kind
      const binding = BINDING[operator]
      if (binding === undefined || binding[0] <= limit) break
      this.#tokens.lexer.next()
      left = this.#read(left)
      const right = this.expression(binding[1])
      if (operator === 'and' || operator === 'or') left = { kind: operator, left, right }
      else {
        const line = this.#tokens.lexer.lastLine
        left = { kind: 'binary', operator: operator as BinaryOperator, left, right, line }
      }
    }
    this.#tokens.level--
    return left
  }

  #operand(): Expression {
    const operator = this.#tokens.lexer.kind
    switch (operator) {
      case 'not':
        this.#tokens.lexer.next()
        return { kind: 'not', operand: this.expression(UNARY_BINDING) }
      case '-':
      case '#': {
        this.#tokens.lexer.next()
        const operand = this.expression(UNARY_BINDING)
        if (operator === '-' && operand.kind === 'number' && operand.value !== 0) {
          return { kind: 'number', value: -operand.value }
        }
        return { kind: 'unary', operator, operand, line: this.#tokens.lexer.lastLine }
      }
      default:
        return this.#simple()
    }
  }

  #simple(): Expression {
    const lexer = this.#tokens.lexer
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
        if (!this.#tokens.scope.body.isVararg) {
          lexer.error("cannot use '...' outside a vararg function")
        }
        this.#tokens.scope.body.usesVararg = true
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
        return this.primary()
    }
  }

  /** A name or something in parentheses, with what is indexed and called of it. */
  primary(): Expression {
    const lexer = this.#tokens.lexer
    let expression = this.#prefix()
    for (;;) {
      this.#tokens.size++
      switch (lexer.kind) {
        case '.': {
          lexer.next()
          const { line } = lexer
          const key: Expression = { kind: 'string', value: this.#tokens.name() }
          expression = { kind: 'index', object: expression, key, line }
          break
        }
        case '[': {
          lexer.next()
          const key = this.expression()
          const { line } = lexer
          this.#tokens.expect(']')
          expression = { kind: 'index', object: expression, key, line }
          break
        }
        case ':': {
          lexer.next()
          const method = this.#tokens.name()
          expression = this.#call(this.#read(expression), method)
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
    const lexer = this.#tokens.lexer
    const { line } = lexer
    if (lexer.kind === '<name>') return this.#tokens.scope.resolve(this.#tokens.name())
    if (lexer.kind !== '(') lexer.error('unexpected symbol')
    lexer.next()
    const inner = this.expression()
    this.#tokens.expectMatch(')', '(', line)
    return { kind: 'paren', inner: this.#read(inner) }
  }

  #readLast(list: Expression[]): void {
    list.push(this.#read(list.pop()!))
  }

  /** A variable is read when the next token has been passed, and that token's line is what errors tell. */
  #read(expression: Expression): Expression {
    const line = this.#tokens.lexer.lastLine
    const isVariable = expression.kind === 'global' || expression.kind === 'index'
    return isVariable && expression.line !== line ? { ...expression, line } : expression
  }

  #call(callee: Expression, method: string | undefined): CallExpression {
    const { line } = this.#tokens.lexer
    this.#tokens.scope.body.hasCalls = true
    return { kind: 'call', callee, method, args: this.#args(line), line }
  }

  #args(line: number): readonly Expression[] {
    const lexer = this.#tokens.lexer
    switch (lexer.kind) {
      case '(': {
        if (line !== lexer.lastLine) {
          lexer.error('ambiguous syntax (function call x new statement)')
        }
        lexer.next()
        if (this.#tokens.accept(')')) return []
        const args = this.expressions()
        this.#tokens.expectMatch(')', '(', line)
        this.#readLast(args)
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
    const lexer = this.#tokens.lexer
    const { line } = lexer
    const items: { key: Expression | undefined; value: Expression }[] = []
    this.#tokens.expect('{')
    while (lexer.kind !== '}') {
      const item = this.#item()
      items.push(item)
      const isLast = !this.#tokens.accept(',') && !this.#tokens.accept(';')
      if (isLast) this.#tokens.expectMatch('}', '{', line)
      if (item.key === undefined) item.value = this.#read(item.value)
      if (isLast) return { kind: 'table', items, line }
    }
    this.#tokens.expectMatch('}', '{', line)
    return { kind: 'table', items, line }
  }

  #item(): { key: Expression | undefined; value: Expression } {
    const lexer = this.#tokens.lexer
    let key: Expression | undefined
    if (lexer.kind === '<name>' && lexer.peek() === '=') {
      key = { kind: 'string', value: this.#tokens.name() }
    } else if (lexer.kind === '[') {
      lexer.next()
      key = this.expression()
      this.#tokens.expect(']')
    }
    if (key !== undefined) this.#tokens.expect('=')
    return { key, value: this.expression() }
  }
}
