/** Which encoding a string has when it is set whole: the reference's rules. */
import { isInt64 } from '../bytes/index.ts'
import { ENCODING_EMBSTR, ENCODING_INT, ENCODING_RAW } from './encodings.ts'

/** The longest string that the reference embeds, in bytes. */
export const EMBSTR_BYTES_MAX = 44

/** The encoding of `bytes[start, end)`, one of the three above. */
export function stringEncoding(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > EMBSTR_BYTES_MAX) return ENCODING_RAW
  return isInt64(bytes, start, end) ? ENCODING_INT : ENCODING_EMBSTR
}
