/** What the engine counts, for INFO. */

/** Scripts can answer errors of any code. */
const ERROR_CODES_MAX = 128
/** A code is looked for in the beginning of an error only; what has none there is an `ERR`. */
const CODE_LENGTH_MAX = 31
const NO_MORE_CODES = 'ERRORSTATS_DISABLED'

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
  /** There were too many codes, so that they are counted no more. */
  areErrorsUncounted: boolean
  protocolErrors: number
  queryLimitDisconnections: number
  outputLimitDisconnections: number
  evictedClients: number
}

/** The counters, and who hears of them. */
export interface WatchedStats extends EngineStats {
  /** Told of the codes when there are too many of them. */
  onTooManyErrors: ((codes: readonly string[]) => void) | undefined
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
    areErrorsUncounted: false,
    protocolErrors: 0,
    queryLimitDisconnections: 0,
    outputLimitDisconnections: 0,
    evictedClients: 0,
  }
}

/**
 * Counts an error reply, whose text begins with its code. As in the reference, one code too many makes
 * an end of counting by code, until the counters are set back.
 */
export function countError(stats: WatchedStats, text: string): void {
  stats.errorReplies++
  if (stats.areErrorsUncounted) return
  const { errors } = stats
  const codeLength = text.slice(0, CODE_LENGTH_MAX).indexOf(' ')
  const code = codeLength < 0 ? 'ERR' : text.slice(0, codeLength)
  const count = errors.get(code)
  if (count !== undefined || errors.size < ERROR_CODES_MAX) {
    errors.set(code, (count ?? 0) + 1)
    return
  }
  stats.onTooManyErrors?.([...errors.keys()].sort())
  stats.areErrorsUncounted = true
  errors.clear()
  errors.set(NO_MORE_CODES, 1)
}
