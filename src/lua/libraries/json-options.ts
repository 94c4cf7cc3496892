/** What `cjson` can be told, and how it begins. */
import { LuaUserdata } from '../userdata.ts'

/** The value that stands for `null`, which a table could not keep. */
export const JSON_NULL = new LuaUserdata('(nil)')

/** The options of one instance of `cjson`. */
export interface JsonOptions {
  /** Whether very sparse arrays become objects, or else an error. */
  convertsSparse: boolean
  /** An array is very sparse when it has fewer elements than one in so many; 0 is never. */
  sparseRatio: number
  /** Arrays up to this index are never very sparse. */
  sparseSafe: number
  encodeDepthMax: number
  decodeDepthMax: number
  /** Digits of numbers, 1 to 14. */
  precision: number
  keepsBuffer: boolean
  /** Whether what is no number or infinite is written as such, as null, or is an error. */
  encodesInvalid: 'off' | 'on' | 'null'
  /** Whether numbers may be written as C allows it, beyond JSON. */
  decodesInvalid: boolean
}

/** The options of a fresh instance. */
export function jsonDefaults(): JsonOptions {
  return {
    convertsSparse: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepthMax: 1000,
    decodeDepthMax: 1000,
    precision: 14,
    keepsBuffer: true,
    encodesInvalid: 'off',
    decodesInvalid: true,
  }
}
