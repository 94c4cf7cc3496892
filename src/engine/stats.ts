/** What the engine counts, for INFO. */

const ERROR_CODES_MAX = 128

/** Counters that `CONFIG RESETSTAT` sets back. */
export interface EngineStats {
  commands: number
  /** Reads from connections that brought something, and writes to them. */
  reads: number
  writes: number
  connections: number
  rejectedConnections: number
  inputBytes: number
  outputBytes: number
  errorReplies: number
  /** Error replies by code. */
  errors: Map<string, number>
  protocolErrors: number
  queryLimitDisconnections: number
  outputLimitDisconnections: number
}

/** All counters at zero. */
export function emptyStats(): EngineStats {
  return {
    commands: 0,
    reads: 0,
    writes: 0,
    connections: 0,
    rejectedConnections: 0,
    inputBytes: 0,
    outputBytes: 0,
    errorReplies: 0,
    errors: new Map(),
    protocolErrors: 0,
    queryLimitDisconnections: 0,
    outputLimitDisconnections: 0,
  }
}

/** Counts an error reply, whose text begins with its code. */
export function countError(stats: EngineStats, text: string): void {
  const { errors } = stats
  stats.errorReplies++
  const code = text.split(' ', 1)[0]!
  if (errors.has(code) || errors.size < ERROR_CODES_MAX) {
    errors.set(code, (errors.get(code) ?? 0) + 1)
  }
}
