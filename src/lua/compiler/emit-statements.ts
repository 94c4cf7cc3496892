/**
 * Functions and statements into JavaScript. Each function of Lua becomes one of JavaScript, each local
 * variable a `let`, each block a block: what is left for V8 is code as a person could have written it.
 *
 * Besides the names that expressions use, `R` is the meter, `H` the hints, `F` the functions that run,
 * `N` the empty list, and `w` what the function takes of the stack.
 */
import { emitCall, emitList, emitOpenResult, emitTailCall, isOpen } from './emit-calls.ts'
import { emitCondition, emitFallible, emitValue, isReadLast } from './emit-expressions.ts'
import { emitGenericFor, emitNumericFor } from './emit-loops.ts'
import { FunctionFrame } from './frame.ts'
import { siteComment } from './site.ts'
import type { Expression, FunctionBody, Statement, Variable } from './syntax.ts'

/** So many expressions cost one step of fuel. */
const SIZE_PER_STEP = 8

/** A function as an expression. */
export function emitFunction(parent: FunctionFrame, body: FunctionBody): string {
  const frame = new FunctionFrame(parent.context, body)
  return `${parent.use('made')}(${emitFunctionText(frame)},${parent.label})`
}

/** A function's text. */
export function emitFunctionText(frame: FunctionFrame): string {
  const { body, label } = frame
  const parameters = body.parameters.map((variable) => variable.label)
  if (body.isVararg) parameters.push(`...${frame.varargs}`)
  let code = ''
  if (body.argTable?.isUsed === true) {
    const value = body.usesVararg ? 'undefined' : `${frame.use('argTable')}(${frame.varargs})`
    code += `let ${body.argTable.label}=${value};\n`
  }
  code += emitBlock(frame, body.block)
  if (body.block.at(-1)?.kind !== 'return') code += emitReturn(frame, [])
  const temporaries = ['q', 'r', 'c']
  for (let at = 1; at <= frame.temporariesMax; at++) temporaries.push(`t${at}`)
  const keyword = frame.isPausable ? 'function*' : 'function'
  return `${keyword} ${label}(${parameters.join(',')}){let ${temporaries.join(',')};
${emitProlog(frame)}${code}}`
}

function emitProlog(frame: FunctionFrame): string {
  const { body, label } = frame
  let code = emitFuel(frame, body.size)
  if (frame.context.options.keepsFunctions) code += `F[${body.id}]=${label};\n`
  if (body.hasCalls) {
    const overflow = `${siteComment(body.line, [])}${frame.use('overflow')}(w)`
    // How much it is turns out when all of the function has been written.
    code += `const w=${frame.stackBytes};if((R.room-=w)<0)${overflow};\n`
  }
  return code
}

/** Takes fuel for one pass through code of a size. */
export function emitFuel(frame: FunctionFrame, size: number): string {
  const steps = 1 + Math.floor(size / SIZE_PER_STEP)
  if (frame.isPausable) return `if((R.fuel-=${steps})<0&&isDue())yield;\n`
  return `if((R.fuel-=${steps})<0)spent();\n`
}

/** Statements, one after another. */
export function emitBlock(frame: FunctionFrame, block: readonly Statement[]): string {
  let code = ''
  for (const statement of block) code += emitStatement(frame, statement)
  return code
}

function emitStatement(frame: FunctionFrame, statement: Statement): string {
  switch (statement.kind) {
    case 'local':
      return emitLocal(frame, statement.variables, statement.values)
    case 'local function': {
      const keyword = statement.variable.isAssigned ? 'let' : 'const'
      return `${keyword} ${statement.variable.label}=${emitFunction(frame, statement.body)};\n`
    }
    case 'assign':
      return emitAssign(frame, statement)
    case 'call':
      return `${frame.use('done')}(${emitCall(frame, statement.call, true)});\n`
    case 'do':
      return `{${emitBlock(frame, statement.block)}}\n`
    case 'while': {
      const condition = emitCondition(frame, statement.condition)
      const body = emitBlock(frame, statement.block)
      return `while(${condition}){${emitFuel(frame, statement.size)}${body}}\n`
    }
    case 'repeat': {
      const body = emitBlock(frame, statement.block)
      const condition = emitCondition(frame, statement.condition)
      return `for(;;){${emitFuel(frame, statement.size)}${body}if(${condition})break;\n}\n`
    }
    case 'if':
      return emitIf(frame, statement)
    case 'numeric for':
      return emitNumericFor(frame, statement)
    case 'generic for':
      return emitGenericFor(frame, statement)
    case 'return':
      return emitReturn(frame, statement.values)
    case 'break':
      return 'break;\n'
  }
}

function emitIf(frame: FunctionFrame, statement: Extract<Statement, { kind: 'if' }>): string {
  let code = ''
  for (const { condition, block } of statement.branches) {
    code += `if(${emitCondition(frame, condition)}){${emitBlock(frame, block)}}else `
  }
  return `${code}{${statement.otherwise === undefined ? '' : emitBlock(frame, statement.otherwise)}}\n`
}

function emitLocal(
  frame: FunctionFrame,
  variables: readonly Variable[],
  values: readonly Expression[],
): string {
  const last = values.at(-1)
  if (last !== undefined && isOpen(last) && values.length < variables.length) {
    return emitOpenLocal(frame, variables, values, last)
  }
  let code = ''
  for (const [at, variable] of variables.entries()) {
    const value = values[at]
    const start = value === undefined ? '' : `=${emitValue(frame, value)}`
    code += `let ${variable.label}${start};\n`
  }
  for (const extra of values.slice(variables.length)) code += `${emitValue(frame, extra)};\n`
  return code
}

/** Variables of which the last ones take what a call or `...` gives. */
function emitOpenLocal(
  frame: FunctionFrame,
  variables: readonly Variable[],
  values: readonly Expression[],
  last: Expression,
): string {
  const closed = values.length - 1
  let code = ''
  for (let at = 0; at < closed; at++) {
    code += `let ${variables[at]!.label}=${emitValue(frame, values[at]!)};\n`
  }
  const open = variables.slice(closed).map((variable) => variable.label)
  code += `let ${open.join(',')};\n`
  return code + emitSpread(frame, open, last)
}

/** Gives variables what a call or `...` gives. */
export function emitSpread(
  frame: FunctionFrame,
  variables: readonly string[],
  expression: Expression,
): string {
  if (expression.kind === 'call') {
    return emitResultSpread(frame, variables, emitCall(frame, expression))
  }
  return variables.map((name, at) => `${name}=${frame.varargs}[${at}];\n`).join('')
}

/** Gives variables the results of a call. */
export function emitResultSpread(
  frame: FunctionFrame,
  variables: readonly string[],
  call: string,
): string {
  const takes = variables.map((name, at) => `${name}=r[${at}]`).join(';')
  const rest = variables.slice(1).map((name) => `;${name}=undefined`)
  const settled = `r=${frame.use('settled')}(r);${takes}`
  return `if(Array.isArray(r=${call})){${settled}}else{${variables[0]}=r${rest.join('')}}\n`
}

function emitAssign(
  frame: FunctionFrame,
  statement: Extract<Statement, { kind: 'assign' }>,
): string {
  const { targets, values, line } = statement
  const [target] = targets
  if (targets.length === 1 && values.length === 1) {
    if (target!.kind === 'index' && (isReadLast(target!.object) || isReadLast(target!.key))) {
      return emitLateStore(frame, target!, values[0]!, line)
    }
    return emitStore(frame, target!, emitValue(frame, values[0]!), line)
  }
  // Objects and keys first, then all values; what is assigned then is assigned from the right.
  let taken = 0
  let code = ''
  const keep = (value: string): string => {
    const variable = frame.take()
    taken++
    code += `${variable}=${value};\n`
    return variable
  }
  const places = targets.map((one, at) => {
    if (one.kind !== 'index') return undefined
    const rest = targets.slice(at + 1)
    const place = (part: Expression) => {
      const value = emitValue(frame, part)
      return isReadLast(part) && !isAmong(part, rest) ? value : keep(value)
    }
    return { object: place(one.object), key: one.key.kind === 'string' ? '' : place(one.key) }
  })
  const names = targets.map(() => {
    taken++
    return frame.take()
  })
  code += emitValuesInto(frame, names, values)
  for (let at = targets.length - 1; at >= 0; at--) {
    code += emitStore(frame, targets[at]!, names[at]!, line, places[at])
  }
  frame.release(taken)
  return code
}

/** Whether a variable, in parentheses or not, is one of these. */
function isAmong(part: Expression, targets: readonly Expression[]): boolean {
  if (part.kind === 'paren') return isAmong(part.inner, targets)
  return targets.some((one) => {
    return one.kind === 'local' && part.kind === 'local' && one.variable === part.variable
  })
}

/** Evaluates values into variables, which get nil when there are too few. */
export function emitValuesInto(
  frame: FunctionFrame,
  names: readonly string[],
  values: readonly Expression[],
): string {
  let code = ''
  for (const [at, value] of values.entries()) {
    const name = names[at]
    if (name === undefined) code += `${emitValue(frame, value)};\n`
    else if (at === values.length - 1 && isOpen(value) && at < names.length - 1) {
      return code + emitSpread(frame, names.slice(at), value)
    } else code += `${name}=${emitValue(frame, value)};\n`
  }
  for (const name of names.slice(values.length)) code += `${name}=undefined;\n`
  return code
}

/** Assigns a value to one target, whose object and key may be in variables already. */
function emitStore(
  frame: FunctionFrame,
  target: Expression,
  value: string,
  line: number,
  place?: { object: string; key: string },
): string {
  switch (target.kind) {
    case 'local':
      return `${target.variable.label}=${value};\n`
    case 'global': {
      const args = `${frame.label},${JSON.stringify(target.name)},${value},${frame.hint()}`
      return `${emitFallible(frame, 'setGlobal', args, siteComment(line, []))};\n`
    }
    case 'index': {
      const site = siteComment(line, [target.object])
      const object = place?.object ?? emitValue(frame, target.object)
      if (target.key.kind === 'string') {
        const args = `${object},${JSON.stringify(target.key.value)},${value},${frame.hint()}`
        return `${emitFallible(frame, 'setField', args, site)};\n`
      }
      const key = place?.key ?? emitValue(frame, target.key)
      return `${emitFallible(frame, 'setIndex', `${object},${key},${value}`, site)};\n`
    }
    default:
      return ''
  }
}

/** What is assigned is evaluated before an object and a key that are used where they stand. */
function emitLateStore(
  frame: FunctionFrame,
  target: Extract<Expression, { kind: 'index' }>,
  value: Expression,
  line: number,
): string {
  const names = [frame.take(), frame.take(), frame.take()] as const
  const first: string[] = []
  const [object, key] = [target.object, target.key].map((part, at) => {
    if (isReadLast(part)) return emitValue(frame, part)
    first.push(`${names[at]}=${emitValue(frame, part)}`)
    return names[at]
  })
  first.push(`${names[2]}=${emitValue(frame, value)}`)
  frame.release(3)
  const site = siteComment(line, [target.object])
  const args = `(${first.join(',')},${object}),${key},${names[2]}`
  return `${emitFallible(frame, 'setIndex', args, site)};\n`
}

function emitReturn(frame: FunctionFrame, values: readonly Expression[]): string {
  const result = emitResult(frame, values)
  if (!frame.body.hasCalls) return `return ${result}\n`
  return `return (r=${result},R.room+=w,r);\n`
}

function emitResult(frame: FunctionFrame, values: readonly Expression[]): string {
  const [value] = values
  if (value === undefined) return frame.use('N')
  if (values.length > 1) return `[${emitList(frame, values)}]`
  if (value.kind === 'call') return emitTailCall(frame, value)
  return isOpen(value) ? emitOpenResult(frame, value) : emitValue(frame, value)
}
