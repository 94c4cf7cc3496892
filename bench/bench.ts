/**
 * What every suite is given: the two contenders, where they run, and helpers for filling them.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { run } from './load.ts'
import type { Options } from './options.ts'
import { cpuSeconds, type Pinning } from './proc.ts'
import { type Contender, type Place, type Server, startServer } from './servers.ts'

/** Directives that both sides understand, given to every server behind its own command line. */
export const WITHOUT_AOF = ['--appendonly', 'no']

/** The setting of one run of the benchmark. */
export type Bench = {
  readonly options: Options
  readonly pinning: Pinning
  /** The reference first, where there is one. */
  readonly contenders: readonly Contender[]
  /** The load generator's path, or `undefined` where it is missing. */
  readonly benchmark: string | undefined
  readonly place: Place
  /** Tells a waiting person where we are. */
  progress(line: string): void
}

/** Starts all contenders at once. None is left running when one fails. */
export async function startAll(bench: Bench, directives: readonly string[]): Promise<Server[]> {
  const servers: Server[] = []
  try {
    for (const contender of bench.contenders) {
      const server = await startServer(contender, directives, bench.place)
      servers.push(server)
      // A rewrite in the middle of a run would slow one side in one round: none on either side. A
      // server that does not know the directive does not rewrite.
      await server.client.ask('CONFIG', 'SET', 'auto-aof-rewrite-percentage', '0').catch(() => null)
    }
    return servers
  } catch (error) {
    await stopAll(servers)
    throw error
  }
}

/** Ends servers, one after the other. */
export async function stopAll(servers: readonly Server[]): Promise<void> {
  for (const server of servers) await server.stop()
}

/** Runs `work` with each contender alone, one after the other, on a fresh server. */
export async function eachAlone<T>(
  bench: Bench,
  directives: readonly string[],
  work: (server: Server) => Promise<T>,
): Promise<Map<Contender['side'], T>> {
  const results = new Map<Contender['side'], T>()
  for (const contender of bench.contenders) {
    const server = await startServer(contender, directives, bench.place)
    try {
      results.set(contender.side, await work(server))
    } finally {
      await server.stop()
    }
  }
  return results
}

/** The command line of a program that lies beside this file, on the load's core. */
export function helperCommand(bench: Bench, program: string, args: readonly string[]): string[] {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url))
  return [...bench.pinning.load, process.execPath, path, ...args]
}

/** Sends one command of `kind` for each of `count` numbered keys. @returns seconds it took. */
export async function sendKeys(
  bench: Bench,
  server: Server,
  kind: string,
  count: number,
  extra = '',
): Promise<number> {
  const startedAt = performance.now()
  const args = [String(server.port), kind, String(count), extra]
  const { code, stderr } = await run(helperCommand(bench, 'keys', args), 330_000)
  if (code !== 0) throw new Error(`${server.contender.name}, ${kind}: ${stderr.trim()}`)
  return (performance.now() - startedAt) / 1000
}

/** In a twentieth of a second, a server with nothing to do uses less for what it does regularly. */
const IDLE_SECONDS = 0.005

/**
 * Waits until a server has finished what it does in the background, such as freeing what was just
 * flushed, so that it does not count as the next run's work. Gives up after two seconds.
 */
export async function settle(server: Server): Promise<void> {
  for (let n = 0; n < 40; n++) {
    const before = cpuSeconds(server.pid) ?? 0
    await pause(50)
    if ((cpuSeconds(server.pid) ?? 0) - before < IDLE_SECONDS) return
  }
}
