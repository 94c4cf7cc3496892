/**
 * The command line of `holdfast cli`: options first, in redis-cli's spelling, then a command.
 * Each option is a row; a row with a value takes the next word.
 */

import { parseUri } from './uri.ts'
import { quote, splitWords, unbinary } from './words.ts'

/** How replies are shown. */
export type OutputMode = 'standard' | 'raw' | 'csv' | 'json' | 'quotedJson'

/** What the tool was asked to be, when it is not a prompt and not a single command. */
export type CliMode =
  | 'pipe'
  | 'stat'
  | 'latency'
  | 'latencyHistory'
  | 'latencyDist'
  | 'scan'
  | 'bigKeys'
  | 'memKeys'
  | 'intrinsicLatency'
  | 'eval'
  | 'help'
  | 'version'

/** The options, as told, with their defaults. */
export interface CliOptions {
  host: string
  port: number
  socketPath: string | undefined
  user: string | undefined
  password: string | undefined
  asksPassword: boolean
  warnsOfPassword: boolean
  database: number
  connectTimeoutMs: number
  addressFamily: 0 | 4 | 6
  /** 3 insists on RESP3, `prefer3` asks for it and carries on without. */
  protocol: 'default' | 2 | 3 | 'prefer3'
  isTls: boolean
  tls: { sni?: string; cacert?: string; cert?: string; key?: string; isInsecure: boolean }
  repeat: number
  intervalMs: number
  output: OutputMode
  showsPushes: boolean
  /** Between the elements of a raw reply, and after each raw reply. */
  elementDelimiter: string
  replyDelimiter: string
  readsLastArg: boolean
  stdinTag: string | undefined
  hasQuotedInput: boolean
  stopsAtError: boolean
  wantsCluster: boolean
  mode: CliMode | undefined
  pipeTimeoutSeconds: number
  /** A binary string. */
  pattern: string | undefined
  count: number
  memorySamples: number | undefined
  intrinsicSeconds: number
  evalFile: string
  isMono: boolean
  /** The command and its arguments, as given. */
  command: readonly string[]
}

/** A command line that makes no sense; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

type Flag = (options: CliOptions) => void
type Valued = (options: CliOptions, value: string) => void

const FLAGS: Readonly<Record<string, Flag>> = {
  '--help': (o) => mode(o, 'help'),
  '--version': (o) => mode(o, 'version'),
  '-v': (o) => mode(o, 'version'),
  '-x': (o) => set(o, { readsLastArg: true }),
  '--no-auth-warning': (o) => set(o, { warnsOfPassword: false }),
  '--askpass': (o) => set(o, { asksPassword: true }),
  '--raw': (o) => set(o, { output: 'raw' }),
  '--no-raw': (o) => set(o, { output: 'standard' }),
  '--csv': (o) => set(o, { output: 'csv' }),
  '--json': (o) => json(o, 'json'),
  '--quoted-json': (o) => json(o, 'quotedJson'),
  '--quoted-input': (o) => set(o, { hasQuotedInput: true }),
  '--latency': (o) => mode(o, 'latency'),
  '--latency-history': (o) => mode(o, 'latencyHistory'),
  '--latency-dist': (o) => mode(o, 'latencyDist'),
  '--mono': (o) => set(o, { isMono: true }),
  '--stat': (o) => mode(o, 'stat'),
  '--scan': (o) => mode(o, 'scan'),
  '--pipe': (o) => mode(o, 'pipe'),
  '--bigkeys': (o) => mode(o, 'bigKeys'),
  '--memkeys': (o) => mode(o, 'memKeys'),
  '-c': (o) => set(o, { wantsCluster: true }),
  '-e': (o) => set(o, { stopsAtError: true }),
  '-4': (o) => family(o, 4),
  '-6': (o) => family(o, 6),
  '-2': (o) => protocol(o, 2),
  '-3': (o) => protocol(o, 3),
  '--tls': (o) => set(o, { isTls: true }),
  '--insecure': (o) => set(o.tls, { isInsecure: true }),
  '--verbose': () => {},
}

const VALUED: Readonly<Record<string, Valued>> = {
  '-h': (o, value) => set(o, { host: value }),
  '-p': (o, value) => set(o, { port: port(value) }),
  '-t': (o, value) => set(o, { connectTimeoutMs: 1000 * seconds('-t', value) }),
  '-s': (o, value) => set(o, { socketPath: value }),
  '-r': (o, value) => set(o, { repeat: integer('-r', value) }),
  '-i': (o, value) => set(o, { intervalMs: 1000 * seconds('-i', value) }),
  '-n': (o, value) => set(o, { database: integer('-n', value) }),
  '-a': (o, value) => set(o, { password: value }),
  '--pass': (o, value) => set(o, { password: value }),
  '--user': (o, value) => set(o, { user: value }),
  '-u': uri,
  '-X': (o, value) => set(o, { stdinTag: value }),
  '-d': (o, value) => set(o, { elementDelimiter: value }),
  '-D': (o, value) => set(o, { replyDelimiter: value }),
  '--pattern': (o, value) => set(o, { pattern: Buffer.from(value).toString('latin1') }),
  '--quoted-pattern': (o, value) => set(o, { pattern: unquoted('--quoted-pattern', value) }),
  '--count': (o, value) => set(o, { count: integer('--count', value) }),
  '--pipe-timeout': (o, value) => set(o, { pipeTimeoutSeconds: integer('--pipe-timeout', value) }),
  '--memkeys-samples': memorySamples,
  '--intrinsic-latency': (o, value) => {
    mode(o, 'intrinsicLatency')
    o.intrinsicSeconds = integer('--intrinsic-latency', value)
  },
  '--eval': (o, value) => {
    mode(o, 'eval')
    o.evalFile = value
  },
  '--show-pushes': showPushes,
  '--sni': (o, value) => set(o.tls, { sni: value }),
  '--cacert': (o, value) => set(o.tls, { cacert: value }),
  '--cert': (o, value) => set(o.tls, { cert: value }),
  '--key': (o, value) => set(o.tls, { key: value }),
}

/** Options of redis-cli that are understood well enough to say that they are missing. */
const MISSING: ReadonlySet<string> = new Set([
  '--cluster',
  '--replica',
  '--slave',
  '--rdb',
  '--functions-rdb',
  '--lru-test',
  '--hotkeys',
  '--keystats',
  '--keystats-samples',
  '--ldb',
  '--ldb-sync-mode',
])

/**
 * Reads the words after `holdfast cli`.
 * @param isTerminal whether standard output is one: it decides how replies look by default.
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[], isTerminal: boolean): CliOptions {
  const options = defaults(isTerminal)
  let at = 0
  for (; at < argv.length && argv[at]!.startsWith('-'); at++) {
    const word = argv[at]!
    const flag = word === '-h' && at === argv.length - 1 ? FLAGS['--help'] : FLAGS[word]
    const valued = VALUED[word]
    if (flag !== undefined) flag(options)
    else if (valued !== undefined && at + 1 < argv.length) valued(options, argv[++at]!)
    else throw new UsageError(unknown(word))
  }
  options.command = argv.slice(at)
  check(options)
  return options
}

/**
 * The command as bytes, unquoted first when `--quoted-input` says so.
 * @throws UsageError
 */
export function commandWords(options: CliOptions): Uint8Array[] {
  return options.command.map((word) => {
    if (!options.hasQuotedInput || !/^["']/.test(word)) return Buffer.from(word)
    return unbinary(unquoted('--quoted-input', word))
  })
}

function defaults(isTerminal: boolean): CliOptions {
  return {
    host: '127.0.0.1',
    port: 6379,
    socketPath: undefined,
    user: undefined,
    password: undefined,
    asksPassword: false,
    warnsOfPassword: true,
    database: 0,
    connectTimeoutMs: 0,
    addressFamily: 0,
    protocol: 'default',
    isTls: false,
    tls: { isInsecure: false },
    repeat: 1,
    intervalMs: 0,
    output: isTerminal ? 'standard' : 'raw',
    showsPushes: isTerminal,
    elementDelimiter: '\n',
    replyDelimiter: '\n',
    readsLastArg: false,
    stdinTag: undefined,
    hasQuotedInput: false,
    stopsAtError: false,
    wantsCluster: false,
    mode: undefined,
    pipeTimeoutSeconds: 30,
    pattern: undefined,
    count: 10,
    memorySamples: undefined,
    intrinsicSeconds: 0,
    evalFile: '',
    isMono: false,
    command: [],
  }
}

function set<T extends object>(target: T, values: Partial<T>): void {
  Object.assign(target, values)
}

function mode(options: CliOptions, value: CliMode): void {
  options.mode = value
}

function json(options: CliOptions, output: OutputMode): void {
  options.output = output
  if (options.protocol === 'default') options.protocol = 'prefer3'
}

function protocol(options: CliOptions, version: 2 | 3): void {
  if ((options.protocol === 2 || options.protocol === 3) && options.protocol !== version) {
    throw new UsageError('Options -2 and -3 are mutually exclusive.')
  }
  options.protocol = version
}

function family(options: CliOptions, version: 4 | 6): void {
  if (options.addressFamily !== 0 && options.addressFamily !== version) {
    throw new UsageError('Options -4 and -6 are mutually exclusive.')
  }
  options.addressFamily = version
}

function uri(options: CliOptions, value: string): void {
  const parsed = parseUri(value)
  if (typeof parsed === 'string') throw new UsageError(parsed)
  const { port: given, ...rest } = parsed
  set(options, given === undefined ? rest : { ...rest, port: port(String(given)) })
}

function memorySamples(options: CliOptions, value: string): void {
  const samples = integer('--memkeys-samples', value)
  if (samples < 0) throw new UsageError('--memkeys-samples value should be positive.')
  mode(options, 'memKeys')
  options.memorySamples = samples
}

function showPushes(options: CliOptions, value: string): void {
  if (!/^[yn]/i.test(value)) {
    throw new UsageError(`Unknown --show-pushes value '${value}' (valid: '[y]es', '[n]o')`)
  }
  options.showsPushes = /^y/i.test(value)
}

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535) {
    throw new UsageError('Invalid server port.')
  }
  return Number(value)
}

function integer(option: string, value: string): number {
  if (!/^[+-]?\d+$/.test(value)) {
    throw new UsageError(`Option ${option} takes a whole number, not ${quote(value)}`)
  }
  return Number(value)
}

function seconds(option: string, value: string): number {
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw new UsageError(`Option ${option} takes a number of seconds, not ${quote(value)}`)
  }
  return Number(value)
}

function unquoted(option: string, value: string): string {
  const words = splitWords(Buffer.from(value).toString('latin1'))
  if (words?.length !== 1) {
    throw new UsageError(
      option === '--quoted-input'
        ? 'Invalid quoted string'
        : `Invalid quoted string specified for ${option}.`,
    )
  }
  return words[0]!
}

function unknown(word: string): string {
  if (MISSING.has(word)) return `Option ${word} is not there yet in holdfast cli.`
  return `Unrecognized option or bad number of args for: '${word}'`
}

function check(options: CliOptions): void {
  if (options.socketPath !== undefined && options.wantsCluster) {
    throw new UsageError('Options -c and -s are mutually exclusive.')
  }
  if (options.readsLastArg && options.stdinTag !== undefined) {
    throw new UsageError('Options -x and -X are mutually exclusive.')
  }
}
