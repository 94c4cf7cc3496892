/** The events of the latency monitor about the log, under the reference's names. */
import type { DiskTimes } from '../persistence/index.ts'

/** The latency monitor, as far as it is told of the disk. */
interface Latency {
  readonly isOn: boolean
  add(event: string, lastedMs: number): void
}

/** Tells `latency` of the disk. `isSaving` says whether a snapshot or a rewrite is written now. */
export function diskLatency(latency: Latency, isSaving: () => boolean): DiskTimes {
  return {
    get isOn() {
      return latency.isOn
    },
    wrote(tookMs, isSyncing) {
      const beside = isSyncing ? 'pending-fsync' : isSaving() ? 'active-child' : 'alone'
      latency.add(`aof-write-${beside}`, tookMs)
      latency.add('aof-write', tookMs)
    },
    synced(tookMs) {
      latency.add('aof-fsync-always', tookMs)
    },
  }
}
