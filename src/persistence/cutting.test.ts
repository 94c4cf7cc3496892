/**
 * The log is cut at every step that it takes on the disk, reopened on several of the disks that a
 * power cut could leave, and compared with what had been promised by then.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FileError,
  type Files,
  type OpenFile,
  PowerCut,
  Seeded,
  type SimulatedDisk,
  type SimulatedHost,
  seeded,
  simulatedHost,
} from '../host/index.ts'
import { AppendLog } from './append-log.ts'
import { AofError } from './errors.ts'
import { encode, skipSnapshot } from './fixtures.ts'
import type { SyncPolicy } from './log-events.ts'

const PLACE = { dir: '/srv/data', folderName: 'appendonlydir', fileName: 'appendonly.aof' }
/** No seed of a run is negative. */
const ANOTHER_BOOT = -1
const POLICIES: readonly SyncPolicy[] = ['always', 'everysec', 'no']

/** What a run has appended, and how much of it was promised. Sizes are from the very beginning. */
class Ledger {
  bytes = Buffer.alloc(0)
  readonly boundaries = new Set([0])
  /** Promised against a power cut. */
  durable = 0
  /** Acknowledged to clients, so promised against the death of the process at least. */
  acknowledged = 0
  /** All of it, or nothing, must be there. */
  beginning = 0

  add(command: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, command])
    this.boundaries.add(this.bytes.length)
  }

  assertKeeps(loaded: Buffer, promised: number, where: string): void {
    assert.ok(loaded.length >= promised, `${where}: ${promised} promised, ${loaded.length} loaded`)
    assert.ok(this.boundaries.has(loaded.length), `${where}: a command was torn`)
    assert.ok(loaded.equals(this.bytes.subarray(0, loaded.length)), `${where}: not a prefix`)
    const isWhole = loaded.length === 0 || loaded.length >= this.beginning
    assert.ok(isWhole, `${where}: half of what the log begins with`)
  }
}

function randomCommand(random: Seeded): Buffer {
  const set = () => encode('SET', `key:${random.between(1, 9)}`, 'x'.repeat(random.between(0, 90)))
  if (!random.chance(0.2)) return set()
  return Buffer.concat([encode('MULTI'), set(), set(), encode('EXEC')])
}

function open(
  host: SimulatedHost,
  policy: SyncPolicy,
  files: Files,
  ledger?: Ledger,
  loaded: Buffer[] = [],
) {
  const log = AppendLog.open({
    host: { ...host, files },
    place: PLACE,
    policy,
    allowsCutTail: true,
    log: () => {},
    loadSnapshot: skipSnapshot,
    apply: (bytes, start, end) => loaded.push(Buffer.from(bytes.subarray(start, end))),
    beginWith(begun) {
      if (ledger === undefined) return
      for (let i = 0; i < 3; i++) {
        const command = encode('SET', `imported:${i}`, 'y')
        ledger.add(command)
        begun.append(command, 0, command.length)
      }
      ledger.beginning = ledger.bytes.length
    },
  })
  return { log, loaded: () => Buffer.concat(loaded) }
}

interface Run {
  readonly host: SimulatedHost
  readonly policy: SyncPolicy
  readonly ledger: Ledger
  readonly random: Seeded
  readonly hasFailures: boolean
  readonly wrap: (host: SimulatedHost) => Files
}

/** One life of a store, closed properly at its end unless the power fails. */
function live(run: Run, steps: number): void {
  const { host, ledger, random } = run
  const base = ledger.bytes.length
  const { log, loaded } = open(host, run.policy, run.wrap(host), ledger)
  if (base > 0) ledger.assertKeeps(loaded(), base, 'after a proper stop')
  const start = base
  const note = () => {
    ledger.durable = Math.max(ledger.durable, start + log.durableOffset)
    if (log.refusal() === undefined) ledger.acknowledged = start + log.releasedOffset
  }
  log.onDurable(note)
  note()
  let isMoving = false
  for (let step = 0; step < steps; step++) {
    disturb(run)
    for (let i = random.between(0, 3); i > 0 && log.refusal() === undefined; i--) {
      const command = randomCommand(random)
      ledger.add(command)
      log.append(command, 0, command.length)
    }
    log.flush()
    note()
    if (random.chance(0.5)) host.timers.turn()
    if (random.chance(0.3)) host.timers.advance(random.between(0, 1500))
    if (random.chance(0.05) && !isMoving) {
      isMoving = true
      const done = () => {
        isMoving = false
      }
      log.startNewIncrement({ begun: () => {}, done })
    }
    note()
  }
  host.files.heal()
  host.timers.advance(2500)
  let failure: FileError | undefined
  log.stop((error) => {
    failure = error
  })
  host.timers.turn()
  assert.equal(failure, undefined)
  note()
  assert.equal(ledger.durable, ledger.bytes.length, 'a proper stop makes everything stable')
}

function disturb({ host: { files }, random, hasFailures }: Run): void {
  if (!hasFailures || !random.chance(0.3)) return
  files.heal()
  if (random.chance(0.3)) files.fail('sync', 'EIO', random.between(1, 2))
  if (random.chance(0.2)) files.fail('truncate', 'EIO')
  if (random.chance(0.3)) files.capacityBytes = random.between(300, 3000)
  if (random.chance(0.4)) files.writeBytesMax = () => random.between(1, 40)
}

/** The same two lives again, with the power cut at `stopAtStep`. */
function runUntil(
  stopAtStep: number,
  options: { seed: number; policy: SyncPolicy; hasFailures: boolean; wrap?: Run['wrap'] },
): { ledger: Ledger; disk: SimulatedDisk; wasCut: boolean } {
  const host = simulatedHost(options.seed)
  host.files.stopAtStep = stopAtStep
  const wrap = options.wrap ?? (({ files }: SimulatedHost) => files)
  const ledger = new Ledger()
  const random = new Seeded(options.seed)
  const run = { ...options, host, ledger, random, wrap }
  try {
    live(run, 25)
    live(run, 10)
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
    return { ledger, disk: host.files, wasCut: true }
  }
  return { ledger, disk: host.files, wasCut: false }
}

/**
 * What a new start finds. A disk that failed a sync may have lost bytes in the middle of those that
 * nothing was promised of; the start is refused then, and what could be loaded before it counts.
 */
function reopen(disk: SimulatedDisk, policy: SyncPolicy, mayBeDamaged: boolean): Buffer {
  const loaded: Buffer[] = []
  try {
    open(simulatedHost(ANOTHER_BOOT, disk), policy, disk, undefined, loaded)
  } catch (error) {
    if (!mayBeDamaged || !(error instanceof AofError)) throw error
    assert.match(error.message, /Bad file format|not the last file/)
  }
  return Buffer.concat(loaded)
}

/** Cuts at every step. @returns the number of cuts. */
function cutEverywhere(options: Parameters<typeof runUntil>[1], crashes: number): number {
  for (let step = 1; ; step++) {
    const { ledger, disk, wasCut } = runUntil(step, options)
    if (!wasCut) return step - 1
    const where = `policy ${options.policy}, seed ${options.seed}, step ${step}`
    for (let crash = 0; crash < crashes; crash++) {
      const found = disk.crash(new Seeded(options.seed + step * 31 + crash))
      const loaded = reopen(found, options.policy, options.hasFailures)
      ledger.assertKeeps(loaded, ledger.durable, `${where}, crash ${crash}`)
    }
    const alive = reopen(disk.afterKill(), options.policy, false)
    ledger.assertKeeps(alive, ledger.acknowledged, `${where}, killed`)
  }
}

for (const policy of POLICIES) {
  test(`with appendfsync ${policy}, a power cut at any step takes nothing that was promised`, () => {
    const seed = seeded().seed
    const cuts = cutEverywhere({ seed, policy, hasFailures: false }, 4)
    assert.ok(cuts > 40, `only ${cuts} steps`)
  })

  test(`with appendfsync ${policy}, that holds on a disk that fails and fills up too`, () => {
    const first = seeded().seed
    for (let seed = first; seed < first + 4; seed++) {
      cutEverywhere({ seed, policy, hasFailures: true }, 2)
    }
  })
}

test('the checker has teeth: acknowledging before the sync is done is caught', () => {
  const hurried = (_file: OpenFile, host: SimulatedHost) => ({
    syncLater: (done: SyncDone) => host.timers.soon(() => done(undefined)),
  })
  assert.throws(() => cutWith(hurried, false), /promised/)
})

test('the checker has teeth: trusting a second sync after a failed one is caught', () => {
  const stubborn = (file: OpenFile) => ({
    syncLater: (done: SyncDone) =>
      file.syncLater((error) => (error === undefined ? done(error) : file.syncLater(done))),
  })
  assert.throws(() => cutWith(stubborn, true), /promised/)
})

type SyncDone = (error: FileError | undefined) => void

/** Cuts a store that works on files of which some calls are replaced by worse ones. */
function cutWith(
  change: (file: OpenFile, host: SimulatedHost) => Partial<OpenFile>,
  hasFailures: boolean,
): void {
  const wrap = (host: SimulatedHost) =>
    replaced<Files>(host.files, {
      open: (path, mode) => {
        const file = host.files.open(path, mode)
        return replaced(file, change(file, host))
      },
    })
  for (let seed = 1; seed < 6; seed++) {
    cutEverywhere({ seed, policy: 'always', hasFailures, wrap }, 4)
  }
}

function replaced<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
