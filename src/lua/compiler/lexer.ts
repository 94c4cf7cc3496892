/**
 * Source text into tokens. A token's kind is its own text for keywords and symbols, else `<name>`,
 * `<string>`, `<number>` or `<eof>`.
 */
import { shownName, UNCOMPILED_SHOWN_MAX } from '../chunk-name.ts'
import { LuaError } from '../errors.ts'
import { parseNumber } from '../numbers.ts'

const KEYWORDS = new Set([
  ...['and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for', 'function', 'if', 'in'],
  ...['local', 'nil', 'not', 'or', 'repeat', 'return', 'then', 'true', 'until', 'while'],
])

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Classes of characters, as bits. */
const SPACE = 1
const DIGIT = 2
const LETTER = 4
const CLASSES = new Uint8Array(256)
for (const character of ' \t\v\f') CLASSES[character.charCodeAt(0)] = SPACE
for (let code = 48; code < 58; code++) CLASSES[code] = DIGIT
for (let code = 65; code < 91; code++) CLASSES[code] = CLASSES[code + 32] = LETTER
CLASSES[95] = LETTER

/** Reads one token after another; raises a `LuaError` for what is none. */
export class Lexer {
  /** The current token, and what it means: the name, the text, the number. */
  kind = '<eof>'
  text = ''
  number = 0
  /** The line at the end of the current token, and that of the token before it. */
  line = 1
  lastLine = 1
  readonly #source: string
  readonly #chunkName: string
  #at = 0
  /** Where the current token began, and a text that stands for it in messages if it is another. */
  #start = 0
  #shown: string | undefined
  #ahead: LexerToken | undefined

  constructor(source: string, chunkName: string) {
    this.#source = source
    this.#chunkName = chunkName
  }

  /** Goes on to the next token. */
  next(): void {
    this.lastLine = this.line
    const ahead = this.#ahead
    if (ahead === undefined) {
      this.#shown = undefined
      this.kind = this.#scan()
      return
    }
    this.#ahead = undefined
    this.kind = ahead.kind
    this.text = ahead.text
    this.number = ahead.number
    this.line = ahead.line
    this.#shown = ahead.shown
  }

  /** The kind of the token after the current one. */
  peek(): string {
    const { kind, text, number, line } = this
    const shown = this.#tokenText()
    this.#shown = undefined
    const next = this.#scan()
    this.#ahead = { kind: next, text: this.text, number: this.number, line: this.line, shown: '' }
    this.#ahead.shown = this.#tokenText(next)
    Object.assign(this, { kind, text, number, line })
    this.#shown = shown
    return next
  }

  /** An error at the current token. */
  error(message: string): never {
    this.fail(message, this.#tokenText())
  }

  /** An error with this text as what it is near to; without one for `undefined`. */
  fail(message: string, near: string | undefined): never {
    const place = `${shownName(this.#chunkName, UNCOMPILED_SHOWN_MAX)}:${this.line}:`
    // The reference hands it on as text that ends at a zero byte.
    const suffix = near === undefined ? '' : ` near '${near.split('\0', 1)[0]}'`
    throw new LuaError(`${place} ${message}${suffix}`, {
      chunkName: this.#chunkName,
      line: this.line,
    })
  }

  #tokenText(kind = this.kind): string {
    if (this.#shown !== undefined) return this.#shown
    if (kind === '<name>' || kind === '<number>' || kind === '<string>') {
      return this.#source.slice(this.#start, this.#at)
    }
    const code = kind.charCodeAt(0)
    return kind.length === 1 && (code < 32 || code === 127) ? `char(${code})` : kind
  }

  #scan(): string {
    const source = this.#source
    for (;;) {
      const at = this.#at
      if (at >= source.length) return '<eof>'
      const code = source.charCodeAt(at)
      const group = CLASSES[code]!
      if (group === SPACE) this.#at++
      else if (group === LETTER) return this.#name()
      else if (group === DIGIT) return this.#numeral()
      else if (code === 10 || code === 13) this.#newLine()
      else if (code === 45 && source.charCodeAt(at + 1) === 45) this.#comment()
      else return this.#symbol(source[at]!)
    }
  }

  #symbol(character: string): string {
    const source = this.#source
    this.#start = this.#at
    const following = source[this.#at + 1]
    switch (character) {
      case '"':
      case "'":
        return this.#string(character)
      case '[': {
        const level = this.#longLevel()
        if (level >= 0) return this.#longText(level, 'string')
        if (level < -1)
          this.fail('invalid long string delimiter', source.slice(this.#start, this.#at))
        break
      }
      case '=':
      case '<':
      case '>':
      case '~':
        if (following === '=') return this.#take(`${character}=`)
        break
      case '.':
        if (following === '.') return this.#take(source[this.#at + 2] === '.' ? '...' : '..')
        if (following !== undefined && following >= '0' && following <= '9') return this.#numeral()
    }
    return this.#take(character)
  }

  #take(symbol: string): string {
    this.#at += symbol.length
    return symbol
  }

  #name(): string {
    const source = this.#source
    const start = this.#at
    let at = start + 1
    while ((CLASSES[source.charCodeAt(at)]! & (LETTER | DIGIT)) !== 0) at++
    this.#at = at
    this.#start = start
    this.text = source.slice(start, at)
    return KEYWORDS.has(this.text) ? this.text : '<name>'
  }

  #numeral(): string {
    const source = this.#source
    this.#start = this.#at
    const isPart = (at: number) => CLASSES[source.charCodeAt(at)] === DIGIT || source[at] === '.'
    while (isPart(this.#at)) this.#at++
    if (source[this.#at] === 'e' || source[this.#at] === 'E') {
      this.#at++
      if (source[this.#at] === '+' || source[this.#at] === '-') this.#at++
    }
    while ((CLASSES[source.charCodeAt(this.#at)]! & (LETTER | DIGIT)) !== 0) this.#at++
    const text = source.slice(this.#start, this.#at)
    const value = parseNumber(text)
    if (value === undefined) this.fail('malformed number', text)
    this.number = value
    return '<number>'
  }

  #comment(): void {
    this.#at += 2
    if (this.#source[this.#at] === '[') {
      this.#start = this.#at
      const level = this.#longLevel()
      if (level >= 0) {
        this.#longText(level, 'comment')
        return
      }
    }
    this.#skipLine()
  }

  #skipLine(): void {
    const source = this.#source
    while (this.#at < source.length && source[this.#at] !== '\n' && source[this.#at] !== '\r') {
      this.#at++
    }
  }

  /** Passes a line's end, of one character or two different ones. */
  #newLine(): void {
    const first = this.#source[this.#at++]
    const second = this.#source[this.#at]
    if ((second === '\n' || second === '\r') && second !== first) this.#at++
    this.line++
  }

  /**
   * Reads `[`, `=`…, and a second bracket if there is one, which it does not pass. @returns how many
   * `=` there are, or -1 minus that when no bracket follows; the place then is after them for errors
   */
  #longLevel(): number {
    const source = this.#source
    let at = this.#at + 1
    while (source[at] === '=') at++
    const level = at - this.#at - 1
    if (source[at] === '[') {
      this.#at = at
      return level
    }
    if (level > 0) this.#at = at
    return -level - 1
  }

  #longText(level: number, what: string): string {
    this.#at++
    const source = this.#source
    if (source[this.#at] === '\n' || source[this.#at] === '\r') this.#newLine()
    const end = `]${'='.repeat(level)}]`
    let text = ''
    let from = this.#at
    for (;;) {
      const character = source[this.#at]
      if (character === undefined) this.fail(`unfinished long ${what}`, '<eof>')
      if (character === ']' && source.startsWith(end, this.#at)) break
      if (character === '\n' || character === '\r') {
        text += `${source.slice(from, this.#at)}\n`
        this.#newLine()
        from = this.#at
      } else {
        if (character === '[' && level === 0 && source[this.#at + 1] === '[') {
          this.fail('nesting of [[...]] is deprecated', '[')
        }
        this.#at++
      }
    }
    this.text = text + source.slice(from, this.#at)
    this.#at += end.length
    return '<string>'
  }

  #string(quote: string): string {
    const source = this.#source
    let text = ''
    let from = ++this.#at
    for (;;) {
      const character = source[this.#at]
      if (character === quote) break
      if (character === undefined) this.fail('unfinished string', '<eof>')
      if (character === '\n' || character === '\r') {
        this.fail('unfinished string', quote + text + source.slice(from, this.#at))
      }
      if (character !== '\\') {
        this.#at++
        continue
      }
      text += source.slice(from, this.#at)
      text += this.#escape(quote + text)
      from = this.#at
    }
    text += source.slice(from, this.#at++)
    this.text = text
    if (text.length !== this.#at - this.#start - 2) this.#shown = quote + text + quote
    return '<string>'
  }

  /** What an escape stands for. The text before it is for errors. */
  #escape(before: string): string {
    const source = this.#source
    const character = source[++this.#at]
    if (character === undefined) return ''
    if (character === '\n' || character === '\r') {
      this.#newLine()
      return '\n'
    }
    if (character < '0' || character > '9') {
      this.#at++
      return ESCAPES[character] ?? character
    }
    let code = 0
    for (let count = 0; count < 3 && CLASSES[source.charCodeAt(this.#at)] === DIGIT; count++) {
      code = code * 10 + Number(source[this.#at++])
    }
    if (code > 255) this.fail('escape sequence too large', before)
    return String.fromCharCode(code)
  }
}

interface LexerToken {
  readonly kind: string
  readonly text: string
  readonly number: number
  readonly line: number
  shown: string
}
