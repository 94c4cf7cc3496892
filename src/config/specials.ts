/** The directives whose values have a form of their own. */
import { isAbsolute, join, normalize } from 'node:path'
import { fromLatin1, quoteArg } from '../bytes/index.ts'
import { type Directive, directive, Refusal, type Traits } from './directive.ts'
import { fromUnicode, toUnicode } from './kinds.ts'
import { printInteger, readLooseInteger, readMemory, writeMemory } from './numbers.ts'

/** Save when at least `changes` were made and `seconds` have gone by. */
export interface SavePoint {
  readonly seconds: number
  readonly changes: number
}

/** How many unsent bytes a client may have: at once, and for so many seconds. 0 is no limit. */
export interface OutputLimit {
  readonly hardBytes: number
  readonly softBytes: number
  readonly softSeconds: number
}

/** The limits by class of client. */
export interface OutputLimits {
  readonly normal: OutputLimit
  readonly replica: OutputLimit
  readonly pubsub: OutputLimit
}

/** The primary that this store follows. */
export interface PrimaryAddress {
  readonly host: string
  readonly port: number
}

const MIB = 2 ** 20
const BIND_ADDRESSES_MAX = 16
/** The order in which key event classes are shown. `A` stands for all in this part. */
const EVENT_CLASSES = 'g$lshzxetd'
const EVENT_LETTERS = `A${EVENT_CLASSES}nKEm`

/** `save`: pairs of seconds and changes. */
export function savePoints(initial: readonly SavePoint[]): Directive<readonly SavePoint[]> {
  const pair = (point: SavePoint) => `${point.seconds} ${point.changes}`
  return directive<readonly SavePoint[]>(
    {
      kind: 'special',
      initial,
      manyArgs: true,
      startsFrom: [],
      allowed: 'pairs of seconds and changes',
      read(args, was) {
        if (args.length === 1 && args[0] === '') return []
        const points = [...was]
        if (args.length % 2 !== 0) throw new Refusal('Invalid save parameters')
        for (let i = 0; i < args.length; i += 2) {
          const seconds = readLooseInteger(args[i]!)
          const changes = readLooseInteger(args[i + 1]!)
          if (seconds === undefined || changes === undefined || seconds < 1 || changes < 0) {
            throw new Refusal('Invalid save parameters')
          }
          points.push({ seconds, changes })
        }
        return points
      },
      print: (value) => value.map(pair).join(' '),
      lines: (name, value) =>
        value.length === 0
          ? [{ text: `${name} ""`, forced: true }]
          : value.map((point) => ({ text: `${name} ${pair(point)}`, forced: true })),
    },
    {},
  )
}

/** `client-output-buffer-limit`: class, hard limit, soft limit, seconds, and again. */
export function outputLimits(traits: Traits = {}): Directive<OutputLimits> {
  const initial: OutputLimits = {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 256 * MIB, softBytes: 64 * MIB, softSeconds: 60 },
    pubsub: { hardBytes: 32 * MIB, softBytes: 8 * MIB, softSeconds: 60 },
  }
  const classes = ['normal', 'replica', 'pubsub'] as const
  return directive(
    {
      kind: 'special',
      initial,
      manyArgs: true,
      allowed: 'normal | replica | pubsub, hard limit, soft limit, soft seconds',
      read: readOutputLimits,
      // The reference still shows the older word for a replica here.
      print: (value) =>
        classes
          .map((name) => {
            const { hardBytes, softBytes, softSeconds } = value[name]
            const word = name === 'replica' ? 'slave' : name
            return `${word} ${printInteger(hardBytes)} ${printInteger(softBytes)} ${softSeconds}`
          })
          .join(' '),
      // All or none: lines are put back by their order, so one class alone would wander.
      lines(name, value) {
        const forced = classes.some((each) => writeLimit(value[each]) !== writeLimit(initial[each]))
        return classes.map((each) => ({
          text: `${name} ${each} ${writeLimit(value[each])}`,
          forced,
        }))
      },
    },
    traits,
  )
}

function readOutputLimits(args: readonly string[], was: OutputLimits): OutputLimits {
  if (args.length % 4 !== 0) {
    throw new Refusal('Wrong number of arguments in buffer limit configuration.')
  }
  const limits = { ...was }
  for (let i = 0; i < args.length; i += 4) {
    const word = args[i]!.toLowerCase()
    const name = word === 'slave' ? 'replica' : word
    if (name !== 'normal' && name !== 'replica' && name !== 'pubsub') {
      throw new Refusal('Invalid client class specified in buffer limit configuration.')
    }
    const hard = readMemory(args[i + 1]!)
    const soft = readMemory(args[i + 2]!)
    const softSeconds = readLooseInteger(args[i + 3]!)
    if (hard === undefined || soft === undefined || softSeconds === undefined || softSeconds < 0) {
      throw new Refusal(
        'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
      )
    }
    limits[name] = { hardBytes: Number(hard), softBytes: Number(soft), softSeconds }
  }
  return limits
}

function writeLimit({ hardBytes, softBytes, softSeconds }: OutputLimit): string {
  const hard = writeMemory(hardBytes)
  return `${hard} ${writeMemory(softBytes)} ${softSeconds}`
}

/** `oom-score-adj-values`: for a primary, a replica and a background child. */
export function oomScores(traits: Traits): Directive<readonly number[]> {
  return directive<readonly number[]>(
    {
      kind: 'special',
      initial: [0, 200, 800],
      manyArgs: true,
      allowed: 'three numbers from -2000 to 2000',
      read(args) {
        if (args.length !== 3) throw new Refusal('wrong number of arguments')
        return args.map((arg) => {
          const value = readLooseInteger(arg)
          if (value === undefined || value < -2000 || value > 2000) {
            throw new Refusal(
              'Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
            )
          }
          return value
        })
      },
      print: (value) => value.join(' '),
    },
    traits,
  )
}

/** `notify-keyspace-events`: letters for classes of events, kept in the order they are shown. */
export function keyEvents(traits: Traits = {}): Directive<string> {
  return directive(
    {
      kind: 'special',
      initial: '',
      allowed: `letters of ${EVENT_LETTERS}`,
      read([text]) {
        const given = new Set(text)
        for (const letter of given) {
          if (!EVENT_LETTERS.includes(letter)) {
            throw new Refusal("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
          }
        }
        const all = given.has('A') || [...EVENT_CLASSES].every((letter) => given.has(letter))
        // `n` is part of no class, yet the reference leaves it out of sight beside `A`.
        const order = all ? 'AKEm' : `${EVENT_CLASSES}nKEm`
        const shown = [...order].filter((letter) => letter === 'A' || given.has(letter)).join('')
        return all && given.has('n') ? `${shown}n` : shown
      },
      print: (value) => (value.startsWith('A') ? value.replace('n', '') : value),
      write: (value) => quoteArg(fromLatin1(value)),
    },
    traits,
  )
}

/** `bind`: addresses to listen on. A leading `-` means that the address may be missing. */
export function addresses(initial: readonly string[]): Directive<readonly string[]> {
  return directive<readonly string[]>(
    {
      kind: 'special',
      initial,
      manyArgs: true,
      allowed: `up to ${BIND_ADDRESSES_MAX} addresses`,
      read(args) {
        if (args.length > BIND_ADDRESSES_MAX) {
          throw new Refusal('Too many bind addresses specified.')
        }
        return args.length === 1 && args[0] === '' ? [] : args
      },
      print: (value) => value.join(' '),
      lines(name, value) {
        const text = value.length === 0 ? '""' : value.join(' ')
        return text === initial.join(' ') ? [] : [{ text: `${name} ${text}`, forced: true }]
      },
    },
    {},
  )
}

/** `replicaof`: host and port of the primary, or `no one`. */
export function primaryAddress(traits: Traits): Directive<PrimaryAddress | undefined> {
  return directive<PrimaryAddress | undefined>(
    {
      kind: 'special',
      initial: undefined,
      manyArgs: true,
      allowed: 'host and port, or no one',
      read(args) {
        const [host, portText] = args
        if (args.length !== 2) throw new Refusal('wrong number of arguments')
        if (host!.toLowerCase() === 'no' && portText!.toLowerCase() === 'one') return undefined
        const port = readLooseInteger(portText!)
        if (port === undefined || port < 0 || port > 65535) throw new Refusal('Invalid master port')
        return { host: host!, port }
      },
      print: (value) => (value ? `${value.host} ${value.port}` : ''),
      lines: (name, value) =>
        value ? [{ text: `${name} ${value.host} ${value.port}`, forced: true }] : [],
    },
    traits,
  )
}

/** `latency-tracking-info-percentiles`: numbers from 0 to 100. */
export function percentiles(initial: readonly number[]): Directive<readonly number[]> {
  const shown = (value: number) => value.toFixed(6).replace(/\.?0+$/, '')
  return directive<readonly number[]>(
    {
      kind: 'special',
      initial,
      manyArgs: true,
      allowed: 'numbers from 0 to 100',
      read(args) {
        if (args.length === 1 && args[0] === '') return []
        return args.map((arg) => {
          const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(arg) ? Number(arg) : Number.NaN
          if (Number.isNaN(value)) {
            throw new Refusal('Invalid latency-tracking-info-percentiles parameters')
          }
          if (value < 0 || value > 100) {
            throw new Refusal(
              'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
            )
          }
          return value
        })
      },
      print: (value) => value.map(shown).join(' '),
      lines: (name, value) => [
        { text: `${name} ${value.length === 0 ? '""' : value.map(shown).join(' ')}`, forced: true },
      ],
    },
    {},
  )
}

/** `dir`: a folder, each new one seen from the one before. */
export function folder(initial: string, traits: Traits): Directive<string> {
  return directive(
    {
      kind: 'path',
      initial,
      read([text], was) {
        if (text === '') throw new Refusal('No such file or directory')
        const given = toUnicode(text!)
        const whole = isAbsolute(given) ? normalize(given) : join(was, given)
        return whole.length > 1 ? whole.replace(/[/\\]$/, '') : whole
      },
      print: fromUnicode,
      lines: (name, value) => [
        { text: `${name} ${quoteArg(fromLatin1(fromUnicode(value)))}`, forced: true },
      ],
    },
    traits,
  )
}
