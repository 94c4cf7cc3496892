/**
 * Replies of RESP3 as RESP2 would have said them, so that one transcript serves both protocols.
 */
import type { Reply } from '../../src/resp/reply.ts'

const bytesOf = (text: string) => Buffer.from(text, 'latin1')

/** Maps become arrays of twice the length, numbers and texts strings, booleans 1 and 0. */
export function flatten(reply: Reply): Reply {
  switch (reply.kind) {
    case 'map':
      return { kind: 'array', items: reply.entries.flat().map(flatten) }
    case 'set':
    case 'push':
    case 'array':
      return { kind: 'array', items: reply.items.map(flatten) }
    case 'double':
      return { kind: 'bulk', bytes: bytesOf(reply.text) }
    case 'bigNumber':
      return { kind: 'bulk', bytes: bytesOf(reply.digits) }
    case 'boolean':
      return { kind: 'integer', value: reply.value ? 1n : 0n }
    case 'verbatim':
      return { kind: 'bulk', bytes: reply.bytes }
    default:
      return reply
  }
}
