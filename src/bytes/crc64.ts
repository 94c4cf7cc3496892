/**
 * The checksum of snapshots and dumped values: CRC-64 with the polynomial of Jones, reflected, from
 * zero. Two halves of 32 bits, a table of 256 entries for each.
 */
const POLYNOMIAL = 0x95ac9329ac4bc9b5n

const HIGH = new Uint32Array(256)
const LOW = new Uint32Array(256)

for (let byte = 0; byte < 256; byte++) {
  let crc = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 0n ? crc >> 1n : (crc >> 1n) ^ POLYNOMIAL
  HIGH[byte] = Number(crc >> 32n)
  LOW[byte] = Number(crc & 0xffffffffn)
}

/** The checksum of `bytes[start, end)`. */
export function crc64(bytes: Uint8Array, start = 0, end = bytes.length): bigint {
  let high = 0
  let low = 0
  for (let at = start; at < end; at++) {
    const entry = (low ^ bytes[at]!) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ LOW[entry]!
    high = (high >>> 8) ^ HIGH[entry]!
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
