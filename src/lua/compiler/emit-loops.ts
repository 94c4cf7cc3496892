/** The two kinds of `for`. */

import { emitValue } from './emit-expressions.ts'
import { emitBlock, emitFuel, emitResultSpread, emitValuesInto } from './emit-statements.ts'
import type { FunctionFrame } from './frame.ts'
import { siteComment } from './site.ts'
import type { Expression, GenericFor, NumericFor } from './syntax.ts'

/** `for i = from, to, step do`: a plain loop over a number. */
export function emitNumericFor(frame: FunctionFrame, loop: NumericFor): string {
  const { variable, from, to, step, block, line, size } = loop
  const id = variable.label
  const bound = (expression: Expression, what: string) => {
    const value = emitValue(frame, expression)
    if (expression.kind === 'number') return value
    return { value, check: `${siteComment(line, [])}${frame.use('forNumber')}(`, what }
  }
  const bounds = [bound(from, 'initial'), bound(to, 'limit')]
  if (step !== undefined) bounds.push(bound(step, 'step'))
  const names = [`a_${id}`, `b_${id}`, `s_${id}`]
  let setup = ''
  let checks = ''
  for (const [at, one] of bounds.entries()) {
    setup += `let ${names[at]}=${typeof one === 'string' ? one : one.value};\n`
    if (typeof one !== 'string') checks += `${names[at]}=${one.check}${names[at]},'${one.what}');\n`
  }
  const [start, limit, stepName] = names as [string, string, string]
  const increment = step === undefined ? '1' : stepName
  let test = `i_${id}<=${limit}`
  if (step?.kind === 'number') {
    if (step.value <= 0) test = `i_${id}>=${limit}`
  } else if (step !== undefined) test = `(${stepName}>0?i_${id}<=${limit}:i_${id}>=${limit})`
  const body = emitBlock(frame, block)
  // The reference begins a step before the first value and then adds it: with fractions that rounds,
  // and beyond all numbers it begins nowhere.
  const isExact = isWhole(from) && (step === undefined || isWhole(step))
  const first = isExact ? start : `${start}-${increment}+${increment}`
  const head = `for(let i_${id}=${first};${test};i_${id}+=${increment})`
  const declared = `let ${id}=i_${id};\n`
  return `{${setup}${checks}${head}{${declared}${emitFuel(frame, size)}${body}}}\n`
}

/** Whether it is written as a number that can be added to others of the kind without rounding. */
function isWhole(expression: Expression): boolean {
  return expression.kind === 'number' && (expression.value | 0) === expression.value
}

/**
 * `for k, v in values do`. Loops by `next` and over the elements of an array, by far the most, walk
 * through the table themselves; others call their function. `m` tells which of the three it is.
 */
export function emitGenericFor(frame: FunctionFrame, loop: GenericFor): string {
  const { variables, values, block, line, size } = loop
  const labels = variables.map((variable) => variable.label)
  const [key, value, ...rest] = labels as [string, ...string[]]
  const id = key
  const [f, s, control] = [`f_${id}`, `s_${id}`, `c_${id}`]
  const site = siteComment(line, ['l%28for%20generator%29'], 'c')
  const setup = `let ${f},${s},${control};
${emitValuesInto(frame, [f, s, control], values)}let p_${id}=0;
const m_${id}=${frame.use('loopMode')}(${f},${s},${control});\n`
  const nothing = rest.map((name) => `;${name}=undefined`).join('')
  const byNext = `p_${id}=${s}.advance(p_${id});if(p_${id}===0)break;${key}=${s}.keyAt(p_${id})${
    value === undefined ? '' : `;${value}=${s}.valueAt(p_${id})`
  }${nothing}`
  const element = value ?? 'q'
  const byIndex = `${element}=${s}.getNumber(++p_${id});if(${element}===undefined)break;${key}=p_${id}${nothing}`
  const call = `${site}${frame.use(frame.isPausable ? 'iterateSteps' : 'iterate')}(${f},${s},${control})`
  const called = emitResultSpread(frame, labels, frame.isPausable ? `${site}yield* ${call}` : call)
  const byCall = `${called}if(${key}===undefined)break;${control}=${key}`
  const head = `if(m_${id}===1){${byNext}}else if(m_${id}===2){${byIndex}}else{${byCall}}`
  const body = emitBlock(frame, block)
  return `{${setup}for(;;){${emitFuel(frame, size)}let ${labels.join(',')};\n${head}\n${body}}}\n`
}
