/** What the two halves of the parser share: the current token, the scope, and how deep they are. */
import type { Lexer } from './lexer.ts'
import { Scope } from './scope.ts'

/** How deep blocks and expressions may stand in each other. */
export const LEVELS_MAX = 200

/** The tokens of a chunk, with what is known at the current one. */
export class Tokens {
  readonly lexer: Lexer
  readonly scope: Scope
  level = 0
  /** Expressions and statements seen so far in the innermost function. */
  size = 0

  constructor(lexer: Lexer) {
    this.lexer = lexer
    this.scope = new Scope(lexer)
  }

  /** Fails unless the current token is of this kind. */
  check(kind: string): void {
    if (this.lexer.kind !== kind) this.lexer.error(`'${kind}' expected`)
  }

  /** Passes a token that must be there. */
  expect(kind: string): void {
    this.check(kind)
    this.lexer.next()
  }

  /** Passes a token if it is there. @returns whether it was */
  accept(kind: string): boolean {
    if (this.lexer.kind !== kind) return false
    this.lexer.next()
    return true
  }

  /** Expects what closes something, and says what when it is not there. */
  expectMatch(closing: string, opening: string, line: number): void {
    if (this.accept(closing)) return
    if (line === this.lexer.line) this.lexer.error(`'${closing}' expected`)
    this.lexer.error(`'${closing}' expected (to close '${opening}' at line ${line})`)
  }

  /** Passes a name. @returns it */
  name(): string {
    this.check('<name>')
    const { text } = this.lexer
    this.lexer.next()
    return text
  }

  /** Goes one level deeper. */
  enter(): void {
    if (++this.level > LEVELS_MAX) {
      this.lexer.fail('chunk has too many syntax levels', undefined)
    }
  }
}
