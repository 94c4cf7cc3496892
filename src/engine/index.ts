/**
 * Turns arguments into a reply: lookup, admission, running, effects, and the barrier that replies
 * wait at. The room knows what a command looks like but not which ones exist.
 */
export { Admission, type AdmissionState, LACKS_REPLICAS } from './admission.ts'
export { Args } from './args.ts'
export type { Blocking, Wait } from './blocking.ts'
export { ACL_CATEGORIES, aclCategories } from './categories.ts'
export {
  Client,
  type ClientOrigin,
  clientOfNoOne,
  NO_NEXT_REPLY,
  NO_REPLIES,
  NO_REPLY,
  type Outlet,
} from './client.ts'
export { CLIENTS_LIMIT_MIN } from './client-memory.ts'
export {
  type Call,
  type Command,
  type CommandFlag,
  type CommandGroup,
  type CommandNature,
  type CommandSpec,
  type CommandStats,
  group,
  type KeyFlag,
  type KeyPlace,
  type KeySpec,
  keyAt,
  keysFrom,
  type Postpone,
} from './command.ts'
export { type EffectArgument, type EffectSink, Effects } from './effects.ts'
export { Engine } from './engine.ts'
export {
  invalidExpiry,
  noSuchKey,
  notAFloat,
  notAnInteger,
  outOfRange,
  ReplyError,
  syntaxError,
  wrongArity,
  wrongType,
} from './errors.ts'
export type { Execution } from './execution.ts'
export {
  hasKeys,
  hasMovableKeys,
  type KeyRange,
  keyPlaces,
  keyRange,
} from './keys.ts'
export type { EngineLimits } from './limits.ts'
export { type Barrier, Outbox } from './outbox.ts'
export type { Message, Pushes } from './pushes.ts'
export { type LoopFigures, SAMPLE_MS } from './rates.ts'
export { type Misfit, misfitOf, refusalIn } from './refusals.ts'
export type { Serving } from './serving.ts'
export type { EngineStats } from './stats.ts'
export {
  type Argument,
  type ArgumentCount,
  type ArgumentKind,
  countArguments,
  parseSyntax,
} from './syntax.ts'
export { CommandTable, type Rename } from './table.ts'
export type { Transactions } from './transactions.ts'
export { DurationHistogram } from './watch/duration-histogram.ts'
export type { LatencyEvents, LatencySeries } from './watch/latency-events.ts'
export type { Meter } from './watch/meter.ts'
export type { SlowEntry } from './watch/slow-log.ts'
