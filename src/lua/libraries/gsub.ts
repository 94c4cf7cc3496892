/** `string.gsub`: what a pattern finds is replaced by a text, from a table, or by a function's result. */
import { formatNumber } from '../numbers.ts'
import type { Realm } from '../realm.ts'
import { argumentError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import { pending, SLOW } from '../runtime/operations.ts'
import { typeName } from '../runtime/type-names.ts'
import { LuaTable } from '../table.ts'
import type { LuaFunction, LuaResult, LuaValue } from '../value.ts'
import { checkInt, checkString } from './arguments.ts'
import { type CallRequest, withCallbacks } from './callbacks.ts'
import { Matcher, type Pattern, readPattern } from './pattern.ts'

/** One call of `gsub`. */
class Substitution {
  readonly text: string
  readonly matcher: Matcher
  readonly #limit: number
  readonly #isAnchored: boolean
  #at = 0
  #isDone = false
  #hasMatch = false
  /** Up to here the text is in the result already. */
  #copied = 0
  #result = ''
  count = 0
  /** The match that is to be replaced. */
  start = 0
  end = 0

  constructor(text: string, pattern: Pattern, limit: number) {
    this.text = text
    this.#limit = limit
    this.matcher = new Matcher(text, pattern)
    this.#isAnchored = pattern.isAnchored
  }

  /** Goes on to the next match. @returns whether there is one */
  next(): boolean {
    if (this.#hasMatch) this.#advance(this.end)
    while (!this.#isDone && this.count < this.#limit) {
      const end = this.matcher.matchAt(this.#at)
      if (end >= 0) {
        this.count++
        this.start = this.#at
        this.end = end
        this.#hasMatch = true
        return true
      }
      this.#advance(-1)
    }
    this.#hasMatch = false
    return false
  }

  /** After an empty match, and where there is none, one character is passed over. */
  #advance(end: number): void {
    if (end > this.#at) this.#at = end
    else if (this.#at < this.text.length) this.#at++
    else this.#isDone = true
    if (this.#isAnchored) this.#isDone = true
  }

  /** The first capture of the match. */
  get key(): string | number {
    return this.matcher.capture(0, this.start, this.end)
  }

  /** Replaces the match by a value; nil and false leave it as it is. */
  replace(value: LuaValue): void {
    if (value === undefined || value === false) return
    if (typeof value !== 'string' && typeof value !== 'number') {
      raise(`invalid replacement value (a ${typeName(value)})`)
    }
    this.#result += this.text.slice(this.#copied, this.start)
    this.#result += typeof value === 'number' ? formatNumber(value) : value
    this.#copied = this.end
  }

  /** The text with everything replaced, and how often that was. */
  results(): LuaResult {
    return [this.#result + this.text.slice(this.#copied), this.count]
  }
}

/** The function `string.gsub` of a realm. */
export function gsubOf(realm: Realm): LuaFunction {
  const { meter } = realm
  const finish = (work: Substitution): LuaResult => {
    meter.fuel -= (work.matcher.steps >>> 4) + (work.text.length >>> 7)
    return work.results()
  }
  const withFunction = withCallbacks(realm.core, function* (text, pattern, limit, callee) {
    const work = substitution(text, pattern, limit)
    while (work.next()) {
      const captures = work.matcher.captures(work.start, work.end)
      work.replace((yield [callee as LuaFunction, captures])[0])
    }
    return finish(work)
  })
  const withTable = withCallbacks(realm.core, function* (text, pattern, limit, table) {
    const work = substitution(text, pattern, limit)
    while (work.next()) work.replace(yield* lookUp(realm, table, work.key))
    return finish(work)
  })
  return function gsub(
    value: LuaValue,
    pattern: LuaValue,
    replacement: LuaValue,
    limit: LuaValue,
  ): LuaResult {
    const count = arguments.length
    const text = checkString(value, 1, count)
    const source = checkString(pattern, 2, count)
    const most = limit === undefined ? text.length + 1 : checkInt(limit, 4, count)
    if (typeof replacement === 'function') return withFunction(text, source, most, replacement)
    if (replacement instanceof LuaTable) return withTable(text, source, most, replacement)
    if (typeof replacement !== 'string' && typeof replacement !== 'number') {
      return argumentError(3, 'string/function/table expected')
    }
    const work = substitution(text, source, most)
    const template = typeof replacement === 'number' ? formatNumber(replacement) : replacement
    while (work.next()) work.replace(expanded(template, work))
    const results = finish(work)
    meter.charge((results as readonly string[])[0]!.length)
    return results
  }
}

function substitution(text: LuaValue, pattern: LuaValue, limit: LuaValue): Substitution {
  return new Substitution(text as string, readPattern(pattern as string, true), limit as number)
}

/** What a table has for a match, by its metatable if need be. */
function* lookUp(
  realm: Realm,
  table: LuaValue,
  key: LuaValue,
): Generator<CallRequest, LuaValue, readonly LuaValue[]> {
  const value = realm.operations.indexTry(table, key)
  return value === SLOW ? (yield [pending.callee, pending.args])[0] : value
}

/** A replacement with its `%1` filled in. */
function expanded(template: string, work: Substitution): string {
  if (!template.includes('%')) return template
  let text = ''
  for (let at = 0; at < template.length; at++) {
    const character = template[at]!
    if (character !== '%') {
      text += character
      continue
    }
    const following = template[++at] ?? '\0'
    if (following < '0' || following > '9') text += following
    else if (following === '0') text += work.text.slice(work.start, work.end)
    else text += work.matcher.capture(Number(following) - 1, work.start, work.end)
  }
  return text
}
