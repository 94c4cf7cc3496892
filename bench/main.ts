/**
 * `npm run bench`: starts the reference and Holdfast, runs the suites that were asked for, prints
 * a report and keeps it where that was asked for too.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SuiteName } from './bars.ts'
import { type Bench, startAll, stopAll, WITHOUT_AOF } from './bench.ts'
import { infoField } from './client.ts'
import { CLIENTS, SPREAD, VALUE_SIZE } from './load.ts'
import { HELP, type Options, parseOptions } from './options.ts'
import { choosePinning, findProgram, moveTo } from './proc.ts'
import { type Facts, headText, type SuiteResult, suiteText, summaryText } from './report.ts'
import { type Contender, killAll, splitCommand } from './servers.ts'
import { alwaysSuite, aofSuite } from './suites/aof.ts'
import { exchangesSuite } from './suites/exchanges.ts'
import { memorySuite } from './suites/memory.ts'
import { queueSuite } from './suites/queue.ts'
import { readsSuite } from './suites/reads.ts'
import { savingSuite } from './suites/saving.ts'
import { stallSuite } from './suites/stall.ts'
import { startSuite } from './suites/start.ts'
import { stringsSuite } from './suites/strings.ts'

/** The project's folder: this file is built to `dist/bench/`. */
const root = fileURLToPath(new URL('../..', import.meta.url))

const suites: Record<SuiteName, (bench: Bench) => Promise<SuiteResult>> = {
  strings: stringsSuite,
  reads: readsSuite,
  aof: aofSuite,
  always: alwaysSuite,
  memory: memorySuite,
  stall: stallSuite,
  start: startSuite,
  exchanges: exchangesSuite,
  queue: queueSuite,
  saving: savingSuite,
}

const common = ['--port', '{port}', '--bind', '127.0.0.1', '--dir', '{dir}', '--save', '']

function contendersOf(options: Options): Contender[] {
  const ours = [process.execPath, join(root, 'bin', 'holdfast'), ...common]
  const command = options.subject === undefined ? ours : splitCommand(options.subject)
  // Another program's figures must not go by our name, least of all in a kept report.
  const name = options.subject === undefined ? 'Holdfast' : 'Subject'
  const subject = { side: 'subject', name, command } as const
  const program = findProgram(options.reference)
  if (program === undefined) return [subject]
  return [{ side: 'reference', name: 'Redis', command: [program, ...common] }, subject]
}

function benchOf(options: Options): Bench {
  const pinning = choosePinning()
  // It asks how far the server is meanwhile, and would do so on the server's core too.
  moveTo(pinning.load)
  return {
    options,
    pinning,
    contenders: contendersOf(options),
    benchmark: findProgram(options.benchmark),
    place: { pin: pinning.server, baseDir: resolve(options.dir ?? tmpdir()), cwd: root },
    progress: (line) => process.stderr.write(`  ${line}\n`),
  }
}

function commitText(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim()
    const isChanged = git('status', '--porcelain') !== ''
    return ` at ${git('rev-parse', '--short', 'HEAD')}${isChanged ? ', changed since' : ''}`
  } catch {
    return ''
  }
}

/** The versions that the servers themselves report. Starting them once also proves that they run. */
async function versionFacts(bench: Bench): Promise<Facts> {
  const servers = await startAll(bench, WITHOUT_AOF)
  try {
    const facts: [string, string][] = []
    for (const server of servers) {
      const info = await server.client.ask('INFO', 'server').catch(() => null)
      const own = infoField(info, 'holdfast_version')
      const version = `${own ?? `redis ${infoField(info, 'redis_version') ?? 'of unknown version'}`}`
      const isOurs = server.contender.side === 'subject' && bench.options.subject === undefined
      facts.push([server.contender.name, `${version}${isOurs ? commitText() : ''}`])
    }
    return facts
  } finally {
    await stopAll(servers)
  }
}

/** Names the file systems on which an fsync costs little or nothing. */
function fileSystemText(dir: string): string {
  const TMPFS = 0x01021994
  return statfsSync(dir).type === TMPFS ? ' (tmpfs: syncing costs nothing there)' : ''
}

async function gatherFacts(bench: Bench): Promise<Facts> {
  const { options } = bench
  const gib = (totalmem() / 2 ** 30).toFixed(1)
  const model = cpus()[0]?.model.trim() || 'unknown processor'
  const load = loadavg()[0]!.toFixed(2)
  const form = options.isQuick ? 'short form, too noisy to judge a bar by' : 'full length'
  return [
    ['date', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    ['machine', `${model}, ${cpus().length} cores, ${gib} GiB, ${type()} ${release()}`],
    ['cores', `${bench.pinning.text}; load average at the start ${load}`],
    ['node', process.version],
    ...(await versionFacts(bench)),
    ['load', `redis-benchmark -c ${CLIENTS} -r ${SPREAD} -d ${VALUE_SIZE}`],
    ['runs', `${form}, rounds: ${options.rounds}, of ${options.runSeconds} s each, medians`],
    ['data', `fresh folders${fileSystemText(bench.place.baseDir)}`],
    ['ratios', 'Redis ÷ ours, above 1 is ahead; "rounds" is the lowest and highest of any round'],
  ]
}

/** `2025-01-31.md`, or with -2, -3… behind the date when that is taken. */
function freeResultPath(): string {
  const dir = join(root, 'bench', 'results')
  mkdirSync(dir, { recursive: true })
  const date = new Date().toISOString().slice(0, 10)
  for (let n = 1; ; n++) {
    const path = join(dir, `${date}${n === 1 ? '' : `-${n}`}.md`)
    if (!existsSync(path)) return path
  }
}

function keep(options: Options, text: string, facts: Facts, results: SuiteResult[]): void {
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ facts, suites: results }, null, 2)}\n`)
  }
  if (!options.save) return
  const path = freeResultPath()
  writeFileSync(path, text)
  process.stderr.write(`kept as ${path.slice(root.length)}\n`)
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) return void process.stdout.write(HELP)

  const bench = benchOf(options)
  const hasReference = bench.contenders.length === 2
  const names = { reference: 'Redis', subject: bench.contenders.at(-1)!.name }
  if (!hasReference) bench.progress(`no ${options.reference}: ${names.subject} is measured alone`)
  const parts: string[] = []
  const print = (part: string) => {
    parts.push(part)
    process.stdout.write(`${part}\n`)
  }
  const facts = await gatherFacts(bench)
  print(headText(facts))
  const results: SuiteResult[] = []
  for (const name of options.only) {
    const result = await suites[name](bench)
    results.push(result)
    print(suiteText(result, names))
  }
  print(summaryText(results))
  keep(options, parts.join('\n') + '\n', facts, results)
}

process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

main().catch((error: Error) => {
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 1
})
