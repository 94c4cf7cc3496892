/**
 * Text into statements: recursive descent, one method for each rule of the grammar. It never looks
 * further than one token ahead, and fails with the reference's words at the same tokens.
 */
import { ExpressionParser } from './expression-parser.ts'
import { Lexer } from './lexer.ts'
import type { Expression, FunctionBody, Statement, Variable } from './syntax.ts'
import { LEVELS_MAX, Tokens } from './tokens.ts'

/** Parses a chunk. Raises a `LuaError` when it is not Lua. */
export function parseChunk(source: string, chunkName: string): FunctionBody {
  return new Parser(new Tokens(new Lexer(source, chunkName))).chunk()
}

class Parser {
  readonly #tokens: Tokens
  readonly #expressions: ExpressionParser

  constructor(tokens: Tokens) {
    this.#tokens = tokens
    this.#expressions = new ExpressionParser(tokens, (line, isMethod) => {
      return this.#functionBody(line, isMethod)
    })
  }

  chunk(): FunctionBody {
    const body = this.#tokens.scope.openFunction(0)
    this.#tokens.lexer.next()
    body.block = this.#statements()
    this.#tokens.check('<eof>')
    body.size = this.#tokens.size
    this.#tokens.scope.closeFunction()
    return body
  }

  #statements(): Statement[] {
    const block: Statement[] = []
    this.#tokens.enter()
    for (let isLast = false; !isLast && !this.#isBlockEnd(); ) {
      const statement = this.#statement()
      block.push(statement)
      isLast = statement.kind === 'return' || statement.kind === 'break'
      this.#tokens.accept(';')
    }
    this.#tokens.level--
    return block
  }

  #isBlockEnd(): boolean {
    switch (this.#tokens.lexer.kind) {
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
    this.#tokens.scope.openBlock(isLoop)
    const block = this.#statements()
    this.#tokens.scope.closeBlock(isLoop)
    return block
  }

  #statement(): Statement {
    const { line } = this.#tokens.lexer
    this.#tokens.size++
    switch (this.#tokens.lexer.kind) {
      case 'if':
        return this.#if(line)
      case 'while':
        return this.#while(line)
      case 'do': {
        this.#tokens.lexer.next()
        const block = this.#block()
        this.#tokens.expectMatch('end', 'do', line)
        return { kind: 'do', block }
      }
      case 'for':
        return this.#for(line)
      case 'repeat':
        return this.#repeat(line)
      case 'function':
        return this.#functionStatement(line)
      case 'local':
        this.#tokens.lexer.next()
        return this.#tokens.accept('function') ? this.#localFunction() : this.#local()
      case 'return':
        return this.#return()
      case 'break':
        this.#tokens.lexer.next()
        if (!this.#tokens.scope.isInLoop) this.#tokens.lexer.error('no loop to break')
        return { kind: 'break' }
      default:
        return this.#expressionStatement()
    }
  }

  #if(line: number): Statement {
    const branches: { condition: Expression; block: Statement[] }[] = []
    do {
      this.#tokens.lexer.next()
      const condition = this.#expressions.expression()
      this.#tokens.expect('then')
      branches.push({ condition, block: this.#block() })
    } while (this.#tokens.lexer.kind === 'elseif')
    const otherwise = this.#tokens.accept('else') ? this.#block() : undefined
    this.#tokens.expectMatch('end', 'if', line)
    return { kind: 'if', branches, otherwise }
  }

  #while(line: number): Statement {
    this.#tokens.lexer.next()
    const before = this.#tokens.size
    const condition = this.#expressions.expression()
    this.#tokens.expect('do')
    const block = this.#block(true)
    this.#tokens.expectMatch('end', 'while', line)
    return { kind: 'while', condition, block, size: this.#tokens.size - before }
  }

  #repeat(line: number): Statement {
    this.#tokens.lexer.next()
    const before = this.#tokens.size
    this.#tokens.scope.openBlock(true)
    this.#tokens.scope.openBlock(false)
    const block = this.#statements()
    this.#tokens.expectMatch('until', 'repeat', line)
    // The condition still sees the variables of the block.
    const condition = this.#expressions.expression()
    this.#tokens.scope.closeBlock(false)
    this.#tokens.scope.closeBlock(true)
    return { kind: 'repeat', condition, block, size: this.#tokens.size - before }
  }

  #for(line: number): Statement {
    this.#tokens.lexer.next()
    const before = this.#tokens.size
    this.#tokens.scope.openBlock(true)
    const name = this.#tokens.name()
    let statement: Statement
    switch (this.#tokens.lexer.kind) {
      case '=':
        statement = this.#numericFor(name, before)
        break
      case ',':
      case 'in':
        statement = this.#genericFor(name, before)
        break
      default:
        this.#tokens.lexer.error("'=' or 'in' expected")
    }
    this.#tokens.expectMatch('end', 'for', line)
    this.#tokens.scope.closeBlock(true)
    return statement
  }

  #numericFor(name: string, before: number): Statement {
    this.#tokens.lexer.next()
    const from = this.#expressions.expression()
    this.#tokens.expect(',')
    const to = this.#expressions.expression()
    const step = this.#tokens.accept(',') ? this.#expressions.expression() : undefined
    this.#tokens.scope.declareHidden(3)
    const { line } = this.#tokens.lexer
    this.#tokens.expect('do')
    const variable = this.#tokens.scope.create(name, true)
    const block = this.#loopBlock([variable])
    const size = this.#tokens.size - before
    return { kind: 'numeric for', variable, from, to, step, block, line, size }
  }

  #genericFor(first: string, before: number): Statement {
    const variables = [this.#tokens.scope.create(first)]
    while (this.#tokens.accept(',')) variables.push(this.#tokens.scope.create(this.#tokens.name()))
    this.#tokens.expect('in')
    const { line } = this.#tokens.lexer
    const values = this.#expressions.expressions()
    this.#tokens.scope.declareHidden(3)
    this.#tokens.scope.body.hasCalls = true
    this.#tokens.expect('do')
    const block = this.#loopBlock(variables)
    return { kind: 'generic for', variables, values, block, line, size: this.#tokens.size - before }
  }

  #loopBlock(variables: readonly Variable[]): Statement[] {
    this.#tokens.scope.openBlock(false)
    this.#tokens.scope.checkRoom(variables.length)
    this.#tokens.scope.declare(...variables)
    const block = this.#statements()
    this.#tokens.scope.closeBlock(false)
    return block
  }

  #functionStatement(line: number): Statement {
    this.#tokens.lexer.next()
    let target = this.#tokens.scope.resolve(this.#tokens.name())
    let isMethod = false
    while (!isMethod && (this.#tokens.lexer.kind === '.' || this.#tokens.lexer.kind === ':')) {
      isMethod = this.#tokens.lexer.kind === ':'
      this.#tokens.lexer.next()
      const key: Expression = { kind: 'string', value: this.#tokens.name() }
      target = { kind: 'index', object: target, key, line }
    }
    if (target.kind === 'local') target.variable.isAssigned = true
    const body = this.#functionBody(line, isMethod)
    return { kind: 'assign', targets: [target], values: [{ kind: 'function', body }], line }
  }

  #localFunction(): Statement {
    const variable = this.#tokens.scope.create(this.#tokens.name())
    this.#tokens.scope.checkRoom(1)
    variable.isFunction = true
    // Unlike `local f = function`, the function sees its own name.
    this.#tokens.scope.declare(variable)
    const body = this.#functionBody(this.#tokens.lexer.line, false)
    return { kind: 'local function', variable, body }
  }

  #local(): Statement {
    const variables: Variable[] = []
    do {
      variables.push(this.#tokens.scope.create(this.#tokens.name()))
      this.#tokens.scope.checkRoom(variables.length)
    } while (this.#tokens.accept(','))
    const values = this.#tokens.accept('=') ? this.#expressions.expressions() : []
    this.#tokens.scope.declare(...variables)
    return { kind: 'local', variables, values }
  }

  #return(): Statement {
    this.#tokens.lexer.next()
    const isEmpty = this.#isBlockEnd() || this.#tokens.lexer.kind === ';'
    const values = isEmpty ? [] : this.#expressions.expressions()
    return { kind: 'return', values, line: this.#tokens.lexer.lastLine }
  }

  #expressionStatement(): Statement {
    const first = this.#expressions.primary()
    if (first.kind === 'call') return { kind: 'call', call: first }
    this.#checkTarget(first)
    const targets: Expression[] = [first]
    while (this.#tokens.accept(',')) {
      const target = this.#expressions.primary()
      if (targets.length > LEVELS_MAX - this.#tokens.level) this.#failTargets()
      this.#checkTarget(target)
      targets.push(target)
    }
    this.#tokens.expect('=')
    const values = this.#expressions.expressions()
    return { kind: 'assign', targets, values, line: this.#tokens.lexer.lastLine }
  }

  #failTargets(): never {
    const { body } = this.#tokens.scope
    const where = body.parent === undefined ? 'main function' : `function at line ${body.line}`
    const limit = LEVELS_MAX - this.#tokens.level
    this.#tokens.lexer.fail(`${where} has more than ${limit} variables in assignment`, undefined)
  }

  #checkTarget(target: Expression): void {
    if (target.kind === 'local') {
      target.variable.isAssigned = true
      target.variable.isNumber = false
    } else if (target.kind !== 'global' && target.kind !== 'index') {
      this.#tokens.lexer.error('syntax error')
    }
  }

  #functionBody(line: number, isMethod: boolean): FunctionBody {
    const lexer = this.#tokens.lexer
    const scope = this.#tokens.scope
    const before = this.#tokens.size
    const body = scope.openFunction(line)
    this.#tokens.size = 1
    scope.openBlock(false)
    this.#tokens.expect('(')
    if (isMethod) body.parameters.push(scope.create('self'))
    while (lexer.kind !== ')') {
      if (this.#tokens.accept('...')) {
        body.isVararg = true
        break
      }
      if (lexer.kind !== '<name>') lexer.error("<name> or '...' expected")
      body.parameters.push(scope.create(this.#tokens.name()))
      scope.checkRoom(body.parameters.length)
      if (!this.#tokens.accept(',')) break
      if (lexer.kind === ')') lexer.error("<name> or '...' expected")
    }
    scope.declare(...body.parameters)
    if (body.isVararg) {
      body.argTable = scope.create('arg')
      scope.declare(body.argTable)
    }
    this.#tokens.expect(')')
    body.block = this.#statements()
    this.#tokens.expectMatch('end', 'function', line)
    scope.closeBlock(false)
    scope.closeFunction()
    body.size = this.#tokens.size
    this.#tokens.size = before + 1
    return body
  }
}
