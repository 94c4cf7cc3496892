/** Which disks a store may find when it is opened again. */
import type { Seeded, SimulatedDisk } from '../../src/host/index.ts'

/** How a life ends. */
export type End = 'cut' | 'kill'

/** After a cut, so many of the disks that could be found are looked at. */
const DISKS_PER_CUT = 2
/** The note that a sync has failed. */
const SUSPECT_MARK = '/data/appendonlydir/appendonly.aof.unsynced'

/**
 * The end that is worth looking at. When a sync has failed and the disk refused the note of that too,
 * another process would take what it sees for something that a sync makes stable: that is promised to
 * nobody, so the power fails instead.
 */
export function endOf(disk: SimulatedDisk, wanted: End): End {
  if (wanted === 'cut' || !disk.hasForgotten) return wanted
  return disk.afterKill().exists(SUSPECT_MARK) ? 'kill' : 'cut'
}

/** The disks that could be found, or some of them. */
export function disksAfter(end: End, disk: SimulatedDisk, random: Seeded): SimulatedDisk[] {
  if (end === 'kill') return [disk.afterKill()]
  return Array.from({ length: DISKS_PER_CUT }, () => disk.crash(random))
}
