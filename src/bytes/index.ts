/** Pure functions on bytes: slices, comparison, bits, integers, hashing, patterns, quoting; and views of what is read. */
export { countBitRange, countBits, findBit } from './bits.ts'
export { type BitOperation, combineBits } from './bitwise.ts'
export {
  compareBytes,
  compareRanges,
  copyBytes,
  copyWords,
  equalBytes,
  equalsWord,
} from './compare.ts'
export {
  DOUBLE_BYTES_MAX,
  doubleText,
  longDoubleText,
  parseDouble,
  shortestText,
  writeDouble,
} from './doubles.ts'
export { Gathered } from './gathered.ts'
export { globMatches } from './glob.ts'
export { HashHint, KeyHasher } from './hash.ts'
export {
  INT64_MAX,
  INT64_MIN,
  intSize,
  isInt64,
  parseInt64,
  parseShortInt,
  writeInt,
} from './integers.ts'
export { lzfCompress, lzfDecompress } from './lzf.ts'
export { fromLatin1, latin1, Slice, sliceOf, writeLatin1 } from './slice.ts'
export { quoteArg, splitArgs } from './split-args.ts'
export { setInnerViewed, setViewed, viewOf, wordAt } from './viewed.ts'
