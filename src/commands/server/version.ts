/** The version whose semantics are implemented. Client libraries choose commands by it. */
export const REDIS_VERSION = '8.0.0'
