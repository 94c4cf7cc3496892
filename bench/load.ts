/**
 * Runs redis-benchmark, the load generator that people know, and reads what it prints.
 */
import { spawn } from 'node:child_process'

/** One line of redis-benchmark's `--csv` output. */
export type BenchmarkRow = { readonly test: string; readonly requestsPerSecond: number }

/** Splits one CSV line of quoted fields. redis-benchmark quotes every field and escapes nothing. */
function splitFields(line: string): string[] {
  return line.replace(/^"|"$/g, '').split('","')
}

/**
 * Reads the output of `redis-benchmark --csv`. Releases before 6.2 print no header, and warnings
 * may stand between the lines: only lines in quotes with a rate in the second field are rows.
 */
export function parseBenchmarkCsv(output: string): BenchmarkRow[] {
  return output
    .split(/\r?\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith('"') && line.endsWith('"'))
    .map(splitFields)
    .map((fields) => ({ test: fields[0]!, requestsPerSecond: Number(fields[1]) }))
    .filter((row) => Number.isFinite(row.requestsPerSecond))
}

/** What one run of redis-benchmark is to do. */
export type Load = {
  readonly port: number
  readonly requests: number
  readonly pipeline: number
  /** What to run: `-t set`, or a command of one's own. */
  readonly work: readonly string[]
  /** How many different keys (or members) `__rand_int__` spreads over. */
  readonly spread?: number
}

/** The settings that all runs share, for the report too. */
export const CLIENTS = 50
/** How many keys the load is spread over unless a work says otherwise. */
export const SPREAD = 100_000
/** The size of the values that are written. */
export const VALUE_SIZE = 16

/** No run may take longer; a server that slow has no business in this table. */
const RUN_TIMEOUT_MS = 180_000

/**
 * Runs redis-benchmark to its end and gives its last row: the works that prepare data first (such
 * as LRANGE) print a row for that too.
 * Throws when it fails, as it does when the server replies with an error, or takes too long.
 */
export async function runBenchmark(
  program: string,
  pin: readonly string[],
  load: Load,
): Promise<BenchmarkRow> {
  const argv = [
    ...pin,
    ...[program, '-h', '127.0.0.1', '-p', load.port, '-n', load.requests, '-P', load.pipeline],
    ...['-c', CLIENTS, '-r', load.spread ?? SPREAD, '-d', VALUE_SIZE, '--csv', ...load.work],
  ].map(String)
  const { code, stdout, stderr } = await run(argv)
  const row = parseBenchmarkCsv(stdout).at(-1)
  if (code !== 0 || row === undefined) {
    const last = stderr.trim().split('\n').at(-1) || `it ended with ${code}`
    throw new Error(`redis-benchmark ${load.work.join(' ')}: ${last}`)
  }
  return row
}

/** Runs a program of ours or another's to its end, in bounded time. */
export function run(
  argv: readonly string[],
  timeoutMs: number = RUN_TIMEOUT_MS,
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const timer = setTimeout(() => {
      stderr += `\nstopped after ${timeoutMs} ms`
      child.kill('SIGKILL')
    }, timeoutMs)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? signal ?? -1, stdout, stderr })
    })
  })
}
