/** Which encoding a string has when it is set whole: the reference's rules. */
import { isInt64 } from '../bytes/index.ts'

const RAW = 0
const INT = 1
const EMBSTR = 2
/** The longest string that the reference embeds, in bytes. */
const EMBSTR_BYTES_MAX = 44

/** The encoding of `bytes[start, end)`, by the numbers of keyspace/kinds.ts. */
export function stringEncoding(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > EMBSTR_BYTES_MAX) return RAW
  return isInt64(bytes, start, end) ? INT : EMBSTR
}
