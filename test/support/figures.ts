/** What a store in this process tells of itself. */
import { latin1 } from '../../src/bytes/index.ts'
import type { Reply } from '../../src/resp/reply.ts'
import type { World } from './world.ts'

/** A reply of one line or number as text. */
export function textOf(reply: Reply | undefined): string {
  if (reply === undefined) return '(none)'
  if ('bytes' in reply) return latin1(reply.bytes)
  return 'value' in reply ? String(reply.value) : reply.kind
}

/** The fields of a section of INFO. */
export function figuresOf(world: World, section: string): Map<string, string> {
  const lines = textOf(world.ask('INFO', section)).split('\r\n')
  return new Map(lines.map((line) => line.split(':', 2) as [string, string]))
}
