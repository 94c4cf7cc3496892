/** Integers of 1 to 64 bits that stand anywhere in a string of bits, as BITFIELD has them. */

/** `i8` is signed and has 8 bits; `u63` is the widest without a sign. */
export interface BitFieldType {
  readonly isSigned: boolean
  readonly bits: number
}

/** What becomes of a value that does not fit: cut to its low bits, brought to the edge, refused. */
export type BitFieldOverflow = 'WRAP' | 'SAT' | 'FAIL'

/** Reads the field at the bit `offset` from `start` on. Bits from `end` on are zero. */
export function readBitField(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  type: BitFieldType,
  offset: number,
): bigint {
  let high = 0
  let low = 0
  for (let i = 0; i < type.bits; i++) {
    const at = start + Math.floor((offset + i) / 8)
    const bit = at < end ? (bytes[at]! >>> (7 - ((offset + i) % 8))) & 1 : 0
    high = (high << 1) | (low >>> 31)
    low = (low << 1) | bit
  }
  const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  return type.isSigned ? BigInt.asIntN(type.bits, value) : value
}

/** Writes the low bits of `value` as the field at the bit `offset` from `start` on. */
export function writeBitField(
  bytes: Uint8Array,
  start: number,
  place: { readonly type: BitFieldType; readonly offset: number },
  value: bigint,
): void {
  const low = Number(BigInt.asUintN(32, value))
  const high = Number(BigInt.asUintN(32, value >> 32n))
  const { offset } = place
  const { bits } = place.type
  for (let i = 0; i < bits; i++) {
    const weight = bits - 1 - i
    const bit = ((weight >= 32 ? high : low) >>> (weight & 31)) & 1
    const at = start + Math.floor((offset + i) / 8)
    const shift = 7 - ((offset + i) % 8)
    bytes[at] = (bytes[at]! & ~(1 << shift)) | (bit << shift)
  }
}

/** @returns what is written for `value`, or `undefined` when it does not fit and that fails. */
export function fitBitField(
  value: bigint,
  { isSigned, bits }: BitFieldType,
  overflow: BitFieldOverflow,
): bigint | undefined {
  const wrapped = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  if (wrapped === value || overflow === 'WRAP') return wrapped
  if (overflow === 'FAIL') return undefined
  if (!isSigned) return value < 0n ? 0n : (1n << BigInt(bits)) - 1n
  const edge = 1n << BigInt(bits - 1)
  return value < 0n ? -edge : edge - 1n
}
