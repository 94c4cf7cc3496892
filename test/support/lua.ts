/** Snippets of Lua with recorded outcomes, and machines to run them in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LuaError, LuaMachine, type LuaValue, type Outcome, typeName } from '../../src/lua/index.ts'
import { root } from './paths.ts'

/** A snippet, and what it does in the reference. */
export interface Snippet {
  readonly source: string
  readonly outcome: string
}

/** The snippets of all files, by the name of the file. */
export function readSnippets(): Map<string, Snippet[]> {
  const folder = join(root, 'test', 'lua')
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))
  return new Map(
    files.map((name) => {
      const paragraphs = readFileSync(join(folder, name), 'latin1')
        .trim()
        .split(/\n{2,}/)
      return [
        name,
        paragraphs.map((paragraph) => {
          const at = paragraph.lastIndexOf('\n=> ')
          return { source: paragraph.slice(0, at), outcome: paragraph.slice(at + 1) }
        }),
      ]
    }),
  )
}

/** The ways to run a snippet: each must come to the same. */
export type Way = 'plain' | 'pausable' | 'abandoned'

/** Runs a snippet, and says what came out in the words of the recorded outcomes. */
export function outcomeOf(source: string, way: Way): string {
  // Without time, a pausable run pauses at every step, and a plain one is abandoned after its fuel.
  const machine = createMachine(way === 'plain' ? {} : { fuel: way === 'pausable' ? 0 : 7 })
  try {
    const chunk = machine.compile(`${source}\n`, '@snippet')
    const entry = {
      enter: (realm: Parameters<typeof chunk.main>[0]) => ({ callee: chunk.main(realm), args: [] }),
      isPausableOnly: way === 'pausable',
    }
    let outcome = machine.start(entry, way === 'plain' ? Infinity : -1)
    while (outcome.kind === 'paused') outcome = machine.resume(-1)
    return described(outcome)
  } catch (thrown) {
    if (thrown instanceof LuaError) return `=> syntax ${shown(thrown.value)}`
    throw thrown
  }
}

/** A machine with nothing but the language. */
export function createMachine(options: { fuel?: number; plainMs?: number } = {}): LuaMachine {
  return new LuaMachine({
    clock: () => performance.now(),
    heapUsed: () => process.memoryUsage().heapUsed,
    memoryLimitBytes: 256 * 2 ** 20,
    stackBytes: 700_000,
    plainMs: options.plainMs ?? (options.fuel === undefined ? Infinity : -1),
    setup: () => undefined,
    ...(options.fuel === undefined ? {} : { fuel: options.fuel }),
  })
}

function described(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'done':
      return ['=> ok', ...outcome.values.map(shown)].join(' ')
    case 'failed':
      return `=> error ${shown(outcome.error.value)}`
    default:
      return '=> paused'
  }
}

function shown(value: LuaValue): string {
  switch (typeof value) {
    case 'string': {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what the recording escapes
      const text = value.replace(/[\x00-\x1f"\\\x7f-\xff]/g, (character) => {
        return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`
      })
      return `"${text}"`
    }
    case 'number':
      return shownNumber(value)
    case 'undefined':
      return 'nil'
    case 'boolean':
      return String(value)
    default:
      return typeName(value)
  }
}

/** `%.17g`. */
function shownNumber(value: number): string {
  if (Number.isNaN(value)) return '-nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0'
  const [mantissa, power] = value.toExponential(16).split('e') as [string, string]
  const exponent = Number(power)
  if (exponent >= -5 + 1 && exponent < 17) return trimmed(value.toFixed(Math.max(0, 16 - exponent)))
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  return `${trimmed(mantissa)}e${exponent < 0 ? '-' : '+'}${digits}`
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
