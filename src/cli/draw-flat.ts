/** Replies for programs: raw, CSV and JSON. Binary strings in, binary strings out. */
import type { Reply } from './reply.ts'
import { binary, quote } from './words.ts'

/** The bytes as they are, elements apart by the delimiter; nothing says what they are. */
export function drawRaw(reply: Reply, delimiter: string): string {
  switch (reply.kind) {
    case 'null':
      return ''
    case 'error':
      return `${binary(reply.bytes)}\n`
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return binary(reply.bytes)
    case 'boolean':
      return reply.value ? '(true)' : '(false)'
    case 'map':
      return reply.entries
        .map(([key, value]) => `${drawRaw(key, delimiter)} ${drawRaw(value, delimiter)}`)
        .join(delimiter)
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map((item) => drawRaw(item, delimiter)).join(delimiter)
    default:
      return numberOf(reply)
  }
}

/** One line of comma-separated values; nesting is flattened, maps are keys and values in turn. */
export function drawCsv(reply: Reply): string {
  switch (reply.kind) {
    case 'null':
      return 'NULL'
    case 'error':
      return `ERROR,${quote(binary(reply.bytes))}`
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return quote(binary(reply.bytes))
    case 'boolean':
      return String(reply.value)
    case 'map':
      return reply.entries.map((entry) => entry.map(drawCsv).join(',')).join(',')
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map(drawCsv).join(',')
    default:
      return numberOf(reply)
  }
}

/**
 * JSON. Text is passed through as it is and so is JSON only when it is UTF-8, unless `isAscii`:
 * then every other byte is a `\xHH` inside the string.
 */
export function drawJson(reply: Reply, isAscii: boolean): string {
  switch (reply.kind) {
    case 'null':
      return 'null'
    case 'error':
      return `error:${jsonString(binary(reply.bytes), isAscii)}`
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return jsonString(binary(reply.bytes), isAscii)
    case 'boolean':
      return String(reply.value)
    case 'map': {
      const members = reply.entries.map(
        ([key, value]) => `${jsonKey(key, isAscii)}:${drawJson(value, isAscii)}`,
      )
      return `{${members.join(',')}}`
    }
    case 'array':
    case 'set':
    case 'push':
      return `[${reply.items.map((item) => drawJson(item, isAscii)).join(',')}]`
    default:
      return numberOf(reply)
  }
}

function numberOf(reply: Reply & { kind: 'integer' | 'double' | 'bigNumber' }): string {
  if (reply.kind === 'integer') return String(reply.value)
  return reply.kind === 'double' ? reply.text : reply.digits
}

/** A member name has to be a string, whatever the key was. */
function jsonKey(key: Reply, isAscii: boolean): string {
  const text = drawJson(key, isAscii)
  return 'bytes' in key || text.startsWith('"') ? text : `"${text}"`
}

const JSON_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
}

function jsonString(text: string, isAscii: boolean): string {
  if (isAscii) return quote(text).replaceAll('\\', '\\\\')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON has to escape.
  const escaped = text.replace(/[\\"\x00-\x1f]/g, (char) => {
    return JSON_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
