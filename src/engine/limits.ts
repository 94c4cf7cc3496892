/** Bounds on what clients send. */
export interface EngineLimits {
  /** `proto-max-bulk-len`. */
  bulkBytesMax: number
  /** `client-query-buffer-limit`. */
  queryBytesMax: number
}

/** The limits that hold where no setting says otherwise. */
export function defaultLimits(): EngineLimits {
  return { bulkBytesMax: 512 * 2 ** 20, queryBytesMax: 2 ** 30 }
}
