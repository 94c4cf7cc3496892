/**
 * The directives: one table says what redis.conf and CONFIG may name, with defaults and bounds;
 * from it follow reading files and command lines, the typed values that the rest of the store
 * reads, and CONFIG GET, SET and REWRITE. Nothing here touches a file: text comes in and goes out.
 */
export { type CommandLine, readCommandLine } from './command-line.ts'
export {
  type ChangeContext,
  type ChangeListener,
  Config,
  ConfigSetError,
  configSetFailure,
  isSensitive,
} from './config.ts'
export { type DirectiveDoc, directives } from './docs.ts'
export { includeFrom } from './include.ts'
export { ConfigError, type ConfigExtras, type ConfigSource } from './load.ts'
export type { OutputLimit, OutputLimits, PrimaryAddress, SavePoint } from './specials.ts'
export type { ConfigValues, DirectiveName } from './table.ts'
