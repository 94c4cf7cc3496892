/**
 * Servers as processes of their own, on a free loopback port with an empty folder: our program, or
 * the reference where it is installed. Each is ended by its process id.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { program } from './paths.ts'

/** A server that accepts connections. */
export interface Server {
  readonly port: number
  readonly pid: number
  readonly folder: string
  /** What it has said so far, standard output and error together. */
  output(): string
  /** Sends a signal and waits until the process is gone. @returns its exit status. */
  end(signal?: NodeJS.Signals): Promise<number | null>
  /** Waits until it has ended by itself. @returns its exit status. */
  exited(): Promise<number | null>
  /** Ends it if it still runs, and removes its folder. */
  stop(): Promise<void>
}

/** What a server is started with. */
export interface StartOptions {
  readonly directives?: readonly string[]
  /** A folder of an earlier server; a fresh one otherwise. The one who made it removes it. */
  readonly folder?: string
  /** A configuration file, which comes before the directives. */
  readonly file?: string
  /** Configuration for standard input, for a server that is told to read it. */
  readonly input?: string
}

const READY = 'Ready to accept connections'
const START_TIMEOUT_MS = 20_000

/** The reference to compare with: `REFERENCE_SERVER` names another than the one in the path. */
export const reference = process.env.REFERENCE_SERVER || 'redis-server'

/** The version of the reference as numbers, or `undefined` where it is missing. */
export const referenceVersion = versionOf(reference)

/** For the `skip` of a test that needs the reference. */
export const needsReference =
  referenceVersion === undefined ? `${reference} is not installed` : false

/** Whether the reference is there and of this version or a later one. */
export function isReferenceSince(major: number, minor: number): boolean {
  const [itsMajor = 0, itsMinor = 0] = referenceVersion ?? []
  return itsMajor > major || (itsMajor === major && itsMinor >= minor)
}

/** For the `skip` of a test that needs a program which comes with the reference. */
export function needsProgram(name: string): string | false {
  return spawnSync(name, ['--version'], { timeout: 10_000 }).error === undefined
    ? false
    : `${name} is not installed`
}

function versionOf(command: string): number[] | undefined {
  const { status, stdout } = spawnSync(command, ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  const version = status === 0 ? /v=(\d+(?:\.\d+)*)/.exec(stdout)?.[1] : undefined
  // A build between versions calls itself 255. Those that are told apart here know what 8.0 brought,
  // but for commands that one may ask for.
  return version?.startsWith('255.') ? [8, 0, 0] : version?.split('.').map(Number)
}

/** An empty folder of its own. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-test-'))
}

/** Removes a folder that `freshFolder` made. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  const closed = once(probe, 'close')
  probe.close()
  await closed
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Starts our program. Throws with what it said when it does not become ready. */
export function startHoldfast(options: StartOptions = {}): Promise<Server> {
  return start(process.execPath, [program], options)
}

/** Ends a server when a test is over, however that goes. @returns the server. */
export async function endAfter(t: TestContext, starting: Promise<Server>): Promise<Server> {
  const server = await starting
  t.after(() => server.stop())
  return server
}

/** Starts our program and waits for nothing. @returns what ends it at once. */
export async function startToKill(options: StartOptions): Promise<() => Promise<unknown>> {
  const places = ['--port', String(await freePort()), '--bind', '127.0.0.1']
  const folder = ['--dir', options.folder ?? '']
  const args = [program, ...places, ...folder, ...(options.directives ?? [])]
  const child = spawn(process.execPath, args, { stdio: 'ignore', cwd: options.folder })
  return () => end(child, 'SIGKILL')
}

/** Starts the reference, without snapshots. */
export function startReference(options: StartOptions = {}): Promise<Server> {
  return start(reference, [], {
    ...options,
    directives: ['--save', '', ...(options.directives ?? [])],
  })
}

/** What a program did that ran to its end. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How a program is run to its end. */
export interface RunOptions {
  readonly input?: string
  readonly cwd?: string
  /** For whom it runs, where that is another user. */
  readonly uid?: number
  readonly gid?: number
}

/** Runs a program to its end, for at most as long as a test may wait. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const { input, ...where } = options
  const child = spawn(command, args, { ...where, timeout: START_TIMEOUT_MS * 2 })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stdout, stderr }
}

/** Runs our program to its end. */
export function runHoldfast(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runToEnd(process.execPath, [program, ...args], options)
}

async function start(command: string, first: string[], options: StartOptions): Promise<Server> {
  const folder = options.folder ?? freshFolder()
  const port = await freePort()
  const places = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const file = options.file === undefined ? [] : [options.file]
  const args = [...first, ...file, ...places, ...(options.directives ?? [])]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: folder })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const said = collect(child)
  const server: Server = {
    port,
    pid: child.pid ?? -1,
    folder,
    output: () => said.text,
    end: (signal = 'SIGTERM') => end(child, signal),
    exited: () => end(child, undefined),
    stop: async () => {
      await end(child, 'SIGKILL')
      if (options.folder === undefined) removeFolder(folder)
    },
  }
  try {
    await said.ready
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

function collect(child: ChildProcess): { text: string; ready: Promise<void> } {
  const said = { text: '', ready: Promise.resolve() }
  said.ready = new Promise((done, refuse) => {
    const timer = setTimeout(() => refuse(new Error(`not ready: ${said.text}`)), START_TIMEOUT_MS)
    const finish = (call: () => void) => {
      clearTimeout(timer)
      call()
    }
    const take = (chunk: Buffer) => {
      said.text += chunk.toString('latin1')
      if (said.text.includes(READY)) finish(done)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.on('error', (error) => finish(() => refuse(error)))
    child.on('close', () => finish(() => refuse(new Error(`it ended: ${said.text}`))))
  })
  return said
}

async function end(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    if (signal !== undefined) child.kill(signal)
    await ended
  }
  return child.exitCode
}
