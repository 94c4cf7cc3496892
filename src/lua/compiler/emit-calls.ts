/**
 * Calls and lists of values. A call gives one value as itself, and none or several as an array; a tail
 * call that found little room on the stack gives a mark, and whoever takes its results makes it then.
 */
import { canChange, emitMethodOf, emitValue, isSimple } from './emit-expressions.ts'
import type { FunctionFrame } from './frame.ts'
import { describeMethod, siteComment } from './site.ts'
import type { CallExpression, Expression } from './syntax.ts'

/** Whether an expression gives any number of values at the end of a list. */
export function isOpen(expression: Expression): boolean {
  return expression.kind === 'call' || expression.kind === 'vararg'
}

/** The values of a list, separated by commas; the last may give any number. */
export function emitList(frame: FunctionFrame, expressions: readonly Expression[]): string {
  return expressions
    .map((expression, at) => {
      if (at < expressions.length - 1 || !isOpen(expression)) return emitValue(frame, expression)
      return `...${emitOpenResult(frame, expression)}`
    })
    .join(',')
}

/** An array with all values of an expression that gives any number. */
export function emitOpenResult(frame: FunctionFrame, expression: Expression): string {
  if (expression.kind !== 'call') return frame.varargs
  return `${frame.use('list')}(${emitCall(frame, expression)})`
}

/** A call: its result as the function gives it, or anything where it is only for its effect. */
export function emitCall(frame: FunctionFrame, call: CallExpression, isForEffect = false): string {
  const { callee, method, args, line } = call
  if (method !== undefined) return emitMethodCall(frame, call, method)
  const site = siteComment(line, [callee], 'c')
  if (callee.kind === 'local') {
    const { variable } = callee
    const list = emitList(frame, args)
    if (variable.isFunction && !variable.isAssigned) {
      return emitInvocation(frame, `${site}${variable.label}(${list})`, site)
    }
    const checked = emitChecked(frame, variable.label, undefined, isForEffect)
    return emitInvocation(frame, `${checked}${site}(${list})`, site)
  }
  const checked = emitChecked(frame, 'c', emitValue(frame, callee), isForEffect)
  return emitInvocation(frame, `${checked}${site}(${emitList(frame, args)})`, site)
}

/** What can be called for a value; what can not gives a function that fails when it is called. */
function emitChecked(
  frame: FunctionFrame,
  variable: string,
  value?: string,
  isForEffect = false,
): string {
  const assigned = value === undefined ? variable : `(${variable}=${value})`
  const called = isForEffect && !frame.isPausable ? `${variable}.forEffect??${variable}` : variable
  return `(typeof ${assigned}==='function'?${called}:${frame.use('callable')}(${variable}))`
}

/** In the pausable mode a function of Lua gives a generator, which is then run to its end. */
function emitInvocation(frame: FunctionFrame, code: string, site: string): string {
  if (!frame.isPausable) return code
  const isSteps = `instanceof ${frame.use('Y')}`
  return `((r=${code})${isSteps}&&(r=${site}yield* r)${isSteps}?${site}yield* ${frame.use('run')}(r):r)`
}

function emitMethodCall(frame: FunctionFrame, call: CallExpression, method: string): string {
  const { callee, args, line } = call
  const site = siteComment(line, [describeMethod(method)], 'c')
  const value = emitValue(frame, callee)
  const object = isSimple(callee) ? value : frame.take()
  const setup = object === value ? '' : `${object}=${value},`
  const found = emitMethodOf(frame, object, method, siteComment(line, [callee]))
  const list = [object, ...(args.length === 0 ? [] : [emitList(frame, args)])].join(',')
  const code = `${emitChecked(frame, 'c', found)}${site}(${list})`
  const text = `(${setup}${emitInvocation(frame, code, site)})`
  if (object !== value) frame.release()
  return text
}

/** A call whose results are those of the function that makes it. */
export function emitTailCall(frame: FunctionFrame, call: CallExpression): string {
  const { callee, method, args, line } = call
  const target = frame.take()
  let taken = 1
  const setup: string[] = []
  const list: string[] = []
  let name: Expression | string = callee
  if (method === undefined)
    setup.push(`${target}=${emitChecked(frame, 'c', emitValue(frame, callee))}`)
  else {
    const object = frame.take()
    taken++
    name = describeMethod(method)
    setup.push(`${object}=${emitValue(frame, callee)}`)
    const found = emitMethodOf(frame, object, method, siteComment(line, [callee]))
    setup.push(`${target}=${emitChecked(frame, 'c', found)}`)
    list.push(object)
  }
  for (const [at, argument] of args.entries()) {
    const isSpread = at === args.length - 1 && isOpen(argument)
    const isKept =
      isSimple(argument) && (!canChange(argument) || args.slice(at + 1).every(isSimple))
    if (isKept) list.push(emitValue(frame, argument))
    else {
      const value = isSpread ? emitOpenResult(frame, argument) : emitValue(frame, argument)
      const variable = frame.take()
      taken++
      setup.push(`${variable}=${value}`)
      list.push(isSpread ? `...${variable}` : variable)
    }
  }
  frame.release(taken)
  const site = siteComment(line, [name], 't')
  const direct = emitInvocation(frame, `${site}${target}(${list.join(',')})`, site)
  // Generators do not begin by themselves: one that is given instead of a result is a call to be made.
  const later = frame.isPausable
    ? `${target}(${list.join(',')})`
    : `${frame.use('tail')}(${target},[${list.join(',')}])`
  return `(${setup.join(',')},R.room<R.low?${later}:${direct})`
}
