/** The table `redis` that scripts work with, also called `server`. */
import {
  formatNumber,
  LuaError,
  LuaTable,
  type LuaValue,
  NOTHING,
  parseNumber,
  placeAt,
  type Realm,
} from '../lua/index.ts'
import { sha1Hex } from './cache.ts'
import { field, freshError } from './from-reply.ts'
import type { HostCalls, Rights } from './host-calls.ts'
import { cText } from './to-reply.ts'

/** Levels of `redis.log`, and of the server's log. */
export const LOG_LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What the table works on: it is there once, and serves whichever script runs. */
export interface ScriptHost {
  readonly calls: HostCalls
  /** What the script that runs may do. */
  readonly rights: Rights
  /** The version of the reference that is implemented: `8.0.0`. */
  readonly version: string
  log(level: LogLevel, text: string): void
}

const REPLICATION = { NONE: 0, AOF: 1, SLAVE: 2, REPLICA: 2, ALL: 3 }

/** The functions that run commands or say something, for a realm. */
export function redisTable(realm: Realm, host: ScriptHost): LuaTable {
  const table = new LuaTable()
  const { calls } = host
  table.set(
    'call',
    realm.hostFunction(
      (args) => {
        const { value, isError } = calls.call(args, host.rights, realm.meter)
        return isError ? raiseValue(value) : value
      },
      (args) => {
        const { value, isError } = calls.call(args, host.rights, realm.meter, false)
        return isError ? raiseValue(value) : undefined
      },
    ),
  )
  table.set(
    'pcall',
    realm.hostFunction((args) => calls.call(args, host.rights, realm.meter).value),
  )
  addLog(table, realm, host)
  addVersion(table, host.version)
  table.set(
    'setresp',
    realm.hostFunction((args) => {
      calls.client.isResp3 = protocolOf(args) === 3
      return NOTHING
    }),
  )
  table.set('sha1hex', (...args: LuaValue[]) => {
    if (args.length !== 1) refuse('wrong number of arguments')
    return sha1Hex(textOf(args[0]) ?? '')
  })
  table.set('error_reply', (...args: LuaValue[]) => {
    const [text] = args
    if (args.length !== 1 || typeof text !== 'string') return badReply()
    const line = cText(text)
    return freshError(line.startsWith('-') ? line : `-${line}`)
  })
  table.set('status_reply', (...args: LuaValue[]) => {
    const [text] = args
    if (args.length !== 1 || typeof text !== 'string') return badReply()
    return field('ok', text)
  })
  addReplication(table, realm, calls)
  table.set(
    'acl_check_cmd',
    realm.hostFunction((args) => {
      const found = calls.find(args)
      return found instanceof LuaTable ? raiseValue(found) : true
    }),
  )
  return table
}

/** What only scripts of EVAL have: their debugger, which is never there, and a remnant. */
export function addDebugging(table: LuaTable): void {
  table.set('breakpoint', () => false)
  table.set('debug', () => NOTHING)
  table.set('replicate_commands', () => true)
}

/** `redis.log` and its levels. */
export function addLog(table: LuaTable, realm: Realm, host: ScriptHost): void {
  table.set(
    'log',
    realm.hostFunction((args) => {
      if (args.length < 2) refuse('redis.log() requires two arguments or more.')
      const level = numberOf(args[0])
      if (level === undefined) refuse('First argument must be a number (log level).')
      const name = LOG_LEVELS[Math.trunc(level)]
      if (name === undefined) refuse('Invalid log level.')
      const words = args.slice(1).map(textOf)
      host.log(name, words.filter((word) => word !== undefined).join(' '))
      return NOTHING
    }),
  )
  LOG_LEVELS.forEach((name, level) => {
    table.set(`LOG_${name.toUpperCase()}`, level)
  })
}

/** The version, as text and as a number with a byte for each part. */
export function addVersion(table: LuaTable, version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const number = (major << 16) | (minor << 8) | patch
  table.set('REDIS_VERSION', version)
  table.set('REDIS_VERSION_NUM', number)
}

/** Whether what a script does from here on reaches the log. Replicas of the future follow it too. */
function addReplication(table: LuaTable, realm: Realm, calls: HostCalls): void {
  table.set(
    'set_repl',
    realm.hostFunction((args) => {
      if (args.length !== 1) refuse('redis.set_repl() requires one argument.')
      const flags = Math.trunc(numberOf(args[0]) ?? 0)
      if ((flags | 0) !== flags || (flags & ~REPLICATION.ALL) !== 0) {
        refuse('Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.')
      }
      calls.isLogged = (flags & REPLICATION.AOF) !== 0
      return NOTHING
    }),
  )
  for (const [name, flags] of Object.entries(REPLICATION)) table.set(`REPL_${name}`, flags)
}

function protocolOf(args: readonly LuaValue[]): number {
  if (args.length !== 1) refuse('redis.setresp() requires one argument.')
  const protocol = Math.trunc(numberOf(args[0]) ?? 0)
  if (protocol !== 2 && protocol !== 3) refuse('RESP version must be 2 or 3.')
  return protocol
}

/** Raises a value as it is, noting where the script is. */
function raiseValue(value: LuaValue): never {
  throw new LuaError(value, placeAt(1))
}

/** Raises an error of the library, as a table. */
export function refuse(text: string): never {
  return raiseValue(freshError(text))
}

function badReply(): LuaTable {
  return freshError('wrong number or type of arguments')
}

function numberOf(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** The text of a string or a number. */
export function textOf(value: LuaValue): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? formatNumber(value) : undefined
}
