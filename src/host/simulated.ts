/** A whole world from a seed: what a test gives to a store in place of `nodeHost()`. */
import type { Host, Processes } from './host.ts'
import { ManualClock, ManualTimers } from './manual-clock.ts'
import { Seeded } from './seeded.ts'
import { SimulatedDisk } from './simulated-disk.ts'

/** A host with the handles by which a test moves it. */
export interface SimulatedHost extends Host {
  readonly clock: ManualClock
  readonly timers: ManualTimers
  readonly random: Seeded
  readonly files: SimulatedDisk
}

/**
 * A world that stands still until `timers.advance(ms)` or `timers.turn()` moves it. Syncs off the
 * loop end in the next turn. Give it a disk to go on after a crash: the world is another boot then,
 * in which no process of before lives.
 */
export function simulatedHost(seed: number, disk?: SimulatedDisk): SimulatedHost {
  const clock = new ManualClock()
  const timers = new ManualTimers(clock)
  const random = new Seeded(seed)
  const files = disk ?? new SimulatedDisk((finish) => timers.soon(finish))
  return { clock, timers, random, files, processes: simulatedProcesses(1, `boot-${seed}`) }
}

/** A world with one process in it. */
export function simulatedProcesses(id: number, birth: string): Processes {
  const birthOf = (other: number) => (other === id ? birth : undefined)
  return { id, machine: 'simulated', birthOf, collectGarbage: () => {} }
}
