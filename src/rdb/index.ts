/**
 * The snapshot format: entries as the reference's files and payloads have them. `RdbFormat` writes a
 * data set piece by piece, `RdbReader` reads one, and `dumpEntry` and `Payload` are for values alone.
 * The room knows bytes and values, and nothing of files.
 */
export { dumpEntry, withFooter } from './dump.ts'
export { RdbError } from './errors.ts'
export type { ByteSource } from './input.ts'
export type { ByteSink } from './output.ts'
export { isPayloadWhole, Payload } from './payload.ts'
export { RdbFormat, type RdbFormatOptions, versionFor } from './rdb-format.ts'
export { RdbReader, type RdbReaderOptions } from './rdb-reader.ts'
