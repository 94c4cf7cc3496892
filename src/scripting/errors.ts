/** What clients are told when scripts fail, or may not run. */
import { type LuaError, LuaTable, type LuaValue, plainText } from '../lua/index.ts'
import { textOf } from './api.ts'
import { cText } from './to-reply.ts'

/** How scripts are called and run: by their text or its SHA-1, or as functions of libraries. */
export type ScriptKind = 'eval' | 'function'

/** While a script runs for too long, everyone is told this who wants more than to end it. */
export function busyText(kind: ScriptKind): string {
  const command = kind === 'eval' ? 'SCRIPT KILL' : 'FUNCTION KILL'
  return `BUSY Redis is busy running a script. You can only call ${command} or SHUTDOWN NOSAVE.`
}

/** Nobody can end a script that has written. */
export const UNKILLABLE =
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either ' +
  'wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.'

/** No script has been running for too long. */
export const NOT_BUSY = 'NOTBUSY No scripts in execution right now.'

/** What a script is told that is ended by SCRIPT KILL or FUNCTION KILL. */
export const KILLED = 'ERR Script killed by user with SCRIPT KILL...'

/** There is no script with this SHA-1. */
export const NO_SCRIPT = 'NOSCRIPT No matching script. Please use EVAL.'

/** An error as a reply. */
export interface FailureText {
  /** Begins with its code. */
  readonly text: string
  /** It was counted when the command failed that the script called. */
  readonly isCounted: boolean
}

/** The reply for a script that ended with an error. `name` is its SHA-1, or the function's name. */
export function failureText({ value, place }: LuaError, name: string): FailureText {
  if (!(value instanceof LuaTable)) {
    return {
      text: `ERR ${shown(value)}${suffix(name, place?.chunkName, place?.line)}`,
      isCounted: false,
    }
  }
  const text = textOf(fieldOf(value, 'err')) ?? 'ERR unknown error'
  const source = place?.chunkName ?? textOf(fieldOf(value, 'source'))
  const line = place?.line ?? textOf(fieldOf(value, 'line'))
  return {
    text: `${cText(text)}${suffix(name, source, line)}`.replace(/[\r\n]+$/, ''),
    isCounted: fieldOf(value, 'ignore_error_stats_update') === true,
  }
}

/** The text of an error that is raised while a library is loaded, with its code. */
export function loadingText({ value }: LuaError): string {
  if (!(value instanceof LuaTable)) return `ERR ${shown(value)}`
  return textOf(fieldOf(value, 'err')) ?? 'ERR unknown error'
}

function suffix(name: string, source?: string, line?: number | string): string {
  if (source === undefined || line === undefined) return ''
  return ` script: ${name}, on ${source}:${line}.`
}

function shown(value: LuaValue): string {
  return cText(plainText(value))
}

/** A field, looked for in the tables behind it too. */
function fieldOf(table: LuaTable, name: string): LuaValue {
  let at: LuaTable | undefined = table
  for (let depth = 0; at !== undefined && depth < 100; depth++) {
    const value = at.get(name)
    if (value !== undefined) return value
    const next: LuaValue = at.metatable?.get('__index')
    at = next instanceof LuaTable ? next : undefined
  }
  return undefined
}
