/** Damage: bytes that are changed, cut and grown at random, where it is likely to matter. */
import type { Seeded } from '../../src/host/index.ts'

/** Nothing is grown beyond this. */
const GROWN_BYTES_MAX = 2 ** 21
/** Numbers at the edges of what lengths and counts can be. */
const EDGES = [
  ...[0n, 1n, 2n, 63n, 64n, 127n, 128n, 254n, 255n, 256n, 16383n, 16384n, 65535n, 65536n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n],
  ...[2n ** 63n, 2n ** 64n - 1n],
]
/** What begins a length, a number, an element or an entry, and marks that end something. */
const TAGS = [
  0x80, 0x81, 0xc0, 0xc1, 0xc2, 0xc3, 0xe0, 0xf0, 0xf1, 0xf4, 0xfa, 0xfb, 0xfc, 0xfe, 0xff,
]

type Change = (bytes: Buffer, at: number, random: Seeded, other: Buffer) => Buffer

const spliced = (bytes: Buffer, at: number, removed: number, inserted: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])

/** Writes bytes over those that are there. */
const over = (bytes: Buffer, at: number, written: Uint8Array) =>
  spliced(bytes, at, written.length, written)

function edge(random: Seeded): Buffer {
  const wide = Buffer.alloc(8)
  const value = random.pick(EDGES)
  const size = random.pick([1, 2, 4, 8])
  if (random.chance(0.5)) {
    wide.writeBigUInt64LE(value)
    return wide.subarray(0, size)
  }
  wide.writeBigUInt64BE(value)
  return wide.subarray(8 - size)
}

/** A range that begins at a place: mostly a short one. */
function rangeAt(bytes: Buffer, at: number, random: Seeded): Buffer {
  const sizeMax = random.pick([4, 40, 400, bytes.length])
  return bytes.subarray(at, at + random.between(1, Math.max(1, sizeMax)))
}

function repeated(bytes: Buffer, at: number, random: Seeded): Buffer {
  const range = rangeAt(bytes, at, random)
  const room = Math.floor((GROWN_BYTES_MAX - bytes.length) / Math.max(1, range.length))
  const times = Math.min(random.pick([1, 2, 10, 1000, 100_000]), Math.max(0, room))
  return spliced(bytes, at, 0, Buffer.alloc(range.length * times, range))
}

const CHANGES: readonly Change[] = [
  (bytes, at, random) => over(bytes, at, Buffer.from([bytes[at]! ^ (1 << random.between(0, 7))])),
  (bytes, at, random) => over(bytes, at, random.bytes(1)),
  (bytes, at, random) => over(bytes, at, Buffer.from([random.pick(TAGS)])),
  (bytes, at, random) => over(bytes, at, Buffer.from([bytes[at]! + random.pick([-1, 1])])),
  (bytes, at, random) => over(bytes, at, edge(random)),
  (bytes, at, random) => spliced(bytes, at, 0, edge(random)),
  (bytes, at, random) => spliced(bytes, at, 0, random.bytes(random.pick([1, 2, 9, 300]))),
  (bytes, at, random) => spliced(bytes, at, rangeAt(bytes, at, random).length, Buffer.alloc(0)),
  (bytes, at, random) => spliced(bytes, random.between(0, at), 0, rangeAt(bytes, at, random)),
  repeated,
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random, other) =>
    spliced(bytes, at, 0, rangeAt(other, placeIn(other, random), random)),
  (bytes, at, random, other) => over(bytes, at, rangeAt(other, placeIn(other, random), random)),
]

/** A place in bytes: near the ends as often as anywhere. */
function placeIn(bytes: Buffer, random: Seeded): number {
  const last = Math.max(0, bytes.length - 1)
  const near = random.between(0, Math.min(last, 64))
  return random.pick([near, random.between(0, last), last - near])
}

/** Bytes with a few changes, or once in a while none. `other` is something else to take parts of. */
export function mutate(bytes: Buffer, random: Seeded, other: Buffer): Buffer {
  let changed = bytes
  const count = random.pick([0, 1, 1, 1, 2, 2, 3, 8])
  for (let i = 0; i < count && changed.length > 0; i++) {
    changed = random.pick(CHANGES)(changed, placeIn(changed, random), random, other)
  }
  return changed
}
