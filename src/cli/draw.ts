/**
 * Replies as people know them from redis-cli. All drawing is on binary strings, one character for
 * each byte, so that raw output gives back exactly what is stored.
 */

import { drawCsv, drawJson, drawRaw } from './draw-flat.ts'
import type { OutputMode } from './options.ts'
import type { Reply, ReplyEntry } from './reply.ts'
import { binary, binaryOfText, quote } from './words.ts'

/** How to show replies. Delimiters count in raw mode only. */
export interface DrawStyle {
  readonly output: OutputMode
  readonly elementDelimiter: string
  readonly replyDelimiter: string
}

/**
 * Draws a reply, with the end of its line.
 * @param isReport whether the command answers with a text for people, which is shown unquoted.
 * @returns a binary string.
 */
export function drawReply(reply: Reply, style: DrawStyle, isReport = false): string {
  const elementDelimiter = binaryOfText(style.elementDelimiter)
  if (isReport) return drawRaw(reply, elementDelimiter)
  switch (style.output) {
    case 'standard':
      return drawStandard(reply, '')
    case 'raw':
      return drawRaw(reply, elementDelimiter) + binaryOfText(style.replyDelimiter)
    case 'csv':
      return `${drawCsv(reply)}\n`
    case 'json':
      return `${drawJson(reply, false)}\n`
    case 'quotedJson':
      return `${drawJson(reply, true)}\n`
  }
}

/** Draws what a server pushed unasked. Invalidations have a line of their own. */
export function drawPush(push: Reply, style: DrawStyle): string {
  const keys = style.output === 'standard' ? invalidatedKeys(push) : undefined
  if (keys === undefined) return drawReply(push, style)
  return `-> invalidate: ${keys.map((key) => `'${key}'`).join(', ')}\n`
}

function invalidatedKeys(push: Reply): string[] | undefined {
  if (push.kind !== 'push' || push.items.length !== 2) return undefined
  const [name, keys] = push.items
  if (name!.kind !== 'bulk' || !binary(name!.bytes).startsWith('invalidate')) return undefined
  if (keys!.kind !== 'array') return undefined
  return keys!.items.map((key) => ('bytes' in key ? binary(key.bytes) : ''))
}

/**
 * The numbered picture.
 * @param indent what stands in front of each line but the first, which its parent has begun.
 */
function drawStandard(reply: Reply, indent: string): string {
  switch (reply.kind) {
    case 'error':
      return `(error) ${binary(reply.bytes)}\n`
    case 'simple':
    case 'verbatim':
      return `${binary(reply.bytes)}\n`
    case 'bulk':
      return `${quote(binary(reply.bytes))}\n`
    case 'integer':
      return `(integer) ${reply.value}\n`
    case 'bigNumber':
      return `(big number) ${reply.digits}\n`
    case 'double':
      return `(double) ${reply.text}\n`
    case 'null':
      return '(nil)\n'
    case 'boolean':
      return reply.value ? '(true)\n' : '(false)\n'
    case 'map':
      return reply.entries.length === 0 ? '(empty hash)\n' : drawEntries(reply.entries, indent)
    default:
      if (reply.items.length === 0) return `(empty ${reply.kind})\n`
      return drawItems(reply.items, reply.kind === 'set' ? '~' : ')', indent)
  }
}

function drawItems(items: readonly Reply[], mark: string, indent: string): string {
  const width = String(items.length).length
  const inner = indent + ' '.repeat(width + 2)
  let text = ''
  items.forEach((item, index) => {
    const number = String(index + 1).padStart(width)
    text += `${index === 0 ? '' : indent}${number}${mark} ${drawStandard(item, inner)}`
  })
  return text
}

function drawEntries(entries: readonly ReplyEntry[], indent: string): string {
  const width = String(entries.length).length
  const inner = indent + ' '.repeat(width + 2)
  let text = ''
  entries.forEach(([key, value], index) => {
    const number = String(index + 1).padStart(width)
    const head = `${index === 0 ? '' : indent}${number}# ${drawStandard(key, inner).slice(0, -1)}`
    // A value of several lines starts on its own, or its numbers would not stand in a column.
    const gap = isSeveralLines(value) ? `\n${inner}` : ''
    text += `${head} => ${gap}${drawStandard(value, inner)}`
  })
  return text
}

function isSeveralLines(reply: Reply): boolean {
  if (reply.kind === 'map') {
    if (reply.entries.length !== 1) return reply.entries.length > 1
    return isSeveralLines(reply.entries[0]![1])
  }
  if (!('items' in reply)) return false
  if (reply.items.length !== 1) return reply.items.length > 1
  return isSeveralLines(reply.items[0]!)
}
