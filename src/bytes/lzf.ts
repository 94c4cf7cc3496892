/**
 * LZF (Marc Lehmann), as the reference has it inside its lists and files: quick, and simple enough
 * that text of any kind shrinks some. Compressed bytes are a row of
 *
 *     000lllll text                      a run of l + 1 bytes as they are
 *     lllooooo oooooooo                  l + 2 bytes again from o + 1 back, for l of 1 to 6
 *     111ooooo llllllll oooooooo         l + 9 bytes again from o + 1 back
 *
 * Here three bytes are looked up by their hash, and the last place that had the same hash is tried.
 */

const RUN_BYTES_MAX = 32
const REACH_MAX = 8192
const MATCH_BYTES_MIN = 3
const MATCH_BYTES_MAX = 264
const HASH_BITS_MAX = 13

const places = new Int32Array(1 << HASH_BITS_MAX)

/**
 * Compresses `from[start, end)` into `into[at, limit)`.
 * @returns the offset after the last byte, or -1 when it does not fit.
 */
export function lzfCompress(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
): number {
  const shift = 32 - hashBits(end - start)
  places.fill(-1, 0, 1 << (32 - shift))
  let runStart = start
  for (let i = start; i + MATCH_BYTES_MIN <= end; ) {
    const slot = Math.imul(threeBytes(from, i), 0x9e3779b1) >>> shift
    const place = places[slot]!
    places[slot] = i
    const length = place < 0 || i - place > REACH_MAX ? 0 : matchLength(from, place, i, end)
    if (length < MATCH_BYTES_MIN) {
      i++
      continue
    }
    at = writeRuns(from, runStart, i, into, at, limit)
    if (at < 0 || at + (length > 8 ? 3 : 2) > limit) return -1
    at = writeMatch(into, at, length, i - place - 1)
    // The places inside the match are remembered too, or repeats of its later parts are missed.
    const next = i + length
    for (i++; i < next && i + MATCH_BYTES_MIN <= end; i++) {
      places[Math.imul(threeBytes(from, i), 0x9e3779b1) >>> shift] = i
    }
    i = next
    runStart = next
  }
  return writeRuns(from, runStart, end, into, at, limit)
}

/** A table that is not much larger than the input, since it is cleared for each. */
function hashBits(size: number): number {
  let bits = 8
  while (bits < HASH_BITS_MAX && 1 << bits < size) bits++
  return bits
}

function threeBytes(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
}

function matchLength(bytes: Uint8Array, place: number, at: number, end: number): number {
  const most = Math.min(end - at, MATCH_BYTES_MAX)
  let length = 0
  while (length < most && bytes[place + length] === bytes[at + length]) length++
  return length
}

function writeRuns(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
): number {
  while (start < end) {
    const size = Math.min(end - start, RUN_BYTES_MAX)
    if (at + 1 + size > limit) return -1
    into[at++] = size - 1
    for (const stop = start + size; start < stop; start++) into[at++] = from[start]!
  }
  return at
}

function writeMatch(into: Uint8Array, at: number, length: number, back: number): number {
  const rest = length - 2
  if (rest < 7) {
    into[at++] = (rest << 5) | (back >> 8)
  } else {
    into[at++] = (7 << 5) | (back >> 8)
    into[at++] = rest - 7
  }
  into[at++] = back
  return at
}

/**
 * Decompresses `from[start, end)` into `into[at, limit)`. Safe against any bytes.
 * @returns the offset after the last byte, or -1 when the input is damaged or needs more room.
 */
export function lzfDecompress(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
): number {
  const first = at
  let i = start
  while (i < end) {
    const control = from[i++]!
    if (control < RUN_BYTES_MAX) {
      const size = control + 1
      if (i + size > end || at + size > limit) return -1
      for (const stop = i + size; i < stop; i++) into[at++] = from[i]!
      continue
    }
    let length = (control >> 5) + 2
    if (length === 9) {
      if (i >= end) return -1
      length += from[i++]!
    }
    if (i >= end) return -1
    let place = at - ((control & 31) << 8) - from[i++]! - 1
    if (place < first || at + length > limit) return -1
    // Byte by byte: what is copied may begin in what was just written.
    for (const stop = at + length; at < stop; ) into[at++] = into[place++]!
  }
  return at
}
