/**
 * A line of text as arguments: how inline commands, configuration lines and the prompt are read.
 * Arguments are parted by blanks. `"…"` knows the escapes \n \r \t \b \a and \xHH, and a backslash
 * before any other byte stands for that byte; `'…'` knows only \'. A NUL byte ends the line.
 */
const NUL = 0
const SPACE = 32
const DOUBLE_QUOTE = 34
const SINGLE_QUOTE = 39
const BACKSLASH = 92
const LOWER_X = 120

/** What a letter after a backslash stands for inside double quotes. */
const ESCAPES = new Map<number, number>([
  [110, 10], // n
  [114, 13], // r
  [116, 9], // t
  [98, 8], // b
  [97, 7], // a
])

/** The letters for `quoteArg`: the reverse of `ESCAPES`, and what needs a backslash itself. */
const UNESCAPES = new Map<number, string>([
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [8, '\\b'],
  [7, '\\a'],
  [BACKSLASH, '\\\\'],
  [DOUBLE_QUOTE, '\\"'],
])

/**
 * Splits `bytes[start, end)`.
 * @returns a copy of each argument, or `undefined` when a quote is not closed, or is closed in the
 * middle of a word.
 */
export function splitArgs(bytes: Uint8Array, start: number, end: number): Uint8Array[] | undefined {
  const nul = bytes.subarray(start, end).indexOf(NUL)
  if (nul >= 0) end = start + nul

  const args: Uint8Array[] = []
  // No argument is longer than its text.
  const word = new Uint8Array(end - start)
  let at = start
  for (;;) {
    while (at < end && isBlank(bytes[at]!)) at++
    if (at >= end) return args

    let length = 0
    let quote = 0
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
        quote = byte
        break
      }
      // Vertical tabs and form feeds part arguments but do not end one: the reference's reading.
      if (byte === SPACE || (byte >= 9 && byte <= 10) || byte === 13) break
      word[length++] = byte
    }
    if (quote !== 0) {
      const quoted =
        quote === DOUBLE_QUOTE
          ? readDouble(bytes, at + 1, end, word, length)
          : readSingle(bytes, at + 1, end, word, length)
      if (quoted === undefined) return undefined
      at = quoted.at
      length = quoted.length
      if (at < end && !isBlank(bytes[at]!)) return undefined
    }
    args.push(word.slice(0, length))
  }
}

interface Quoted {
  /** After the closing quote. */
  readonly at: number
  /** How long the word is now. */
  readonly length: number
}

function readDouble(
  bytes: Uint8Array,
  at: number,
  end: number,
  word: Uint8Array,
  length: number,
): Quoted | undefined {
  while (at < end) {
    const byte = bytes[at]!
    if (byte === DOUBLE_QUOTE) return { at: at + 1, length }
    if (byte !== BACKSLASH || at + 1 >= end) {
      word[length++] = byte
      at++
      continue
    }
    const letter = bytes[at + 1]!
    if (letter === LOWER_X && at + 3 < end) {
      const high = hexDigit(bytes[at + 2]!)
      const low = hexDigit(bytes[at + 3]!)
      if (high >= 0 && low >= 0) {
        word[length++] = high * 16 + low
        at += 4
        continue
      }
    }
    word[length++] = ESCAPES.get(letter) ?? letter
    at += 2
  }
  return undefined
}

function readSingle(
  bytes: Uint8Array,
  at: number,
  end: number,
  word: Uint8Array,
  length: number,
): Quoted | undefined {
  while (at < end) {
    let byte = bytes[at]!
    if (byte === SINGLE_QUOTE) return { at: at + 1, length }
    if (byte === BACKSLASH && bytes[at + 1] === SINGLE_QUOTE && at + 1 < end) {
      byte = SINGLE_QUOTE
      at++
    }
    word[length++] = byte
    at++
  }
  return undefined
}

function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13)
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** Bytes in double quotes, all of them printable ASCII: what `splitArgs` reads back as one argument. */
export function quoteArg(bytes: Uint8Array): string {
  let text = '"'
  for (const byte of bytes) {
    const escaped = UNESCAPES.get(byte)
    if (escaped !== undefined) text += escaped
    else if (byte >= 32 && byte <= 126) text += String.fromCharCode(byte)
    else text += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `${text}"`
}
