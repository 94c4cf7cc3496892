/**
 * Bytes of snapshots, put together piece by piece as the formats have them (docs/formats/rdb.md), in
 * forms that we read and do not write as well. Numbers are in the order that each form wants.
 */
/** A piece: bytes, or a text with one character a byte. */
export type Piece = Uint8Array | readonly number[] | string

/** Pieces one after another. */
export function join(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) =>
      typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece as Uint8Array),
    ),
  )
}

/** An integer of so many bytes, the lowest first. */
export function low(value: number | bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)))
  return buffer.subarray(0, bytes)
}

/** The same, the highest first. */
export const high = (value: number | bigint, bytes: number) =>
  Buffer.from(low(value, bytes)).reverse()

/** A number in eight bytes. */
export function double(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeDoubleLE(value)
  return buffer
}

/** A length, in as few bits as it needs, or in so many: 6, 14, 32 or 64. */
export function length(value: number | bigint, bits?: number): Buffer {
  const wanted = bits ?? (value < 64 ? 6 : value < 16384 ? 14 : value < 2 ** 32 ? 32 : 64)
  if (wanted === 6) return low(value, 1)
  if (wanted === 14) return high(0x4000 | Number(value), 2)
  return wanted === 32 ? join([0x80], high(value, 4)) : join([0x81], high(value, 8))
}

/** A string as it is. */
export const text = (content: Piece) => join(length(join(content).length), content)

/** A string that is an integer of 8, 16 or 32 bits. */
export const integer = (value: number, bits: 8 | 16 | 32) =>
  join([0xc0 | (bits >> 4)], low(value, bits / 8))

/** A string that is compressed: each byte, and from then on what repeats, as LZF has it. */
export function packed(content: Piece): Buffer {
  const bytes = join(content)
  const squeezed = lzf(bytes)
  return join([0xc3], length(squeezed.length), length(bytes.length), squeezed)
}

const REPEATS_MIN = 3
const REPEATS_MAX = 264
const LITERALS_MAX = 32
const DISTANCE_MAX = 8192

function lzf(bytes: Buffer): Buffer {
  const pieces: Piece[] = []
  let literals: number[] = []
  const flush = () => {
    if (literals.length > 0) pieces.push([literals.length - 1, ...literals])
    literals = []
  }
  for (let at = 0; at < bytes.length; ) {
    const before = at === 0 ? -1 : bytes.lastIndexOf(bytes.subarray(at, at + REPEATS_MIN), at - 1)
    const count = before < 0 || at - before > DISTANCE_MAX ? 0 : sharedBytes(bytes, before, at)
    if (count >= REPEATS_MIN) {
      flush()
      const distance = at - before - 1
      const head = (Math.min(count - 2, 7) << 5) | (distance >> 8)
      pieces.push(count < 9 ? [head, distance & 255] : [head, count - 9, distance & 255])
      at += count
    } else {
      literals.push(bytes[at++]!)
      if (literals.length === LITERALS_MAX) flush()
    }
  }
  flush()
  return join(...pieces)
}

/** How many bytes are the same from both places on. */
function sharedBytes(bytes: Buffer, first: number, second: number): number {
  let count = 0
  while (count < REPEATS_MAX && second + count < bytes.length) {
    if (bytes[first + count] !== bytes[second + count]) break
    count++
  }
  return count
}

// ---- what stands in one string

/** Elements of a small collection: numbers are written as such. */
export type Elements = readonly (string | number | bigint)[]

/** Size, offset of the last, count, elements, and the end mark. */
export function ziplist(elements: Elements): Buffer {
  const pieces: Buffer[] = []
  let previous = 0
  for (const element of elements) {
    const back = previous < 254 ? [previous] : join([0xfe], low(previous, 4))
    const piece = join(back, ziplistElement(element))
    pieces.push(piece)
    previous = piece.length
  }
  const body = join(...pieces)
  const size = 10 + body.length + 1
  const tail = 10 + body.length - previous
  return join(low(size, 4), low(tail, 4), low(elements.length, 2), body, [0xff])
}

function ziplistElement(element: string | number | bigint): Buffer {
  if (typeof element === 'string') {
    const size = element.length
    if (size < 64) return join([size], element)
    return size < 16384
      ? join(high(0x4000 | size, 2), element)
      : join([0x80], high(size, 4), element)
  }
  if (element >= 0 && element <= 12) return low(0xf1 + Number(element), 1)
  const tags = { 8: 0xfe, 16: 0xc0, 24: 0xf0, 32: 0xd0, 64: 0xe0 }
  const bits = bitsOf(element)
  return join([tags[bits]], low(element, bits / 8))
}

function bitsOf(value: number | bigint): 8 | 16 | 24 | 32 | 64 {
  for (const bits of [8, 16, 24, 32] as const) {
    if (BigInt.asIntN(bits, BigInt(value)) === BigInt(value)) return bits
  }
  return 64
}

/** Size, count, elements, and the end mark. A number in `wide` is written in 64 bits. */
export function listpack(elements: Elements, wide: readonly number[] = []): Buffer {
  const body = join(
    ...elements.map((element, at) => {
      const piece = listpackElement(element, wide.includes(at))
      return join(piece, wayBack(piece.length))
    }),
  )
  return join(low(body.length + 7, 4), low(elements.length, 2), body, [0xff])
}

function listpackElement(element: string | number | bigint, isWide: boolean): Buffer {
  if (typeof element === 'string') {
    const size = element.length
    if (size < 64) return join([0x80 | size], element)
    return size < 4096 ? join(high(0xe000 | size, 2), element) : join([0xf0], low(size, 4), element)
  }
  if (isWide) return join([0xf4], low(element, 8))
  if (element >= 0 && element < 128) return low(element, 1)
  if (element >= -4096 && element < 4096) return high(0xc000 | (Number(element) & 0x1fff), 2)
  const tags = { 8: 0, 16: 0xf1, 24: 0xf2, 32: 0xf3, 64: 0xf4 }
  const bits = bitsOf(element)
  return join([tags[bits]], low(element, bits / 8))
}

/** The size of an element in groups of seven bits, to be read from its end. */
function wayBack(size: number): Buffer {
  const groups = [size & 127]
  for (let left = size >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128)
  groups[0]! &= 127
  for (let i = 1; i < groups.length; i++) groups[i]! |= 128
  return Buffer.from(groups)
}

/** How wide its members are in bits, how many there are, and they, in their order. */
export const intset = (bits: 16 | 32 | 64, members: readonly (number | bigint)[]) =>
  join(low(bits / 8, 4), low(members.length, 4), ...members.map((each) => low(each, bits / 8)))

/** Count, fields and values with so many free bytes after each value, and the end mark. */
export function zipmap(pairs: readonly (readonly [string, string])[], free = 0): Buffer {
  const size = (content: string) =>
    content.length < 254 ? [content.length] : join([254], low(content.length, 4))
  const entries = pairs.map(([field, value]) =>
    join(size(field), field, size(value), [free], value, Buffer.alloc(free, '~')),
  )
  return join([Math.min(pairs.length, 254)], ...entries, [0xff])
}

/** An id of a stream as the key of a block, or of something pending. */
export const streamId = (ms: number | bigint, seq: number | bigint) =>
  join(high(ms, 8), high(seq, 8))

// ---- payloads and files

/** A snapshot of a version: pieces between its signature and its end. */
export function snapshot(
  version: number,
  pieces: readonly Piece[],
  sum: 'right' | 'none' | 'wrong' = 'right',
): Buffer {
  const body = join(signature(version), ...pieces, [0xff])
  if (version < 5) return body
  if (sum === 'none') return join(body, low(0, 8))
  return join(body, low(crc64(body) ^ (sum === 'wrong' ? 1n : 0n), 8))
}

/** CRC-64 of Jones, with the lowest bit first. */
const POLYNOMIAL = 0x95ac9329ac4bc9b5n

function crc64(bytes: Uint8Array): bigint {
  let sum = 0n
  for (const byte of bytes) {
    sum ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) sum = sum & 1n ? (sum >> 1n) ^ POLYNOMIAL : sum >> 1n
  }
  return sum
}

const signature = (version: number) =>
  version >= 80
    ? `VALKEY${String(version).padStart(3, '0')}`
    : `REDIS${String(version).padStart(4, '0')}`
