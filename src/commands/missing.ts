/** The reference's commands that are not here: those of replication and of cluster mode, and modules. */
const MISSING = new Set(
  (
    'ASKING CLUSTER FAILOVER MIGRATE MODULE PSYNC READONLY READWRITE REPLCONF RESTORE-ASKING SYNC ' +
    'WAIT WAITAOF'
  ).split(' '),
)

/** Whether `name` is a command of the reference that there is none of here, so that files may name it. */
export function isMissingCommand(name: string): boolean {
  return MISSING.has(name.toUpperCase())
}
