/** The data types and their encodings, as pure rules over bytes. */
export {
  type BitFieldOverflow,
  type BitFieldType,
  fitBitField,
  readBitField,
  writeBitField,
} from './bitfield.ts'
export { LCS_CELL_BYTES, type LcsMatch, lcsLength, longestCommon } from './lcs.ts'
export {
  addLongDoubles,
  formatLongDouble,
  type LongDouble,
  parseLongDouble,
} from './long-double.ts'
export {
  EMBSTR_BYTES_MAX,
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  stringEncoding,
} from './strings.ts'
