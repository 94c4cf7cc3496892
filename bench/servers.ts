/**
 * Starting and ending the two servers. Each runs on a free loopback port with a fresh folder, on
 * its own core where that can be arranged, and is ended by its process id when its turn is over.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, infoField } from './client.ts'

/** One of the two that are compared. */
export type Contender = {
  readonly side: 'reference' | 'subject'
  /** As the tables name it. */
  readonly name: string
  /** The command line, with `{port}` and `{dir}` where those go. */
  readonly command: readonly string[]
}

/** A server that answers. */
export type Server = {
  readonly contender: Contender
  readonly port: number
  readonly pid: number
  readonly client: Client
  /** Its data folder, which `stop` removes. */
  readonly dir: string
  /** Milliseconds from its start to the first PING answered. */
  readonly pingMs: number
  /** Milliseconds from its start to its line `Ready to accept connections`, when it printed one. */
  readonly readyMs: number | undefined
  /** Ends the process, waits until it is gone, and removes its folder. */
  stop(): Promise<void>
}

/** Loading millions of keys is part of it. */
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 15_000
const LOG_SIZE_MAX = 4_000

/** Servers that have not been stopped, so that an interrupted benchmark leaves none behind. */
const running = new Map<ChildProcess, string>()

/** Kills what is still running; for the exit of the benchmark itself. */
export function killAll(): void {
  for (const [child, dir] of running) {
    child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
  running.clear()
}

/** Splits a command line at spaces; single and double quotes keep spaces and empty arguments. */
export function splitCommand(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, a, b) => a ?? b))
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Where and how servers run, the same for both sides. */
export type Place = {
  readonly pin: readonly string[]
  readonly baseDir: string
  readonly cwd: string
}

/**
 * Starts a contender with more directives behind its own, and returns when it answers PING.
 * Its data folder begins as a copy of `files`, or empty.
 * Throws with the end of its output when it exits or stays silent.
 */
export async function startServer(
  contender: Contender,
  directives: readonly string[],
  place: Place,
  files?: string,
): Promise<Server> {
  const port = await freePort()
  const dir = mkdtempSync(join(place.baseDir, 'holdfast-bench-'))
  const fill = (arg: string) => arg.replaceAll('{port}', String(port)).replaceAll('{dir}', dir)
  const argv = [...place.pin, ...contender.command.map(fill), ...directives]
  if (files !== undefined) cpSync(files, dir, { recursive: true })
  const startedAt = performance.now()
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: place.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.set(child, dir)
  const watch = watchOutput(child, startedAt)
  try {
    const client = await connectWhenUp(port, watch)
    const pingMs = performance.now() - startedAt
    await checkProcess(client, child)
    return {
      contender,
      port,
      pid: child.pid!,
      client,
      dir,
      pingMs,
      get readyMs() {
        return watch.readyMs
      },
      stop: () => stopServer(child, client, dir),
    }
  } catch (error) {
    await stopServer(child, undefined, dir)
    const output = watch.log.trim() || 'nothing'
    throw new Error(
      `${contender.name} did not start: ${(error as Error).message}; it said: ${output}`,
    )
  }
}

type Watch = { log: string; readyMs: number | undefined; exited: string | undefined }

/** Drains a server's output, keeps its end, and notes when it said that it is ready. */
function watchOutput(child: ChildProcess, startedAt: number): Watch {
  const watch: Watch = { log: '', readyMs: undefined, exited: undefined }
  const take = (chunk: Buffer) => {
    watch.log = (watch.log + chunk.toString('utf8')).slice(-LOG_SIZE_MAX)
    if (watch.readyMs === undefined && watch.log.includes('Ready to accept connections')) {
      watch.readyMs = performance.now() - startedAt
    }
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  child.on('error', (error) => {
    watch.exited = error.message
  })
  child.on('exit', (code, signal) => {
    watch.exited = `it ended with ${signal ?? code}`
  })
  return watch
}

async function connectWhenUp(port: number, watch: Watch): Promise<Client> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (watch.exited !== undefined) throw new Error(watch.exited)
    const client = await Client.open(port).catch(() => undefined)
    // A server that is still loading answers PING with an error: it is asked again.
    const pong = await client?.ask('PING').catch(() => undefined)
    if (client !== undefined && pong === 'PONG') return client
    client?.close()
    await pause(1)
  }
  throw new Error(`no answer to PING within ${START_TIMEOUT_MS} ms`)
}

/** CPU and memory are read by process id, so a wrapper around the server would measure nothing. */
async function checkProcess(client: Client, child: ChildProcess): Promise<void> {
  const info = await client.ask('INFO', 'server').catch(() => null)
  const pid = infoField(info, 'process_id')
  if (pid !== undefined && Number(pid) !== child.pid) {
    throw new Error(`the command started process ${child.pid}, but the server is process ${pid}`)
  }
}

async function stopServer(
  child: ChildProcess,
  client: Client | undefined,
  dir: string,
): Promise<void> {
  client?.close()
  const isGone = () => child.exitCode !== null || child.signalCode !== null || !child.pid
  if (!isGone()) {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(kill)
  }
  running.delete(child)
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}

/** Which of these commands a server does not know, by its own COMMAND INFO. */
export async function missingCommands(server: Server, names: readonly string[]): Promise<string[]> {
  const rows = await server.client.ask('COMMAND', 'INFO', ...names).catch(() => null)
  if (!Array.isArray(rows)) return []
  return names.filter((_, at) => rows[at] === null)
}
