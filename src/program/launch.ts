/**
 * The program `holdfast`: chooses by its arguments what to load. That was joined into few files, and V8
 * takes longer to compile those than all else at a start takes. So the build keeps what V8 made of each
 * (its code cache) in a file beside it. Another version of Node refuses that file by itself, and
 * compiles as ever.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import type * as Cli from '../cli/index.ts'
import type * as Program from './program.ts'

/** The joined files; each is one function with the parameters of a CommonJS module. */
const programPath = join(__dirname, 'program.cjs')
const cliPath = join(__dirname, 'cli.cjs')

const TOOLS = ['check', 'dump', 'import', 'restore']

/**
 * Does what the arguments say: the prompt and the tools set the exit status, all else is the server's.
 * @param argv the arguments after the program's name
 * @param options of the server
 */
export async function launch(argv: readonly string[], options: Program.RunOptions): Promise<void> {
  const [command = ''] = argv
  if (command === 'cli') {
    const { processIo, runCli } = load(cliPath) as typeof Cli
    process.exitCode = await runCli(argv.slice(1), processIo())
    return
  }
  const { projectVersion, runServer, runTool, USAGE } = load(programPath) as typeof Program
  if (TOOLS.includes(command)) process.exitCode = await runTool(argv)
  else if (argv.includes('--help') || command === '-h') process.stdout.write(USAGE)
  else if (command === '--version' || command === '-v') {
    process.stdout.write(`holdfast ${projectVersion()}\n`)
  } else await runServer(argv, options)
}

/** Writes the code caches: what V8 compiles until a file is loaded. */
export function keepCode(): void {
  for (const path of [programPath, cliPath]) {
    const script = compile(path, undefined)
    exportsOf(script, path)
    const unfinished = `${codePath(path)}.new`
    writeFileSync(unfinished, script.createCachedData())
    renameSync(unfinished, codePath(path))
  }
}

function load(path: string): object {
  return exportsOf(compile(path, readCode(path)), path)
}

const codePath = (path: string) => `${path}.code`

function compile(path: string, cachedData: Buffer | undefined): Script {
  // A cache is for the settings of V8 that it was made with.
  tuneEngine()
  return new Script(readFileSync(path, 'utf8'), {
    filename: path,
    ...(cachedData && { cachedData }),
  })
}

/**
 * The path of a request is many small functions, and V8's default budget stops inlining them half
 * way. With three times the budget a command is a tenth to a sixth cheaper; with more it hardly is, while the
 * first minute of a busy server goes into compiling, on the core that serves. Code optimised from now on has it.
 */
function tuneEngine(): void {
  setFlagsFromString('--max-inlined-bytecode-size=800')
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000')
  // What lives longer than a turn is in the arena, so a collection of what is young finds a few kilobytes
  // to keep: less than it takes to wake threads for it, and to wait for them where there is one core.
  setFlagsFromString('--no-parallel-scavenge')
}

/** V8 compares no more than the length of the text, so a cache older than the text is not used. */
function readCode(path: string): Buffer | undefined {
  const code = statSync(codePath(path), { throwIfNoEntry: false })
  if (code === undefined || code.mtimeMs < statSync(path).mtimeMs) return undefined
  return readFileSync(codePath(path))
}

type Loader = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  folder: string,
) => void

function exportsOf(script: Script, path: string): object {
  const module = { exports: {} }
  const run = script.runInThisContext() as Loader
  run(module.exports, createRequire(path), module, path, dirname(path))
  return module.exports
}
