/** Watching the running server: what it does, and what takes long. */
import type { CommandSpec } from '../../../engine/index.ts'
import type { Services } from '../../services.ts'
import { latencyCommand } from './latency.ts'
import { monitorCommand } from './monitor.ts'
import { slowLogCommand } from './slow-log.ts'

/** MONITOR, SLOWLOG and LATENCY. */
export function watchCommands(services: Services): readonly CommandSpec[] {
  return [monitorCommand(services), slowLogCommand(services), latencyCommand(services)]
}
