/**
 * One case: a payload for RESTORE or a snapshot for loading, damaged by its seed. It must be refused as
 * such, or make values that work; without much time, memory, or a trace of what was refused.
 */
import assert from 'node:assert/strict'
import { withFooter } from '../../src/rdb/index.ts'
import { type Reply, replyText } from '../../src/resp/reply.ts'
import { judgeValue } from '../support/rdb-judge.ts'
import { dataOf, type World } from '../support/world.ts'
import { mutate } from './mutate.ts'
import { drawSubject, randomOf, type Subject } from './subjects.ts'
import { newWorld } from './worlds.ts'

/** What came of a case. */
export interface CaseOutcome {
  readonly name: string
  readonly sizeBytes: number
  readonly isAccepted: boolean
  /** Processor time of reading it. */
  readonly readMs: number
  readonly violation: string | undefined
  /** What was read, where there was a violation. */
  readonly bytes: Buffer | undefined
}

/** Where cases are tried out. One serves many, as nothing is left behind. */
export interface Bench {
  readonly world: World
  restore(payload: Uint8Array): Reply
  restoreLibraries(payload: Uint8Array): Reply
  load(file: Uint8Array): Reply
}

/** Reading may take so long, and so much longer for each byte. */
const READ_MS_MAX = 1000
const READ_MS_PER_BYTE = 1 / 5000
/** And so much memory. Compressed bytes stand for up to 88, members of a set for some dozens. */
const ARENA_BYTES_MAX = 2 ** 20
const ARENA_FACTOR_MAX = 120
/** What is larger is not read through element by element. */
const JUDGED_BYTES_MAX = 20_000
const FILE = '/data/dump.rdb'
const SETTINGS = ['--appendonly', 'no', '--save', '', '--enable-debug-command', 'yes']
const REFUSALS = [
  /^ERR Bad data format$/,
  /^ERR DUMP payload version or checksum are wrong$/,
  /^ERR Error trying to load the RDB dump, check server logs\.$/,
]

const LIBRARY_REFUSAL =
  /^ERR (DUMP payload|given type is not|Pre-GA function|failed loading|Error compiling function|Error registering functions|Missing library|Invalid \S+ |Library name|No functions registered|Engine '|Function names|Function \S+ already|Unknown|.*already exists)/
/** A version and a checksum. */
const EMPTY_DUMP_BYTES = 10

/** A fresh place. */
export function newBench(): Bench {
  const world = newWorld({ directives: SETTINGS })
  return {
    world,
    restore: (payload) => world.ask('RESTORE', 'k', '0', payload)!,
    restoreLibraries: (payload) => world.ask('FUNCTION', 'RESTORE', payload)!,
    load(file) {
      world.host.files.put(FILE, file)
      return world.ask('DEBUG', 'RELOAD', 'NOSAVE')!
    },
  }
}

/** Tries the case of a seed. A bench where one went wrong is not to be used again. */
export function runCase(seed: number, bench: Bench): CaseOutcome {
  const random = randomOf(seed)
  const { subject, other } = drawSubject(random)
  const bytes = mutate(subject.bytes, random, other)
  const facts = { name: subject.name, sizeBytes: bytes.length }
  let isAccepted = false
  let readMs = 0
  try {
    const began = process.cpuUsage()
    const reply = read(subject, bytes, bench)
    const { user, system } = process.cpuUsage(began)
    readMs = (user + system) / 1000
    isAccepted = reply.kind !== 'error'
    if (subject.kind === 'libraries') judgeLibraries(bench.world, reply)
    else judge(bench.world, subject, bytes, reply)
    const readMsMax = READ_MS_MAX + bytes.length * READ_MS_PER_BYTE
    assert.ok(readMs < readMsMax, `reading took ${readMs} ms`)
    return { ...facts, isAccepted, readMs, violation: undefined, bytes: undefined }
  } catch (error) {
    const violation = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { ...facts, isAccepted, readMs, violation, bytes }
  }
}

function read(subject: Subject, bytes: Buffer, bench: Bench): Reply {
  if (subject.kind === 'file') return bench.load(bytes)
  const payload = withFooter([bytes], subject.version)
  return subject.kind === 'payload' ? bench.restore(payload) : bench.restoreLibraries(payload)
}

function judge(world: World, subject: Subject, bytes: Buffer, reply: Reply): void {
  const { keyspace } = world.store
  const { arena } = keyspace
  const arenaBytesMax = ARENA_BYTES_MAX + bytes.length * ARENA_FACTOR_MAX
  assert.ok(arena.usedBytes < arenaBytesMax, `${arena.usedBytes} bytes are in use`)
  keyspace.check()
  if (reply.kind === 'error') {
    const text = replyText(reply)!
    assert.ok(
      REFUSALS.some((refusal) => refusal.test(text)),
      text,
    )
    assert.equal(keyspace.count, 0, 'nothing is kept of what is refused')
    if (subject.kind === 'file')
      assert.match(world.lines.at(-1)!, /Cannot load "\S+": .+ at byte \d+/)
  } else if (bytes.length <= JUDGED_BYTES_MAX) {
    if (subject.kind === 'payload') judgeValue(world)
    else judgeData(world)
    keyspace.check()
  }
  world.lines.length = 0
  world.ask('FLUSHALL')
  for (let i = 0; i < 1000 && arena.usedBytes > 0; i++) world.wait(1)
  assert.equal(arena.usedBytes, 0, 'all memory is given back')
}

/** All libraries of a payload are there, and the same when they are dumped and restored, or none is. */
function judgeLibraries(world: World, reply: Reply): void {
  const dumped = world.ask('FUNCTION', 'DUMP')
  assert.equal(dumped?.kind, 'bulk')
  assert.equal(world.store.keyspace.count, 0, 'nothing runs that could write')
  if (reply.kind === 'error') {
    assert.match(replyText(reply)!, LIBRARY_REFUSAL)
    assert.equal(dumped.bytes.length, EMPTY_DUMP_BYTES, 'nothing is kept of what is refused')
  }
  assert.equal(replyText(world.ask('FUNCTION', 'RESTORE', dumped.bytes, 'FLUSH')!), 'OK')
  assert.deepEqual(world.ask('FUNCTION', 'DUMP'), dumped)
  world.ask('FUNCTION', 'FLUSH')
}

/** What was loaded is the same when it was saved and loaded again. */
function judgeData(world: World): void {
  const data = dataOf(world.store)
  assert.equal(replyText(world.ask('DEBUG', 'RELOAD')!), 'OK')
  assert.deepEqual(dataOf(world.store), data)
}
