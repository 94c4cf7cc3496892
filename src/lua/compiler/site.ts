/**
 * What the compiled code tells about places that can fail: comments before calls, which are looked for
 * only when an error is made. So what goes well pays nothing for them.
 *
 * ```text
 * /*12 t gfoo lbar*\/      line, `c` a call, `t` a tail call, `-` none, what the operands are called
 * ```
 */
import type { Expression } from './syntax.ts'

/** What messages call a value: the kind and the name, `global` and `foo`. */
export interface NamedOperand {
  readonly kind: string
  readonly name: string
}

/** A place in compiled code. */
export interface SiteInfo {
  readonly line: number
  readonly isCall: boolean
  readonly isTailCall: boolean
  readonly operands: readonly (NamedOperand | undefined)[]
}

const KINDS: Readonly<Record<string, string>> = {
  g: 'global',
  l: 'local',
  u: 'upvalue',
  f: 'field',
  m: 'method',
}

/** The comment for a place. */
export function siteComment(
  line: number,
  operands: readonly (Expression | string)[],
  kind: 'c' | 't' | '-' = '-',
): string {
  let text = `/*${line} ${kind}`
  for (const operand of operands) {
    text += ` ${typeof operand === 'string' ? operand : describe(operand)}`
  }
  return `${text}*/`
}

/** What the comment calls a method. */
export function describeMethod(name: string): string {
  return `m${escapeName(name)}`
}

function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'global':
      return `g${expression.name}`
    case 'local':
      return `${expression.isUpvalue ? 'u' : 'l'}${escapeName(expression.variable.name)}`
    case 'index':
      return `f${expression.key.kind === 'string' ? escapeName(expression.key.value) : escapeName('?')}`
    case 'paren':
      return describe(expression.inner)
    case 'and':
    case 'or':
      // With a constant on the left the reference compiles what is on the right, and knows its name.
      return isDecided(expression.left, expression.kind) ? describe(expression.right) : '-'
    default:
      return '-'
  }
}

function isDecided(left: Expression, operator: 'and' | 'or'): boolean {
  const kinds = operator === 'and' ? ['true', 'number', 'string'] : ['nil', 'false']
  return kinds.includes(left.kind)
}

/** Names as they are when they are identifiers; any other character as its code. */
function escapeName(name: string): string {
  if (!/[^A-Za-z0-9_]/.test(name)) return name
  return name.replace(/[^A-Za-z0-9_]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

/** Reads the last comment that begins before a place of the compiled code. */
export function siteBefore(code: string, at: number): SiteInfo | undefined {
  const start = code.lastIndexOf('/*', at)
  if (start < 0) return undefined
  const [line, kind, ...operands] = code.slice(start + 2, code.indexOf('*/', start)).split(' ')
  return {
    line: Number(line),
    isCall: kind === 'c' || kind === 't',
    isTailCall: kind === 't',
    operands: operands.map((text) => {
      const named = KINDS[text[0]!]
      return named === undefined ? undefined : { kind: named, name: unescapeName(text.slice(1)) }
    }),
  }
}

function unescapeName(text: string): string {
  return text.replace(/%(..)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
