/**
 * Expressions into JavaScript. Operators look at the types of their operands in place and leave all
 * but numbers to helpers.
 *
 * Names in the code: `q` and `r` hold a value for a moment, `c` a function that is about to be called,
 * `t1`… what must last longer. `S` is what a helper of the pausable mode gives when a metamethod has to
 * be called, which `yield* meta()` then does.
 */
import { emitCall, emitList, emitOpenResult, isOpen } from './emit-calls.ts'
import { emitFunction } from './emit-statements.ts'
import type { FunctionFrame } from './frame.ts'
import { siteComment } from './site.ts'
import type { ArithmeticOperator, BinaryExpression, Expression, TableExpression } from './syntax.ts'

const ARITHMETIC: Readonly<Record<ArithmeticOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '^': 'power',
}

/** An expression whose value is one value of Lua. */
export function emitValue(frame: FunctionFrame, expression: Expression): string {
  switch (expression.kind) {
    case 'nil':
      return 'undefined'
    case 'true':
    case 'false':
      return expression.kind
    case 'number':
      return emitNumber(expression.value)
    case 'string':
      return JSON.stringify(expression.value)
    case 'vararg':
      return `${frame.varargs}[0]`
    case 'function':
      return emitFunction(frame, expression.body)
    case 'local':
      return expression.variable.label
    case 'global':
      return emitFallible(
        frame,
        'global',
        `${frame.label},${JSON.stringify(expression.name)},${frame.hint()}`,
        siteComment(expression.line, []),
      )
    case 'index':
      return emitIndex(frame, expression)
    case 'call':
      return `${frame.use('first')}(${emitCall(frame, expression)})`
    case 'paren':
      return emitValue(frame, expression.inner)
    case 'and':
    case 'or': {
      const test =
        expression.kind === 'and' ? 'q===undefined||q===false' : 'q!==undefined&&q!==false'
      const left = emitValue(frame, expression.left)
      return `(q=${left},${test}?q:${emitValue(frame, expression.right)})`
    }
    case 'not':
      return `!${emitCondition(frame, expression.operand)}`
    case 'unary':
      return emitUnary(frame, expression)
    case 'binary':
      return emitBinary(frame, expression)
    case 'table':
      return emitTable(frame, expression)
  }
}

/** An expression as a condition: a boolean of JavaScript. */
export function emitCondition(frame: FunctionFrame, expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const operator = expression.kind === 'and' ? '&&' : '||'
      const left = emitCondition(frame, expression.left)
      return `(${left}${operator}${emitCondition(frame, expression.right)})`
    }
    case 'paren':
      return emitCondition(frame, expression.inner)
    case 'nil':
      return 'false'
    case 'number':
    case 'string':
      return 'true'
    case 'local': {
      const { label } = expression.variable
      return `(${label}!==undefined&&${label}!==false)`
    }
    default:
      if (isBoolean(expression)) return emitValue(frame, expression)
      return `(q=${emitValue(frame, expression)},q!==undefined&&q!==false)`
  }
}

function isBoolean(expression: Expression): boolean {
  if (expression.kind === 'binary') return '==~=<=>='.includes(expression.operator)
  return expression.kind === 'true' || expression.kind === 'false' || expression.kind === 'not'
}

/** Whether an expression can be written twice: it has no effect and costs nothing. */
export function isSimple(expression: Expression): boolean {
  switch (expression.kind) {
    case 'nil':
    case 'true':
    case 'false':
    case 'number':
    case 'string':
    case 'local':
      return true
    case 'paren':
      return isSimple(expression.inner)
    default:
      return false
  }
}

/**
 * Whether a call that comes after an expression can change it before it is used: it is a variable that
 * is assigned to, and that functions share.
 */
export function canChange(expression: Expression): boolean {
  if (expression.kind === 'paren') return canChange(expression.inner)
  return (
    expression.kind === 'local' &&
    expression.variable.isAssigned &&
    (expression.isUpvalue || expression.variable.isCaptured)
  )
}

/** The same of one that is used where it stands, as the function's own variables are: read last. */
export function isReadLast(expression: Expression): boolean {
  if (expression.kind === 'paren') return isReadLast(expression.inner)
  return expression.kind === 'local' && !expression.isUpvalue && canChange(expression)
}

/** Whether an expression can be nothing but a number. */
export function isNumber(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
      return true
    case 'local':
      return expression.variable.isNumber && !expression.variable.isAssigned
    case 'paren':
      return isNumber(expression.inner)
    case 'unary':
      return expression.operator === '-' && isNumber(expression.operand)
    case 'binary':
      return (
        expression.operator in ARITHMETIC && isNumber(expression.left) && isNumber(expression.right)
      )
    default:
      return false
  }
}

function emitNumber(value: number): string {
  if (value === Infinity) return '(1/0)'
  if (value === -Infinity) return '(-1/0)'
  return value < 0 ? `(${value})` : `${value}`
}

/** What a helper that may have to call a metamethod gives. */
export function emitFallible(
  frame: FunctionFrame,
  helper: string,
  args: string,
  site: string,
): string {
  if (!frame.isPausable) return `${site}${frame.use(helper)}(${args})`
  frame.use('S')
  const tried = `${site}${frame.use(`${helper}Try`)}(${args})`
  return `((r=${tried})===S?${site}yield* ${frame.use('meta')}():r)`
}

function emitField(frame: FunctionFrame, object: string, name: string, site: string): string {
  return emitFallible(frame, 'field', `${object},${JSON.stringify(name)},${frame.hint()}`, site)
}

function emitIndex(
  frame: FunctionFrame,
  expression: Extract<Expression, { kind: 'index' }>,
): string {
  const { object, key, line } = expression
  const site = siteComment(line, [object])
  if (key.kind === 'string') return emitField(frame, emitValue(frame, object), key.value, site)
  return emitFallible(frame, 'index', emitOperands(frame, object, key), site)
}

/** Two operands as arguments: the left one first, unless it is used where it stands. */
function emitOperands(frame: FunctionFrame, left: Expression, right: Expression): string {
  if (!isReadLast(left) || isSimple(right)) return emitPair(frame, left, right)
  const variable = frame.take()
  const value = emitValue(frame, right)
  frame.release()
  return `(${variable}=${value},${emitValue(frame, left)}),${variable}`
}

/** Two values, evaluated in this order, as arguments. */
function emitPair(frame: FunctionFrame, left: Expression, right: Expression): string {
  return `${emitValue(frame, left)},${emitValue(frame, right)}`
}

/** The field of an object that is already in a variable. */
export function emitMethodOf(frame: FunctionFrame, object: string, name: string, site: string) {
  return emitField(frame, object, name, site)
}

function emitUnary(
  frame: FunctionFrame,
  expression: Extract<Expression, { kind: 'unary' }>,
): string {
  const { operator, operand, line } = expression
  const site = siteComment(line, [operand])
  const value = emitValue(frame, operand)
  if (operator === '#') return emitFallible(frame, 'length', value, site)
  if (isNumber(operand)) return `(-${value})`
  if (isSimple(operand)) {
    return `(typeof ${value}==='number'?-${value}:${emitFallible(frame, 'negate', value, site)})`
  }
  return `(typeof (q=${value})==='number'?-q:${emitFallible(frame, 'negate', 'q', site)})`
}

function emitBinary(frame: FunctionFrame, expression: BinaryExpression): string {
  const { operator, left, right, line } = expression
  switch (operator) {
    case '..': {
      const site = siteComment(line, [left, right])
      return emitFallible(frame, 'concat', emitPair(frame, left, right), site)
    }
    case '==':
      return emitEquality(frame, expression)
    case '~=':
      return `!${emitEquality(frame, expression)}`
    case '<':
    case '<=':
    case '>':
    case '>=':
      return emitOrder(frame, expression, operator)
    default:
      return emitArithmetic(frame, expression, operator)
  }
}

function emitEquality(frame: FunctionFrame, expression: BinaryExpression): string {
  const { left, right, line } = expression
  const isConstant = (one: Expression) =>
    isSimple(one) && one.kind !== 'local' && one.kind !== 'paren'
  if (isConstant(left) || isConstant(right)) {
    return `(${emitValue(frame, left)}===${emitValue(frame, right)})`
  }
  return emitTest(frame, 'equal', emitOperands(frame, left, right), siteComment(line, []))
}

/** As `emitFallible`, for helpers that give a boolean: a metamethod may give anything. */
function emitTest(frame: FunctionFrame, helper: string, args: string, site: string): string {
  if (!frame.isPausable) return `${site}${frame.use(helper)}(${args})`
  frame.use('S')
  const tried = `${site}${frame.use(`${helper}Try`)}(${args})`
  return `((r=${tried})===S?${site}yield* ${frame.use('metaTest')}():r)`
}

function emitOrder(
  frame: FunctionFrame,
  expression: BinaryExpression,
  operator: '<' | '<=' | '>' | '>=',
): string {
  const { left, right, line } = expression
  const site = siteComment(line, [])
  const helper = operator === '<' || operator === '>' ? 'less' : 'lessOrEqual'
  return emitNumeric(frame, left, right, {
    fast: (a, b) => `${a}${operator}${b}`,
    slow: (a, b) => {
      const args = operator.startsWith('<') ? `${a},${b}` : `${b},${a}`
      return emitTest(frame, helper, args, site)
    },
  })
}

function emitArithmetic(
  frame: FunctionFrame,
  expression: BinaryExpression,
  operator: ArithmeticOperator,
): string {
  const { left, right, line } = expression
  const site = siteComment(line, [left, right])
  const helper = ARITHMETIC[operator]
  return emitNumeric(frame, left, right, {
    fast: (a, b) => emitNumberOperation(frame, operator, a, b),
    slow: (a, b) => emitFallible(frame, helper, `${a},${b}`, site),
  })
}

function emitNumberOperation(
  frame: FunctionFrame,
  operator: ArithmeticOperator,
  a: string,
  b: string,
): string {
  if (operator === '%') return `${frame.use('moduloNumbers')}(${a},${b})`
  if (operator === '^') return `${frame.use('powerNumbers')}(${a},${b})`
  // A space keeps `a - -1` from becoming a decrement.
  return `${a}${operator} ${b}`
}

/** An operation that is direct on numbers, and a helper's work on all else. */
function emitNumeric(
  frame: FunctionFrame,
  left: Expression,
  right: Expression,
  code: { fast: (a: string, b: string) => string; slow: (a: string, b: string) => string },
): string {
  const first = emitValue(frame, left)
  if (isNumber(left) && isNumber(right)) return `(${code.fast(first, emitValue(frame, right))})`
  if (isSimple(left) && isSimple(right)) {
    const second = emitValue(frame, right)
    const checks = [left, right].filter((one) => !isNumber(one))
    const test = checks.map((one) => `typeof ${emitValue(frame, one)}==='number'`).join('&&')
    return `(${test}?${code.fast(first, second)}:${code.slow(first, second)})`
  }
  const isKept = isSimple(left) && (!canChange(left) || isReadLast(left))
  const a = isKept ? first : frame.take()
  const second = emitValue(frame, right)
  const b = isSimple(right) ? second : frame.take()
  const setup = `${a === first ? '' : `${a}=${first},`}${b === second ? '' : `${b}=${second},`}`
  const tests = []
  if (!isNumber(left)) tests.push(`typeof ${a}==='number'`)
  if (!isNumber(right)) tests.push(`typeof ${b}==='number'`)
  const text = `(${setup}${tests.join('&&')}?${code.fast(a, b)}:${code.slow(a, b)})`
  if (b !== second) frame.release()
  if (a !== first) frame.release()
  return text
}

function emitTable(frame: FunctionFrame, expression: TableExpression): string {
  const { items } = expression
  if (items.length === 0) return `new ${frame.use('T')}()`
  const last = items[items.length - 1]!
  const hasOpenEnd = last.key === undefined && isOpen(last.value)
  if (items.every((item) => item.key === undefined)) {
    const helper = frame.use(hasOpenEnd ? 'openTable' : 'arrayTable')
    const values = items.map((item) => item.value)
    return `${helper}([undefined,${emitList(frame, values)}])`
  }
  const keys = items.map((item) => (item.key?.kind === 'string' ? item.key.value : undefined))
  if (!keys.includes(undefined) && new Set(keys).size === keys.length) {
    const names = keys.map((key) => JSON.stringify(key)).join(',')
    const values = items.map((item) => emitValue(frame, item.value)).join(',')
    return `${frame.use('recordTable')}([${names}],[${values}])`
  }
  return emitMixedTable(frame, expression, hasOpenEnd)
}

/** A constructor with items of several kinds: keys and values in turn, `P` where there is no key. */
function emitMixedTable(
  frame: FunctionFrame,
  expression: TableExpression,
  hasOpenEnd: boolean,
): string {
  frame.use('P')
  const { items, line } = expression
  const closed = hasOpenEnd ? items.slice(0, -1) : items
  const pairs = closed.map(({ key, value }) => {
    return key === undefined ? `P,${emitValue(frame, value)}` : emitOperands(frame, key, value)
  })
  const end = hasOpenEnd ? `,${emitOpenResult(frame, items[items.length - 1]!.value)}` : ''
  return `${siteComment(line, [])}${frame.use('mixedTable')}([${pairs.join(',')}]${end})`
}
