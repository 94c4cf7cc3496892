/**
 * Runs every transcript: in process with effects and a restart, over a socket in both protocols, and
 * against the reference where it is installed. One test a file and a way of running it.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import { replyText } from '../src/resp/reply.ts'
import { Link } from './support/link.ts'
import { filesBelow, root } from './support/paths.ts'
import { runInProcess, runOverSocket } from './support/run-transcript.ts'
import {
  needsReference,
  referenceVersion,
  type Server,
  startHoldfast,
  startReference,
} from './support/servers.ts'
import { type Block, type CommandStep, parseTranscript } from './support/transcript.ts'

const FOLDER = 'test/transcripts'
/** Real time is spent on no longer wait than this: such blocks run in process alone. */
const REAL_WAIT_MS_MAX = 2500
/** A block that waits may be unlucky on a busy machine. */
const TIMED_TRIES = 3

const transcripts = filesBelow(FOLDER, '.txt').map((path) => ({
  name: path.slice(FOLDER.length + 1, -'.txt'.length),
  path,
  blocks: blocksOf(path),
}))

function blocksOf(path: string): Block[] {
  try {
    return parseTranscript(readFileSync(join(root, path), 'utf8'))
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`)
  }
}

let ours: Server
let theirs: Server | undefined
/** Commands that we have and the reference has not. */
let unknownThere: ReadonlySet<string> = new Set()

before(async () => {
  ours = await startHoldfast({ directives: ['--appendonly', 'yes', '--appendfsync', 'no'] })
  if (needsReference) return
  theirs = await startReference()
  const known = await commandsOf(theirs)
  unknownThere = new Set([...(await commandsOf(ours))].filter((name) => !known.has(name)))
})

async function commandsOf({ port }: Server): Promise<Set<string>> {
  const link = await Link.open(port)
  const list = await link.ask('COMMAND', 'LIST')
  link.close()
  assert.equal(list.kind, 'array')
  return new Set(list.items.map((name) => replyText(name)!))
}

after(async () => {
  await ours?.stop()
  await theirs?.stop()
})

const waitOf = (block: Block) =>
  block.steps.reduce((sum, step) => sum + (step.kind === 'wait' ? step.ms : 0), 0)

/** Whether a block's replies hold in a protocol and its waits can be waited for. */
const fits = (block: Block, protocol: 2 | 3) =>
  (block.protocol ?? protocol) === protocol && waitOf(block) <= REAL_WAIT_MS_MAX

/** Whether the reference is new enough for a block. */
function isKnown(block: Block): boolean {
  const isMissing = ({ argv }: CommandStep) =>
    argv[0] !== undefined && unknownThere.has(latin1(argv[0]).toLowerCase())
  if (block.steps.some((step) => step.kind === 'command' && isMissing(step))) return false
  const version = referenceVersion ?? []
  for (let at = 0; at < block.since.length; at++) {
    const difference = (version[at] ?? 0) - block.since[at]!
    if (difference !== 0) return difference > 0
  }
  return true
}

/** Commands that are answered without ellipses: their replies must be equal in full. */
const exactSteps = (block: Block) =>
  block.steps
    .filter((step) => step.kind === 'command')
    .map((step) => !step.reply.some((line) => line.includes('…')))

/** What a block throws is one difference more: the other blocks are looked at too. */
function runSafely(block: Block): string[] {
  try {
    return runInProcess(block)
  } catch (error) {
    return [`line ${block.line}: ${(error as Error).stack}`]
  }
}

function report(path: string, found: readonly string[]): void {
  if (found.length > 0) assert.fail(`${path}\n${found.join('\n')}`)
}

async function runTimed(block: Block, port: number, protocol: 2 | 3) {
  const tries = waitOf(block) > 0 ? TIMED_TRIES : 1
  for (let n = 1; ; n++) {
    const run = await runOverSocket(block, port, protocol)
    if (run.differences.length === 0 || n >= tries) return run
  }
}

test('there are transcripts', () => {
  assert.ok(transcripts.length > 0)
})

for (const { name, path, blocks } of transcripts) {
  test(`${name} in process`, () => {
    report(path, blocks.flatMap(runSafely))
  })

  for (const protocol of [2, 3] as const) {
    test(`${name} over RESP${protocol}`, async () => {
      const found: string[] = []
      for (const block of blocks.filter((block) => fits(block, protocol))) {
        const run = await runTimed(block, ours.port, protocol)
        found.push(...run.differences)
      }
      report(path, found)
    })
  }

  test(`${name} against the reference`, { skip: needsReference }, async () => {
    const found: string[] = []
    for (const protocol of [2, 3] as const) {
      for (const block of blocks.filter((block) => fits(block, protocol) && isKnown(block))) {
        found.push(...(await compare(block, protocol)))
      }
    }
    report(path, found)
  })
}

/** What the transcript says must be what the reference says, and both servers the same in full. */
async function compare(block: Block, protocol: 2 | 3): Promise<string[]> {
  const reference = await runTimed(block, theirs!.port, protocol)
  const found = reference.differences.map((text) => `the reference, RESP${protocol}, ${text}`)
  const holdfast = await runTimed(block, ours.port, protocol)
  if (found.length > 0 || holdfast.differences.length > 0) return found
  exactSteps(block).forEach((isExact, at) => {
    if (isExact && reference.drawn[at] !== holdfast.drawn[at]) {
      found.push(
        `line ${block.line}, command ${at + 1}, RESP${protocol}: the reference answers\n` +
          `${reference.drawn[at]}and we answer\n${holdfast.drawn[at]}`,
      )
    }
  })
  return found
}
