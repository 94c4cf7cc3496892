/**
 * The forms of small collections that the reference no longer writes, as listpacks.
 *
 *     ziplist  size 4 · offset of the last 4 · count 2 · element … element · FF        low byte first
 *     element  size of the one before 1 or 5 · tag and text or number
 *     zipmap   count 1 · (size, key, size, free 1, value, free bytes …)… · FF
 */
import { type Slice, writeInt } from '../bytes/index.ts'
import { appendElement, BufferStretch, LISTPACK_EMPTY } from '../structures/index.ts'

const HEADER_BYTES = 10
const END = 0xff
const LONG = 0xfe
/** The count that stands for any that it has no room for. */
const COUNT_UNKNOWN = 65535
const ZIPMAP_COUNT_UNKNOWN = 254

const digits = new Uint8Array(24)

/** Appends the elements of a ziplist. @returns how many; -1 when the bytes are none. */
export function appendZiplist({ bytes, start, end }: Slice, to: BufferStretch): number {
  const size = end - start
  if (size < HEADER_BYTES + 1 || bytes[end - 1] !== END) return -1
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, size)
  if (view.getUint32(0, true) !== size) return -1
  const tail = view.getUint32(4, true)
  let at = HEADER_BYTES
  let previous = 0
  let last = HEADER_BYTES
  let count = 0
  while (at < size - 1) {
    const began = at
    const isLong = bytes[start + at] === LONG
    if (at + (isLong ? 5 : 1) >= size - 1) return -1
    const noted = isLong ? view.getUint32(at + 1, true) : bytes[start + at]!
    if (noted !== previous) return -1
    const next = appendOne(view, bytes, start, at + (isLong ? 5 : 1), size - 1, to)
    if (next < 0) return -1
    last = began
    previous = next - began
    at = next
    count++
  }
  if (at !== size - 1 || tail !== last) return -1
  const noted = view.getUint16(8, true)
  return noted === count || noted === COUNT_UNKNOWN ? count : -1
}

/** @returns the offset after the element; -1 when it is none, or does not end before `end`. */
function appendOne(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  to: BufferStretch,
): number {
  const tag = bytes[start + at]!
  if (tag < 0xc0) {
    const headBytes = tag < 0x40 ? 1 : tag < 0x80 ? 2 : 5
    if (at + headBytes > end) return -1
    let length = tag & 0x3f
    if (headBytes === 2) length = (length << 8) | bytes[start + at + 1]!
    else if (headBytes === 5) length = view.getUint32(at + 1)
    const past = at + headBytes + length
    if (past > end) return -1
    appendElement(to, bytes, start + at + headBytes, start + past)
    return past
  }
  const size = numberBytes(tag)
  if (size < 0 || at + 1 + size > end) return -1
  let digitsEnd: number
  if (size === 8) {
    const text = view.getBigInt64(at + 1, true).toString()
    for (let i = 0; i < text.length; i++) digits[i] = text.charCodeAt(i)
    digitsEnd = text.length
  } else digitsEnd = writeInt(numberAt(view, at + 1, tag), digits, 0)
  appendElement(to, digits, 0, digitsEnd)
  return at + 1 + size
}

function numberBytes(tag: number): number {
  if (tag === 0xc0) return 2
  if (tag === 0xd0) return 4
  if (tag === 0xe0) return 8
  if (tag === 0xf0) return 3
  if (tag === 0xfe) return 1
  return tag >= 0xf1 && tag <= 0xfd ? 0 : -1
}

function numberAt(view: DataView, at: number, tag: number): number {
  if (tag === 0xc0) return view.getInt16(at, true)
  if (tag === 0xd0) return view.getInt32(at, true)
  if (tag === 0xf0) return view.getUint16(at, true) | (view.getInt8(at + 2) << 16)
  return tag === 0xfe ? view.getInt8(at) : (tag & 15) - 1
}

/**
 * Appends the keys and values of a zipmap. @returns the longest's size; -1 when the bytes are none. One
 * without keys was never written, and is refused as the reference does it.
 */
export function appendZipmap({ bytes, start, end }: Slice, to: BufferStretch): number {
  if (end - start < 2 || bytes[end - 1] !== END) return -1
  const last = end - 1
  let at = start + 1
  let count = 0
  let sizeMax = 0
  while (at < last) {
    for (let part = 0; part < 2; part++) {
      const isLong = bytes[at] === LONG
      const head = isLong ? 5 : 1
      if (bytes[at] === END || at + head + part > last) return -1
      const length = isLong ? readLong(bytes, at + 1) : bytes[at]!
      at += head
      const free = part === 1 ? bytes[at++]! : 0
      if (at + length + free > last) return -1
      appendElement(to, bytes, at, at + length)
      at += length + free
      sizeMax = Math.max(sizeMax, length)
    }
    count++
  }
  const noted = bytes[start]!
  const isRight = noted >= ZIPMAP_COUNT_UNKNOWN || noted === count
  return at === last && isRight && count > 0 ? sizeMax : -1
}

function readLong(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
  return low + bytes[at + 3]! * 2 ** 24
}

/** A listpack that is to be filled. */
export function newPack(): BufferStretch {
  return new BufferStretch(LISTPACK_EMPTY)
}
