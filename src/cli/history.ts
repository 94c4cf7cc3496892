/**
 * The lines that a person typed, kept in a file in the home folder, oldest first, one a line.
 * Lines with secrets in them are for the arrow keys of this run only and never reach the file.
 */
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { CliIo } from './io.ts'

/** How many lines are kept. */
export const HISTORY_LINES_MAX = 1000

/**
 * A file of the tool in the home folder.
 * @param variable an environment variable that names another place; `/dev/null` means none.
 */
export function dotFile(env: CliIo['env'], variable: string, name: string): string | undefined {
  const path = env[variable] ?? join(env.HOME ?? homedir(), name)
  return path === '' || path === '/dev/null' ? undefined : path
}

/** The history file. A file that cannot be read or written is as good as none. */
export class History {
  readonly #path: string | undefined
  readonly #lines: string[]

  constructor(path: string | undefined) {
    this.#path = path
    this.#lines = readLines(path)
    if (this.#lines.length > HISTORY_LINES_MAX) {
      this.#lines = this.#lines.slice(-HISTORY_LINES_MAX)
      this.#attempt((file) => writeFileSync(file, `${this.#lines.join('\n')}\n`, { mode: 0o600 }))
    }
  }

  /** What was there at the start, newest first, as node:readline wants it. */
  get newestFirst(): string[] {
    return this.#lines.toReversed()
  }

  /** Adds a line unless it repeats the last one. */
  add(line: string): void {
    if (line === this.#lines.at(-1)) return
    this.#lines.push(line)
    this.#attempt((file) => {
      appendFileSync(file, `${line}\n`, { mode: 0o600 })
      // It may be older than this rule.
      chmodSync(file, 0o600)
    })
  }

  #attempt(change: (path: string) => void): void {
    if (this.#path === undefined) return
    try {
      change(this.#path)
    } catch {
      // A read-only home is no reason to bother whoever is typing.
    }
  }
}

function readLines(path: string | undefined): string[] {
  if (path === undefined) return []
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    return []
  }
}

const SECRET_SETTINGS = new Set([
  'masterauth',
  'masteruser',
  'tls-key-file-pass',
  'tls-client-key-file-pass',
  'requirepass',
])

/** Whether a command carries, or may carry, a password or a user's rules. */
export function isSensitive(command: readonly string[]): boolean {
  const [name, second, third, fourth] = command.map((word) => word.toLowerCase())
  const words = command.map((word) => word.toLowerCase())
  switch (name) {
    case 'auth':
      return true
    case 'acl':
      return second === 'deluser' || second === 'setuser' || second === 'getuser'
    case 'config':
      return second === 'set' && words.some((word, at) => at > 1 && SECRET_SETTINGS.has(word))
    case 'hello':
      return words.includes('auth', 2)
    case 'migrate':
      return words.includes('auth', 6) || words.includes('auth2', 6)
    case 'sentinel':
      if (second === 'config') return third === 'set' && /^sentinel-(pass|user)$/.test(fourth ?? '')
      return second === 'set' && /^auth-(pass|user)$/.test(fourth ?? '')
    default:
      return false
  }
}
