/** Bytes in JSON: as text where they are UTF-8, else `{"base64":"…"}`. */
import { ToolError } from './errors.ts'

/** What a line is made of. */
export type Json = string | number | undefined | readonly Json[] | { readonly [name: string]: Json }

/** Bytes as JSON has them. */
export type JsonBytes = string | { readonly base64: string }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as JSON. */
export function asText(bytes: Uint8Array): JsonBytes {
  try {
    return decoder.decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}

/** Back again. @throws ToolError when it is neither. */
export function asBytes(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  const text = (value as { base64?: unknown } | null | undefined)?.base64
  if (typeof text === 'string') return Buffer.from(text, 'base64')
  throw new ToolError('neither a text nor {"base64":…} where bytes should be')
}
