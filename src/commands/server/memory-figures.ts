/** Where the memory is, for INFO memory and MEMORY STATS. All sizes are in bytes. */
import type { Services } from '../services.ts'

/** Figures of one moment. Ratios are 1 where nothing is used. */
export interface MemoryFigures {
  readonly used: number
  readonly peak: number
  readonly resident: number
  /** Held from the system for pages and large values. */
  readonly held: number
  readonly clients: number
  readonly logBuffer: number
  /** Texts of scripts and of libraries. */
  readonly scripts: number
  readonly functions: number
  /** By database, the bytes of its table, where it has or has had keys. */
  readonly tables: readonly (readonly [index: number, bytes: number])[]
  readonly tableBytes: number
  readonly overhead: number
  readonly dataset: number
  readonly datasetPercentage: number
  readonly peakPercentage: number
  readonly keys: number
}

/** The figures as they are now. */
export function memoryFigures(services: Services): MemoryFigures {
  const { keyspace, engine, scripting } = services
  const { figures } = scripting
  const { usedBytes: used, peakBytes: peak, heldBytes: held } = keyspace.arena
  let clients = 0
  for (const client of engine.clients.values()) clients += engine.clientMemory.sizeOf(client)
  const logBuffer = Number(services.logFigures().aof_buffer_length ?? 0)
  const allTables = keyspace.databases.reduce((sum, { dict }) => sum + dict.tableBytes, 0)
  const dataset = Math.max(0, used - allTables)
  return {
    used,
    peak,
    held,
    resident: services.processMemory().residentBytes,
    clients,
    logBuffer,
    tables: keyspace.databases
      .filter(({ dict }) => dict.tableBytes > 0)
      .map(({ index, dict }) => [index, dict.tableBytes]),
    tableBytes: allTables,
    scripts: figures.scriptBytes,
    functions: figures.libraryBytes,
    overhead: allTables + clients + logBuffer,
    dataset,
    datasetPercentage: ratio(dataset, used) * 100,
    peakPercentage: ratio(used, peak) * 100,
    keys: keyspace.count,
  }
}

/** `part / whole`, or 1 when there is no whole. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}
