/**
 * Everything that is not deterministic enters the store through this room: clock, randomness,
 * timers, files and what is known of other processes. `nodeHost()` is the real world;
 * `simulatedHost()` with its `SimulatedDisk` and `ManualClock` is a world that a test owns, with
 * torn writes, failing syncs and power cuts. `seeded()` is the randomness of model tests. Sockets
 * belong to `server/`, because no room below it has one.
 */
export type {
  Clock,
  FileErrorCode,
  Files,
  Host,
  OpenFile,
  OpenMode,
  Processes,
  RandomSource,
  Timer,
  Timers,
} from './host.ts'
export { FileError, folderRefusal, systemText } from './host.ts'
export { ManualClock, ManualTimers } from './manual-clock.ts'
export { nodeHost } from './node-host.ts'
export { finishPaced, type Paced, type PacedResult, runPaced } from './paced.ts'
export { Seeded, seeded } from './seeded.ts'
export type { SimulatedHost } from './simulated.ts'
export { simulatedHost, simulatedProcesses } from './simulated.ts'
export type { DiskVerb } from './simulated-disk.ts'
export { PowerCut, SimulatedDisk } from './simulated-disk.ts'
export { runSteps, type Steps, type Wait } from './steps.ts'
