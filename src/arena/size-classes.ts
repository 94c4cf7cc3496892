/**
 * The sizes in which small blocks are handed out: every 8 bytes to 256, then eight steps to each
 * doubling, so that at most one ninth of a block is slack.
 */

/** The largest small block, in bytes. Anything longer gets a buffer of its own. */
export const SMALL_BYTES_MAX = 32768

const EXACT_BYTES_MAX = 256

/** Sizes in bytes by class, rising. */
export const CLASS_BYTES: Int32Array = Int32Array.from(sizes())

function* sizes(): Generator<number> {
  for (let size = 8; size <= EXACT_BYTES_MAX; size += 8) yield size
  for (let base = EXACT_BYTES_MAX; base < SMALL_BYTES_MAX; base *= 2) {
    for (let step = 1; step <= 8; step++) yield base + (base / 8) * step
  }
}

/** Class by size in 8-byte units, up to 1 KiB. */
const CLASS_BY_UNITS = Uint8Array.from({ length: 129 }, (_, units) =>
  CLASS_BYTES.findIndex((size) => size >= units * 8),
)

/** The class of the smallest block that holds `sizeBytes`, which is 1 to `SMALL_BYTES_MAX`. */
export function classFor(sizeBytes: number): number {
  if (sizeBytes <= 1024) return CLASS_BY_UNITS[(sizeBytes + 7) >> 3]!
  // The doubling is given by the leading bit, the step by the three bits below it.
  const top = 31 - Math.clz32(sizeBytes - 1)
  return 31 + (top - 8) * 8 + (((sizeBytes - 1) >> (top - 3)) & 7) + 1
}
