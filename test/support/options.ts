/** Reading what the programs of the tests are told. */

/** A whole number in bounds, or `undefined` where there is none. Throws a sentence otherwise. */
export function numberIn(
  text: string | undefined,
  name: string,
  low: number,
  high: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= low && value <= high) return value
  throw new RangeError(`--${name} must be a whole number from ${low} to ${high}`)
}
