/**
 * Words as people type them and as they are shown, as "binary strings": one character for each
 * byte, because arguments need not be UTF-8.
 */
import { quoteArg, splitArgs } from '../bytes/index.ts'

/** One character for each byte. */
export function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The bytes of a binary string. */
export function unbinary(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** The UTF-8 bytes of ordinary text, as a binary string. */
export function binaryOfText(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/**
 * Splits a line into its arguments, quotes and escapes resolved.
 * @returns `undefined` when a quote is not closed, or something touches the closing quote.
 */
export function splitWords(line: string): string[] | undefined {
  return splitArgs(unbinary(line), 0, line.length)?.map(binary)
}

/** A binary string in double quotes, with everything that does not print escaped. */
export function quote(text: string): string {
  return quoteArg(unbinary(text))
}
