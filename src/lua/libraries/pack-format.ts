/** The formats of `struct`: letters with sizes, the order of bytes, alignment. */
import { argumentError, raise } from './argument-list.ts'

/** The largest size of an integer in bytes, in a format. */
export const INTEGER_BYTES_MAX = 32
const ALIGNMENT_DEFAULT = 8
const INT_MAX = 2147483647

/** Reads a format letter by letter, and keeps what its options say. */
export class PackFormat {
  readonly #text: string
  #at = 0
  #alignment = 1
  isBigEndian = false
  /** The letter that was read last, and the size of what it stands for; 0 is none or unknown. */
  letter = ''
  size = 0

  /** A format ends at its first zero byte, as a string of C does. */
  constructor(text: string) {
    const end = text.indexOf('\0')
    this.#text = end < 0 ? text : text.slice(0, end)
  }

  /** Reads the next letter. @returns false at the end */
  next(): boolean {
    if (this.#at >= this.#text.length) return false
    this.letter = this.#text[this.#at++]!
    this.size = this.#sizeOf(this.letter)
    return true
  }

  /** How many bytes must come before the element, which begins at `offset`, to align it. */
  padding(offset: number): number {
    if (this.size === 0 || this.letter === 'c') return 0
    const unit = Math.min(this.size, this.#alignment)
    return (unit - (offset & (unit - 1))) & (unit - 1)
  }

  /** Does what a letter says that stands for no element. Raises an error for an unknown one. */
  control(): void {
    switch (this.letter) {
      case ' ':
        return
      case '>':
        this.isBigEndian = true
        return
      case '<':
        this.isBigEndian = false
        return
      case '!': {
        const alignment = this.#number(ALIGNMENT_DEFAULT)
        if (alignment <= 0 || (alignment & (alignment - 1)) !== 0) {
          raise(`alignment ${alignment} is not a power of 2`)
        }
        this.#alignment = alignment
        return
      }
      default:
        argumentError(1, `invalid format option '${this.letter}'`)
    }
  }

  #sizeOf(letter: string): number {
    switch (letter) {
      case 'B':
      case 'b':
      case 'x':
        return 1
      case 'H':
      case 'h':
        return 2
      case 'f':
        return 4
      case 'L':
      case 'l':
      case 'T':
      case 'd':
        return 8
      case 'c':
        return this.#number(1)
      case 'i':
      case 'I': {
        const size = this.#number(4)
        if (size > INTEGER_BYTES_MAX) {
          raise(`integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`)
        }
        return size
      }
      default:
        return 0
    }
  }

  #number(fallback: number): number {
    let value = -1
    for (; this.#at < this.#text.length; this.#at++) {
      const digit = this.#text.charCodeAt(this.#at) - 48
      if (digit < 0 || digit > 9) break
      value = Math.max(value, 0) * 10 + digit
      if (value > INT_MAX) raise('integral size overflow')
    }
    return value < 0 ? fallback : value
  }
}
