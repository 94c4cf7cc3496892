/**
 * Scripts and functions: what `redis.*` is for them, how values become requests and replies become
 * values, which scripts are known, and what happens when one takes too long. The language itself is
 * `lua/`'s.
 */
export type { LogLevel as ScriptLogLevel } from './api.ts'
export { sha1Hex } from './cache.ts'
export { busyText } from './errors.ts'
export { SCRIPT_FLAGS, type ScriptFlags } from './flags.ts'
export { dumpLibraries, readLibraries } from './function-payload.ts'
export type { JoinPolicy } from './libraries.ts'
export type { Library, ScriptFunction } from './library.ts'
export type { RunningFunction } from './runner.ts'
export { type Invocation, Scripting } from './scripting.ts'
