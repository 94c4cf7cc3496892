/** The data types and their encodings, as pure rules over bytes. */
export {
  type BitFieldOverflow,
  type BitFieldType,
  fitBitField,
  readBitField,
  writeBitField,
} from './bitfield.ts'
export { Draft } from './draft.ts'
export {
  ENCODING_EMBSTR,
  ENCODING_HASHTABLE,
  ENCODING_HASHTABLE_EXPIRES,
  ENCODING_INT,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_LISTPACKEX,
  ENCODING_NAMES,
  ENCODING_QUICKLIST,
  ENCODING_RAW,
  ENCODING_ROOTED_MIN,
  ENCODING_SKIPLIST,
  ENCODING_STREAM,
} from './encodings.ts'
export { type GeoShape, rangesOf } from './geo-area.ts'
export { distanceBetween, roundedDistance } from './geo-distance.ts'
export { GeoFilter } from './geo-within.ts'
export {
  geohashOf,
  geohashText,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  type Place,
  placeOf,
} from './geohash.ts'
export { Hashes } from './hashes.ts'
export {
  addToSketch,
  countRegisters,
  countSketch,
  emptyRegisters,
  isWhole,
  makeDense,
  mergeInto,
  raiseTo,
} from './hyperloglog.ts'
export { denseRegister } from './hyperloglog-dense.ts'
export {
  cacheCount,
  cachedCount,
  emptySketch,
  forgetCount,
  isDense,
  isSketch,
  REGISTERS,
  SKETCH_HEADER_BYTES,
} from './hyperloglog-format.ts'
export { describeRuns } from './hyperloglog-sparse.ts'
export { Images, type ValueImage } from './images.ts'
export { LCS_CELL_BYTES, type LcsMatch, lcsLength, longestCommon } from './lcs.ts'
export { type ElementSource, type ListSearch, type ListShape, Lists } from './lists.ts'
export {
  addLongDoubles,
  formatLongDouble,
  type LongDouble,
  parseLongDouble,
} from './long-double.ts'
export { sortPart } from './partial-sort.ts'
export { Sets } from './sets.ts'
export {
  defaultLimits,
  type EncodingLimits,
  type Slot,
  type Space,
  type ValueType,
} from './slot.ts'
export type { SortedImage } from './sorted-image.ts'
export {
  type Added,
  type EmptySortedSet,
  INCREMENT,
  ONLY_HIGHER,
  ONLY_LOWER,
  ONLY_NEW,
  ONLY_PRESENT,
  SortedSets,
} from './sorted-sets.ts'
export { ENTRY_BYTES_MAX, type StreamEntries } from './stream-entries.ts'
export { NEVER_ACTIVE, type StreamGroups } from './stream-groups.ts'
export {
  ID_INVALID,
  ID_MINUS,
  ID_PLUS,
  ID_TEXT_BYTES_MAX,
  ID_TIME,
  ID_TIME_STAR,
  ID_WHOLE,
  parseStreamId,
  StreamId,
  writeStreamId,
} from './stream-id.ts'
export type { ConsumerImage, GroupImage, StreamImage } from './stream-image.ts'
export { READ_UNKNOWN } from './stream-progress.ts'
export type { References, Trim } from './stream-trim.ts'
export type { StreamWalk } from './stream-walk.ts'
export { Streams } from './streams.ts'
export { STRING_STEP_BYTES, StringImage } from './string-image.ts'
export { EMBSTR_BYTES_MAX, stringEncoding } from './strings.ts'
