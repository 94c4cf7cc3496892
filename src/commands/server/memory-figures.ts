/**
 * Where the memory is, for INFO memory and MEMORY STATS. All sizes are in bytes.
 *
 * `used` is what the store has counted out: keys and values by the arena, and, outside of it, clients,
 * output for the log, and scripts. The program itself is only in `resident`: V8 does not
 * tell what it takes without walking its heap, and it is nothing that a setting could bound.
 *
 * Invariants: `used = overhead + dataset`, `used <= peak`, `used <= active`.
 */
import type { Services } from '../services.ts'

/** Figures of one moment. Ratios are 1 where nothing is used. */
export interface MemoryFigures {
  readonly used: number
  readonly peak: number
  readonly resident: number
  /** Held from the system: pages and large values, and what is counted outside of the arena. */
  readonly active: number
  readonly clients: number
  readonly logBuffer: number
  /** Texts of scripts and of libraries. */
  readonly scripts: number
  readonly functions: number
  /** What is not compared with `maxmemory`. */
  readonly notCounted: number
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
  const { usedBytes, heldBytes } = keyspace.arena
  const { scriptBytes: scripts, libraryBytes: functions } = scripting.figures
  let clients = 0
  for (const client of engine.clients.values()) clients += engine.clientMemory.sizeOf(client)
  const logBuffer = Number(services.logFigures().aof_buffer_length ?? 0)
  const outside = clients + logBuffer + scripts + functions
  const used = usedBytes + outside
  const peak = engine.sawMemory(used)
  const tableBytes = keyspace.databases.reduce((sum, { dict }) => sum + dict.tableBytes, 0)
  const dataset = usedBytes - tableBytes
  return {
    used,
    peak,
    active: heldBytes + outside,
    resident: services.processMemory().residentBytes,
    clients,
    logBuffer,
    notCounted: logBuffer + scripts + functions + engine.keptBytes,
    tables: keyspace.databases
      .filter(({ dict }) => dict.tableBytes > 0)
      .map(({ index, dict }) => [index, dict.tableBytes]),
    tableBytes,
    scripts,
    functions,
    overhead: tableBytes + outside,
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
