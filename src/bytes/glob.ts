/**
 * Glob patterns over bytes, as KEYS, SCAN MATCH, PSUBSCRIBE, ACL rules and CONFIG GET match them:
 * `*`, `?`, `[abc]`, `[^a-z]` and `\` before a character that stands for itself.
 *
 * Everything but `*` takes exactly one byte, so only the latest `*` is ever worth another try: when
 * what stands between two stars fits at some place, a later place can only leave less text for the
 * rest. That keeps the work below pattern length times text length for every pattern.
 */
const STAR = 42
const DASH = 45
const QUESTION = 63
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93
const CARET = 94

/** The reference gives up, and answers no, when a match needs more stars than this. */
const STARS_MAX = 1000

/**
 * Whether `text[textStart, textEnd)` fits `pattern[patternStart, patternEnd)`.
 *
 * Odd cases are the reference's: no pattern but the empty one fits the empty text, so callers that
 * mean "everything" by `*` ask for that themselves; a bracket that is never closed ends with the
 * pattern; the bounds of a range are compared as signed bytes.
 */
export function globMatches(
  pattern: Uint8Array,
  patternStart: number,
  patternEnd: number,
  text: Uint8Array,
  textStart: number,
  textEnd: number,
  ignoreCase: boolean,
): boolean {
  let p = patternStart
  let t = textStart
  // Where to go on when what follows the latest star does not fit.
  let retryPattern = -1
  let retryText = -1
  let stars = 0

  while (t < textEnd && (p < patternEnd || retryPattern >= 0)) {
    if (p < patternEnd && pattern[p] === STAR) {
      while (p < patternEnd && pattern[p] === STAR) p++
      if (p === patternEnd) return true
      if (++stars > STARS_MAX) return false
      retryPattern = p
      retryText = t
      continue
    }
    // A pattern that ends before the text does not fit from here either.
    const next = p < patternEnd ? matchOne(pattern, p, patternEnd, text[t]!, ignoreCase) : -1
    if (next >= 0) {
      p = next
      t++
      continue
    }
    if (retryPattern < 0) return false
    p = retryPattern
    t = ++retryText
  }

  if (textStart < textEnd) while (p < patternEnd && pattern[p] === STAR) p++
  return p === patternEnd && t === textEnd
}

/**
 * Matches one byte with the element at `p`.
 * @returns where the next element begins, or -1 when the byte does not fit.
 */
function matchOne(
  pattern: Uint8Array,
  p: number,
  end: number,
  byte: number,
  ignoreCase: boolean,
): number {
  let element = pattern[p]!
  if (element === QUESTION) return p + 1
  if (element === OPEN) return matchBracket(pattern, p + 1, end, byte, ignoreCase)
  if (element === BACKSLASH && p + 1 < end) element = pattern[++p]!
  return sameByte(element, byte, ignoreCase) ? p + 1 : -1
}

function matchBracket(
  pattern: Uint8Array,
  p: number,
  end: number,
  byte: number,
  ignoreCase: boolean,
): number {
  const negated = p < end && pattern[p] === CARET
  if (negated) p++
  let found = false
  while (p < end && pattern[p] !== CLOSE) {
    if (pattern[p] === BACKSLASH && p + 1 < end) {
      // An escaped byte is compared as it is, even when case is ignored.
      if (pattern[p + 1] === byte) found = true
      p += 2
    } else if (p + 2 < end && pattern[p + 1] === DASH) {
      if (inRange(pattern[p]!, pattern[p + 2]!, byte, ignoreCase)) found = true
      p += 3
    } else {
      if (sameByte(pattern[p]!, byte, ignoreCase)) found = true
      p++
    }
  }
  if (found === negated) return -1
  return p < end ? p + 1 : end
}

function inRange(from: number, to: number, byte: number, ignoreCase: boolean): boolean {
  let low = signed(from)
  let high = signed(to)
  if (low > high) [low, high] = [high, low]
  if (ignoreCase) {
    low = lower(low)
    high = lower(high)
    byte = lower(byte)
  }
  byte = signed(byte)
  return byte >= low && byte <= high
}

function sameByte(a: number, b: number, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && lower(a) === lower(b))
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte
}

function signed(byte: number): number {
  return (byte << 24) >> 24
}
