/** Distances as text, with four places behind the point. */

const PLACES = 4
const SCALE = 10 ** PLACES
/** What the reference prints where there is no number. */
const NO_NUMBER = '-922337203685477.5808'

/** A distance, halves rounded to the even neighbour. */
export function distanceText(value: number): string {
  const scaled = value * SCALE
  if (!(scaled < 2 ** 63)) return NO_NUMBER
  let whole = Math.round(scaled)
  if (whole - scaled === 0.5 && whole % 2 !== 0) whole--
  const digits = (whole > Number.MAX_SAFE_INTEGER ? BigInt(whole) : whole)
    .toString()
    .padStart(PLACES + 1, '0')
  return `${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`
}
