/**
 * Real crashes: a server process under load from real connections, killed by SIGKILL at a random
 * moment, and started again on the same folder. What had been acknowledged must be there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Seeded } from '../../src/host/index.ts'
import { Link } from '../support/link.ts'
import {
  freshFolder,
  removeFolder,
  type Server,
  startHoldfast,
  startToKill,
} from '../support/servers.ts'
import { Writer } from './writer.ts'

/** At which moments the server is killed. */
export const MOMENTS = ['writing', 'rewriting', 'saving', 'starting'] as const

/** One of them. */
export type Moment = (typeof MOMENTS)[number]

/** With which `appendfsync`: whatever it is, the death of the process alone loses nothing. */
export const POLICIES = ['always', 'everysec', 'no'] as const

/** One of them. */
export type CrashPolicy = (typeof POLICIES)[number]

/** What the rounds came to. */
export interface CrashFigures {
  rounds: number
  /** Steps that were acknowledged, all of which were there again. */
  acknowledged: number
  /** Steps sent whose replies had not come when the server was killed. */
  unknown: number
  readonly moments: Record<Moment, number>
}

/** How the rounds are made. */
export interface CrashOptions {
  readonly rounds: number
  readonly policy: CrashPolicy
  readonly random: Seeded
  readonly writers?: number
  /** Told after each round. */
  finished?(figures: CrashFigures): void
}

/** Kills and checks, so often. Throws when something acknowledged is not there. */
export async function crashRounds(options: CrashOptions): Promise<CrashFigures> {
  const { rounds, policy, random } = options
  const folder = freshFolder()
  const writers = Array.from({ length: options.writers ?? 8 }, (_, id) => new Writer(id))
  const figures: CrashFigures = {
    ...{ rounds: 0, acknowledged: 0, unknown: 0 },
    moments: { writing: 0, rewriting: 0, saving: 0, starting: 0 },
  }
  try {
    for (let round = 0; round < rounds; round++) {
      const moment = random.pick(MOMENTS)
      if (moment === 'starting') await killWhileStarting(folder, policy, random)
      const server = await startHoldfast({ folder, directives: directives(policy, random) })
      try {
        await checkAll(server, writers)
        await killUnderLoad(server, { moment, writers, random, figures })
      } finally {
        await server.stop()
      }
      figures.rounds++
      figures.moments[moment]++
      options.finished?.(figures)
    }
    const server = await startHoldfast({ folder, directives: directives(policy, random) })
    try {
      await checkAll(server, writers)
    } finally {
      await server.stop()
    }
    return figures
  } finally {
    removeFolder(folder)
  }
}

function directives(policy: string, random: Seeded): string[] {
  return [
    ['--appendonly', 'yes'],
    ['--appendfsync', policy],
    ['--save', random.pick(['', '1 1'])],
    ['--aof-use-rdb-preamble', random.pick(['yes', 'no'])],
    ['--auto-aof-rewrite-min-size', '100kb'],
    ['--auto-aof-rewrite-percentage', random.pick(['30', '0'])],
  ].flat()
}

async function checkAll(server: Server, writers: readonly Writer[]): Promise<void> {
  const link = await Link.open(server.port)
  for (const writer of writers) await writer.check(link)
  link.close()
}

async function killWhileStarting(folder: string, policy: string, random: Seeded): Promise<void> {
  const kill = await startToKill({ folder, directives: directives(policy, random) })
  await sleep(random.between(20, 400))
  await kill()
}

async function killUnderLoad(
  server: Server,
  round: {
    readonly moment: Moment
    readonly writers: readonly Writer[]
    readonly random: Seeded
    readonly figures: CrashFigures
  },
): Promise<void> {
  const { moment, writers, random, figures } = round
  const before = writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
  const work = writers.map((writer) => writer.writeUntilBroken(server.port, random.fork()))
  await sleep(random.between(20, 300))
  if (moment === 'rewriting' || moment === 'saving') {
    const link = await Link.open(server.port)
    const command = moment === 'rewriting' ? 'BGREWRITEAOF' : random.pick(['BGSAVE', 'SAVE'])
    link.send(`${command}\r\n`)
    await sleep(random.between(0, 60))
    link.close()
  }
  await server.end('SIGKILL')
  await Promise.all(work)
  for (const { acknowledged, asked } of writers) figures.unknown += asked - acknowledged
  const after = writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
  figures.acknowledged += after - before
}
