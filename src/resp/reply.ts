/**
 * A reply as data: what the other end of a link answered, in RESP2 or RESP3.
 *
 * Text keeps its bytes, because a value need not be UTF-8, and numbers keep what the wire said
 * where a JavaScript number would lose it.
 */

/** One key and its value in a RESP3 map or in a reply's attributes. */
export type ReplyEntry = readonly [key: Reply, value: Reply]

/** The attributes that came in front of a reply, `|` in RESP3. Absent when there were none. */
interface Attributed {
  readonly attributes?: readonly ReplyEntry[]
}

/** `+OK`: a line of text. */
export interface SimpleReply extends Attributed {
  readonly kind: 'simple'
  readonly bytes: Uint8Array
}

/** `-ERR …`, or `!` with a length. */
export interface ErrorReply extends Attributed {
  readonly kind: 'error'
  readonly bytes: Uint8Array
}

/** `:1`: a signed integer of 64 bits. */
export interface IntegerReply extends Attributed {
  readonly kind: 'integer'
  readonly value: bigint
}

/** `(123…`: an integer of any size, as its decimal digits with an optional sign. */
export interface BigNumberReply extends Attributed {
  readonly kind: 'bigNumber'
  readonly digits: string
}

/** `,3.14`: `text` is the number as it was written, for those who show it to a person. */
export interface DoubleReply extends Attributed {
  readonly kind: 'double'
  readonly value: number
  readonly text: string
}

/** `#t` or `#f`. */
export interface BooleanReply extends Attributed {
  readonly kind: 'boolean'
  readonly value: boolean
}

/** `_`, `$-1` or `*-1`. */
export interface NullReply extends Attributed {
  readonly kind: 'null'
}

/** `$5`: a string of bytes. */
export interface BulkReply extends Attributed {
  readonly kind: 'bulk'
  readonly bytes: Uint8Array
}

/** `=15`: text for people, with a format of three letters, `txt` or `mkd`. */
export interface VerbatimReply extends Attributed {
  readonly kind: 'verbatim'
  readonly format: string
  readonly bytes: Uint8Array
}

/** `*`, `~` or `>`: a list, a set, or something the server says unasked. */
export interface ListReply extends Attributed {
  readonly kind: 'array' | 'set' | 'push'
  readonly items: readonly Reply[]
}

/** `%`: keys and values, in the order they came. */
export interface MapReply extends Attributed {
  readonly kind: 'map'
  readonly entries: readonly ReplyEntry[]
}

/** Anything a server can answer. */
export type Reply =
  | SimpleReply
  | ErrorReply
  | IntegerReply
  | BigNumberReply
  | DoubleReply
  | BooleanReply
  | NullReply
  | BulkReply
  | VerbatimReply
  | ListReply
  | MapReply

const utf8 = new TextDecoder()

/**
 * The text of a reply that is text or a number, as UTF-8.
 * @returns `undefined` for null, booleans and aggregates.
 */
export function replyText(reply: Reply | undefined): string | undefined {
  switch (reply?.kind) {
    case 'simple':
    case 'error':
    case 'bulk':
    case 'verbatim':
      return utf8.decode(reply.bytes)
    case 'integer':
      return String(reply.value)
    case 'double':
      return reply.text
    case 'bigNumber':
      return reply.digits
    default:
      return undefined
  }
}

/**
 * The keys and values of a reply that is a map in RESP3 and a flat array in RESP2.
 * @returns nothing at all for other replies; a last key without value is left out.
 */
export function replyEntries(reply: Reply | undefined): readonly ReplyEntry[] {
  if (reply?.kind === 'map') return reply.entries
  const items = replyItems(reply)
  const entries: ReplyEntry[] = []
  for (let at = 0; at + 1 < items.length; at += 2) entries.push([items[at]!, items[at + 1]!])
  return entries
}

/** The elements of an array, set or push; nothing for other replies. */
export function replyItems(reply: Reply | undefined): readonly Reply[] {
  if (reply?.kind === 'array' || reply?.kind === 'set' || reply?.kind === 'push') return reply.items
  return []
}
