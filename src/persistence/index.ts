/**
 * What keeps the data beyond the process. `AppendLog` is the append-only log in the reference's
 * multi-part form: opening loads it, `append` and `flush` extend it, `durableOffset` says what a
 * power cut cannot take any more. `importPlainText` reads the old form of one plain command a line.
 *
 * The room knows files, framing and stability, and nothing of commands: what is loaded goes to a
 * callback as whole commands, and what is appended comes in as bytes.
 */
export type { AppendLogOptions, LogFigures } from './append-log.ts'
export { AppendLog } from './append-log.ts'
export { ClosedLog } from './closed-log.ts'
export { type ApplyCommands, type ReadEnd, readCommandsPaced } from './command-reader.ts'
export type { DiskTimes } from './disk-times.ts'
export type { LogLine, RewriteTarget } from './errors.ts'
export { AofError } from './errors.ts'
export type { ByteSink, SavedDatabase, SaveFormat } from './format.ts'
export { GatheredSink } from './gathered-sink.ts'
export { Layout, type LogPlace, makeStableFolder } from './layout.ts'
export type { LoadProgress, LoadSnapshot } from './load.ts'
export { FolderLock } from './lock.ts'
export type { LogFailure, SyncPolicy } from './log-events.ts'
export type { Manifest, Part } from './manifest.ts'
export { importPlainText, type PlainTextOptions, type SplitLine } from './plain-text.ts'
export { SaveJob, type SaveOptions } from './save-job.ts'
export { saveNow } from './save-now.ts'
export { SnapshotScribe } from './snapshot-scribe.ts'
export { TemporaryNames } from './temporary-names.ts'
