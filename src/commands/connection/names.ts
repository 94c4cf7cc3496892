/** The names that clients give themselves, which must leave CLIENT LIST readable. */
import { ReplyError } from '../../engine/index.ts'

/** Whether a text has only characters that one can see. */
export function isVisible(text: string): boolean {
  return /^[!-~]*$/.test(text)
}

/** The name as a client may have it. Throws when it may not. */
export function checkClientName(name: string): string {
  if (isVisible(name)) return name
  throw new ReplyError('ERR Client names cannot contain spaces, newlines or special characters.')
}
