/**
 * Log lines in the reference's shape, because tools wait for some of them:
 *
 *     4711:M 23 Nov 2026 18:43:55.123 * Ready to accept connections tcp
 */
import type { Clock } from '../host/index.ts'

/** The levels of `loglevel`, the most talkative first. */
export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing'

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning', 'nothing']
const MARKS = { debug: '.', verbose: '-', notice: '*', warning: '#', nothing: '' } as const
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export class Logger {
  level: LogLevel = 'notice'
  readonly #clock: Clock
  readonly #processId: number
  readonly #write: (line: string) => void

  /** `write` gets whole lines, line end included. */
  constructor(clock: Clock, processId: number, write: (line: string) => void) {
    this.#clock = clock
    this.#processId = processId
    this.#write = write
  }

  log(level: LogLevel, message: string): void {
    if (level === 'nothing' || LEVELS.indexOf(level) < LEVELS.indexOf(this.level)) return
    const time = timeText(new Date(this.#clock.nowMs()))
    this.#write(`${this.#processId}:M ${time} ${MARKS[level]} ${message}\n`)
  }
}

function timeText(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
