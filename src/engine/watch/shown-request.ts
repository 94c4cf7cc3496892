/** What those who watch are shown of a request: its arguments, without what is secret. */
import { fromLatin1 } from '../../bytes/index.ts'
import type { Request } from '../../resp/index.ts'
import { Args } from '../args.ts'
import type { Command } from '../command.ts'

const REDACTED = fromLatin1('(redacted)')

/** Copies of the arguments. Passwords are replaced. */
export function shownArguments(command: Command, request: Request): Uint8Array[] {
  const { bytes, starts, ends, count } = request
  const shown: Uint8Array[] = []
  for (let i = 0; i < count; i++) shown.push(Uint8Array.from(bytes.subarray(starts[i], ends[i])))
  for (const position of secretsOf(command, request)) shown[position] = REDACTED
  return shown
}

function secretsOf({ spec, parent }: Command, request: Request): readonly number[] {
  if (spec.secrets === undefined) return []
  const args = new Args()
  args.begin(request, parent === undefined ? 1 : 2)
  return spec.secrets(args)
}
