/**
 * Runs the blocks of a transcript: in a world of its own, or against a server over its socket.
 * Each returns what was not as written, one text a difference.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { latin1, quoteArg } from '../../src/bytes/index.ts'
import { drawReply } from '../../src/cli/draw.ts'
import type { Reply } from '../../src/resp/reply.ts'
import { ReplyReader } from '../../src/resp/reply-reader.ts'
import { flatten } from './flatten.ts'
import { encode, Link } from './link.ts'
import {
  type Block,
  type CommandStep,
  effectMatches,
  FIRST_CLIENT,
  repliesMatch,
} from './transcript.ts'
import { dataOf, type Guest, World } from './world.ts'

/** Commands that may wait for a key. */
const BLOCKING = /^(B|XREAD)/i
const BLOCK_MS_MAX = 5000

const STYLE = { output: 'standard', elementDelimiter: '\n', replyDelimiter: '\n' } as const

/** Draws a reply as the prompt does. */
export const draw = (reply: Reply): string => drawReply(reply, STYLE)

/** Runs a block in this process, with its effects, and compares its data after a restart. */
export function runInProcess(block: Block): string[] {
  const world = new World()
  const effects = listenToEffects(world)
  const guests = new Map<string, Guest>()
  const unread = new Map<Guest, Reply[]>()
  const found: string[] = []
  for (const step of block.steps) {
    if (step.kind === 'wait') {
      world.wait(step.ms)
      continue
    }
    const guest = guests.get(step.client) ?? beginInProcess(world, block)
    guests.set(step.client, guest)
    effects.take()
    if (step.argv.length > 0) guest.send(encode(step.argv))
    const replies = [...(unread.get(guest) ?? []), ...guest.take()]
    // One at a time, as over a socket: a command may get several, and messages come unasked.
    const read = step.reply.length === 0 ? [] : replies.splice(0, 1)
    unread.set(guest, replies)
    found.push(...differences(step, drawn(block, read)))
    found.push(...effectDifferences(step, effects.take()))
  }
  found.push(...leftOver(block, guests, unread))
  world.store.keyspace.check()
  found.push(...replayDifferences(block, world))
  return found
}

/** What clients got that the block does not say. */
function leftOver(
  { line }: Block,
  guests: ReadonlyMap<string, Guest>,
  unread: ReadonlyMap<Guest, readonly Reply[]>,
): string[] {
  return [...guests].flatMap(([name, guest]) =>
    [...(unread.get(guest) ?? []), ...guest.take()].map(
      (reply) => `line ${line}: client ${name} also gets:\n${draw(reply)}`,
    ),
  )
}

function beginInProcess(world: World, block: Block): Guest {
  const guest = world.connect()
  if (block.protocol === 3) {
    guest.send(encode(['HELLO', '3']))
    guest.take()
  }
  return guest
}

/** The commands that reach the log, as their arguments. */
function listenToEffects(world: World): { take(): Uint8Array[][] } {
  const { effects } = world.store.engine
  const reader = new ReplyReader()
  const log = effects.sink
  effects.sink = {
    append(bytes, start, end) {
      reader.push(bytes.subarray(start, end))
      log?.append(bytes, start, end)
    },
  }
  const argvOf = (reply: Reply) =>
    reply.kind === 'array' ? reply.items.map((item) => ('bytes' in item ? item.bytes : EMPTY)) : []
  return {
    take: () => {
      const all: Uint8Array[][] = []
      for (let reply = reader.next(); reply; reply = reader.next()) all.push(argvOf(reply))
      // Which database the reader of the log stands in follows from the others.
      return all.filter((argv) => argv[0] === undefined || latin1(argv[0]) !== 'SELECT')
    },
  }
}

const EMPTY = new Uint8Array(0)

function effectDifferences(step: CommandStep, effects: readonly Uint8Array[][]): string[] {
  const expected = step.effects
  if (expected === undefined) return []
  const isSame =
    expected.length === effects.length &&
    expected.every((line, at) => effectMatches(line, effects[at]!))
  if (isSame) return []
  const shown = effects.map((argv) => argv.map(wordText).join(' '))
  return [differenceText(step, 'effects', expected.join('\n'), shown.join('\n'))]
}

function wordText(word: Uint8Array): string {
  const text = latin1(word)
  return /^[!#-&(-~]+$/.test(text) ? text : quoteArg(word)
}

function replayDifferences(block: Block, world: World): string[] {
  const before = dataOf(world.store)
  world.close()
  const again = world.reopened()
  const after = dataOf(again.store)
  again.close()
  if (before.join('\n') === after.join('\n')) return []
  const lost = before.filter((line) => !after.includes(line))
  const new_ = after.filter((line) => !before.includes(line))
  const shown = [...lost.map((line) => `lost ${line}`), ...new_.map((line) => `new ${line}`)]
  return [`line ${block.line}: after a replay of the log: ${shown.join('; ')}`]
}

/** What one block answered over a socket, by step, as it came. */
export interface SocketRun {
  readonly differences: string[]
  /** The replies of all commands, drawn in full, for comparing two servers. */
  readonly drawn: string[]
}

/** Runs a block against a server, which loses its data first. */
export async function runOverSocket(
  block: Block,
  port: number,
  protocol: 2 | 3,
): Promise<SocketRun> {
  const links = new Map<string, Link>()
  const found: string[] = []
  const all: string[] = []
  try {
    const first = await openLink(port, protocol)
    links.set(FIRST_CLIENT, first)
    await first.ask('FLUSHALL')
    for (const step of block.steps) {
      if (step.kind === 'wait') {
        await pause(step.ms)
        continue
      }
      const link = links.get(step.client) ?? (await openLink(port, protocol))
      links.set(step.client, link)
      await sendStep(link, step, port)
      const replies = step.reply.length === 0 ? [] : [await link.reply()]
      all.push(replies.map(draw).join(''))
      found.push(...differences(step, drawn(block, replies)))
    }
  } catch (error) {
    found.push(`line ${block.line}: ${(error as Error).message}`)
  } finally {
    for (const link of links.values()) link.close()
  }
  return { differences: found, drawn: all }
}

/** Sends a command, if there is one. One that blocks is waited for until it does. */
async function sendStep(link: Link, step: CommandStep, port: number): Promise<void> {
  if (step.argv.length === 0) return
  const isWaiting = step.reply.length === 0 && BLOCKING.test(latin1(step.argv[0]!))
  const id = isWaiting ? await link.ask('CLIENT', 'ID') : undefined
  link.send(encode(step.argv))
  if (id?.kind === 'integer') await untilBlocked(port, String(id.value))
}

/** Waits until a connection waits for a key. */
async function untilBlocked(port: number, id: string): Promise<void> {
  const control = await Link.open(port)
  try {
    for (const until = Date.now() + BLOCK_MS_MAX; Date.now() < until; ) {
      const line = await control.text('CLIENT', 'LIST', 'ID', id)
      if (line !== undefined && / flags=\w*b/.test(line)) return
    }
  } finally {
    control.close()
  }
  throw new Error('the command did not block')
}

async function openLink(port: number, protocol: 2 | 3): Promise<Link> {
  const link = await Link.open(port)
  if (protocol === 3) await link.ask('HELLO', '3')
  return link
}

function drawn(block: Block, replies: readonly Reply[]): string {
  return replies.map((reply) => draw(block.protocol === 3 ? reply : flatten(reply))).join('')
}

function differences(step: CommandStep, shown: string): string[] {
  if (repliesMatch(step.reply, shown)) return []
  return [differenceText(step, 'reply', step.reply.join('\n'), shown.trimEnd())]
}

function differenceText(step: CommandStep, what: string, expected: string, actual: string): string {
  const indented = (text: string) => (text === '' ? 'nothing' : text.replaceAll('\n', '\n      '))
  return (
    `line ${step.line}: > ${step.text}\n` +
    `    ${what} as written:\n      ${indented(expected)}\n    but it is:\n      ${indented(actual)}`
  )
}
