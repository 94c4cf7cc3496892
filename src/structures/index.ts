/**
 * Structures whose bulk is in the arena. They have never heard of a command: keys, types and expiry
 * mean nothing here beyond the layout of a node.
 */
export { Dict } from './dict.ts'
export {
  CLOCK,
  EXPIRES,
  expiryOf,
  expiryOffset,
  flagsOf,
  HUGE_KEY,
  HUGE_KEY_BYTES,
  headBytes,
  headOf,
  hugeKeyId,
  keyEquals,
  keyOf,
  keySize,
  keyStart,
  LARGE,
  NARROW_BYTES_MAX,
  valueSize,
  valueStart,
  WIDE,
  wideOffset,
} from './node.ts'
