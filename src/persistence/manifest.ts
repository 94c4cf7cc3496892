/**
 * The manifest of a multi-part AOF: the small text file that says which files make up the log, and
 * in which order they are loaded. One line is one file:
 *
 *     file appendonly.aof.1.base.rdb seq 1 type b
 *     file appendonly.aof.1.incr.aof seq 1 type i
 *
 * `b` is the base (at most one), `i` an increment (rising numbers), `h` history that a rewrite has
 * replaced and that can go. Lines that begin with `#` are comments. Names with blanks or
 * unprintable bytes stand in double quotes with escapes. Other pairs (`startoffset`, `endoffset`)
 * are kept as they are. Source: the reference's own files.
 */
import { AofError } from './errors.ts'

/** One file of the log. */
export interface Part {
  /** A plain name, without a folder. */
  readonly name: string
  readonly sequence: number
  /** Further pairs of its line, `[key, value, key, value…]`, kept for whoever understands them. */
  readonly extra: readonly string[]
}

/** Which files make up the log. */
export interface Manifest {
  readonly base: Part | undefined
  readonly history: readonly Part[]
  readonly increments: readonly Part[]
}

/** A log of no files. */
export const EMPTY_MANIFEST: Manifest = { base: undefined, history: [], increments: [] }

/** People and tools look for the reference's words. */
const MALFORMED = 'Invalid AOF manifest file format'

/** The reference reads lines into a buffer of this size, newline included. */
const LINE_BYTES_MAX = 1024

/** The manifest's text. Base first, then history, then increments. */
export function formatManifest(manifest: Manifest): Uint8Array {
  const lines = [
    ...(manifest.base === undefined ? [] : [formatPart(manifest.base, 'b')]),
    ...manifest.history.map((part) => formatPart(part, 'h')),
    ...manifest.increments.map((part) => formatPart(part, 'i')),
  ]
  return Buffer.from(lines.join(''), 'latin1')
}

/** Reads a manifest. @throws AofError naming `path` and the line when it is malformed. */
export function parseManifest(bytes: Uint8Array, path: string): Manifest {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  if (text.length === 0) {
    throw new AofError(`Found an empty AOF manifest: "${path}" has no bytes`, { path })
  }
  let base: Part | undefined
  const history: Part[] = []
  const increments: Part[] = []
  let lineNumber = 0
  let offsetBytes = 0
  for (const line of text.split(/(?<=\n)/)) {
    lineNumber++
    const fail = (why: string): never => {
      throw new AofError(`Cannot read the AOF manifest "${path}": line ${lineNumber}: ${why}`, {
        path,
        offsetBytes,
      })
    }
    if (!line.startsWith('#')) {
      if (line.length > LINE_BYTES_MAX) fail('The AOF manifest file contains too long line')
      if (!line.endsWith('\n')) fail(`${MALFORMED}: the line is cut`)
      const { part, type } = parseLine(line.trim(), fail)
      if (type === 'b') {
        if (base !== undefined) fail('Found duplicate base file information')
        base = part
      } else if (type === 'h') {
        history.push(part)
      } else if (type === 'i') {
        const last = increments.at(-1)?.sequence ?? 0
        if (part.sequence <= last) fail('Found a non-monotonic sequence number')
        increments.push(part)
      } else {
        fail(`Unknown AOF file type '${type}'`)
      }
    }
    offsetBytes += line.length
  }
  return { base, history, increments }
}

function formatPart(part: Part, type: string): string {
  const name = quoteIfNeeded(Buffer.from(part.name, 'utf8').toString('latin1'))
  const extra = part.extra.map((word) => ` ${quoteIfNeeded(word)}`).join('')
  return `file ${name} seq ${part.sequence} type ${type}${extra}\n`
}

function parseLine(line: string, fail: (why: string) => never): { part: Part; type: string } {
  const words = splitWords(line)
  if (words === undefined || words.length < 6 || words.length % 2 !== 0) {
    return fail(`${MALFORMED}: it is not: file NAME seq NUMBER type LETTER`)
  }
  let name = ''
  let sequence = 0
  let type = ''
  const extra: string[] = []
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1]!
    switch (words[i]!.toLowerCase()) {
      case 'file':
        name = Buffer.from(value, 'latin1').toString('utf8')
        break
      case 'seq':
        sequence = Number(value)
        break
      case 'type':
        type = value.slice(0, 1)
        break
      default:
        extra.push(words[i]!, value)
    }
  }
  if (name === '' || name === '.' || name === '..' || /[/\\]/.test(name)) {
    return fail(`${MALFORMED}: the file must be a plain name`)
  }
  if (!Number.isSafeInteger(sequence) || sequence < 1)
    return fail(`${MALFORMED}: bad sequence number`)
  return { part: { name, sequence, extra }, type }
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
}

/** Words between blanks; `"…"` with escapes, `'…'` without. `undefined` for unbalanced quotes. */
function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  const word = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))(?=\s|$)/gy
  let end = 0
  for (let match = word.exec(line); match !== null; match = word.exec(line)) {
    const [, double, single, plain] = match
    if (double !== undefined) words.push(withoutEscapes(double))
    else words.push(single?.replaceAll("\\'", "'") ?? plain!)
    end = word.lastIndex
  }
  return line.slice(end).trim() === '' ? words : undefined
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_all, hex?: string, letter?: string) =>
    hex === undefined
      ? (NAMED_ESCAPES[letter!] ?? letter!)
      : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function quoteIfNeeded(word: string): string {
  if (/^[!#-&(-[\]-~]+$/.test(word)) return word
  const escaped = word.replace(/[^ !#-[\]-~]/g, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    const named = Object.entries(NAMED_ESCAPES).find(([, meaning]) => meaning === character)
    if (named !== undefined) return `\\${named[0]}`
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `"${escaped}"`
}
