/** The tool as a process of its own whose reader goes away, as `head -1` does. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { program } from '../../test/support/paths.ts'
import { type Script, ScriptedServer } from './test-world.ts'

/** A server that is never done: SCAN goes on for ever. */
const endless: Script = ([name]) => {
  switch (name) {
    case 'SCAN':
      return '*2\r\n$1\r\n7\r\n*1\r\n$3\r\nkey\r\n'
    case 'TYPE':
      return '+string\r\n'
    case 'STRLEN':
    case 'DBSIZE':
      return ':1\r\n'
    case 'INFO':
      return '$4\r\ninfo\r\n'
    default:
      return '+PONG\r\n'
  }
}

/** The modes, each writing without end once its reader has gone, and what it reads meanwhile. */
const MODES: readonly (readonly [argv: readonly string[], input: string])[] = [
  [[], 'PING\n'],
  [['-r', '-1', 'PING'], ''],
  [['--stat', '-i', '0.01'], ''],
  [['--scan'], ''],
  [['--latency', '--no-raw'], ''],
  [['--latency-history', '-i', '0.01'], ''],
  [['--bigkeys'], ''],
]

test('every mode ends at once and without a word when its reader goes away', async () => {
  const server = await ScriptedServer.start(endless)
  try {
    for (const [argv, input] of MODES) {
      const child = spawn(process.execPath, [program, 'cli', '-p', server.port, ...argv])
      feed(child, input)
      await once(child.stdout!, 'data')
      child.stdout!.destroy()
      await endsAsBroken(child, argv.join(' '))
    }
  } finally {
    await server.stop()
  }
})

test('--pipe, and a single command, end so when nobody ever read', async () => {
  const server = await ScriptedServer.start(endless)
  try {
    for (const argv of [['--pipe'], ['PING'], ['--help']]) {
      const child = spawn(process.execPath, [program, 'cli', '-p', server.port, ...argv])
      child.stdout!.destroy()
      child.stdin!.end()
      await endsAsBroken(child, argv.join(' '))
    }
  } finally {
    await server.stop()
  }
})

/** Gives a child the same text for as long as it takes it, and leaves its input open. */
function feed(child: ChildProcess, text: string): void {
  child.stdin!.on('error', () => {})
  if (text === '') return
  Readable.from(forEver(text.repeat(100))).pipe(child.stdin!)
}

function* forEver(text: string): Generator<string> {
  while (true) yield text
}

/** A tool that goes on must fail its test and not hang it. */
const PATIENCE_MS = 20_000

async function endsAsBroken(child: ChildProcess, name: string): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  let told = ''
  child.stderr!.on('data', (chunk) => {
    told += String(chunk)
  })
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  assert.deepEqual({ code, told }, { code: 141, told: '' }, name)
}
