/** What a section of INFO is made of, and how its figures are written. */

/** Names and values, in order. */
export type Fields = readonly (readonly [name: string, value: string | number])[]

/** A section of INFO. */
export interface Section {
  /** By which it may be asked for. */
  readonly names: readonly string[]
  readonly title: string
  /** Shown when no section is asked for. */
  readonly isDefault: boolean
  fields(): Fields
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'] as const

/** A size for people: `1023B`, `1.00K`, `3.52M`. */
export function humanBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(2)}${UNITS[unit]}`
}
