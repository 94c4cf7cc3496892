/** From the command line to the mode that it asks for. */
import { readFileSync } from 'node:fs'
import { ConnectionError } from './connection.ts'
import { type CliIo, Exit, write } from './io.ts'
import { runBigKeys } from './modes/big-keys.ts'
import { runEval } from './modes/eval.ts'
import { runIntrinsicLatency } from './modes/intrinsic-latency.ts'
import { runLatency } from './modes/latency.ts'
import { runLatencyDist } from './modes/latency-dist.ts'
import { runOneShot } from './modes/one-shot.ts'
import { runPipe } from './modes/pipe.ts'
import { runScan } from './modes/scan.ts'
import { runStat } from './modes/stat.ts'
import { type CliOptions, parseOptions, UsageError } from './options.ts'
import { askPassword } from './prompt.ts'
import { Repl } from './repl.ts'
import { ReplyFormatError } from './reply.ts'
import { Session } from './session.ts'
import { USAGE } from './usage.ts'

/** The status of a program that wrote to a reader that had gone, as shells count it. */
const BROKEN_PIPE_STATUS = 141

/**
 * Runs the tool.
 * @param argv the words behind `holdfast cli`.
 * @returns the exit status, when all is done and nothing keeps the process alive any more.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  // These stay behind the end: what was written last may fail after it.
  const giveUp = (): void => io.exit(BROKEN_PIPE_STATUS)
  io.stdout.on('error', giveUp)
  io.stderr.on('error', giveUp)
  let session: Session | undefined
  try {
    const options = parseOptions(argv, io.stdout.isTTY === true)
    session = new Session(io, options)
    return await runMode(session)
  } catch (error) {
    if (error instanceof Exit) return error.status
    const told = messageOf(error)
    if (told === undefined) throw error
    await write(io.stderr, `${told}\n`)
    return 1
  } finally {
    session?.close()
    io.stdin.pause()
  }
}

/** What to tell of an error that is the world's fault and not ours. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message
  const isLink = error instanceof ConnectionError || error instanceof ReplyFormatError
  return isLink ? `Error: ${error.message}` : undefined
}

async function runMode(session: Session): Promise<number> {
  const { io, options } = session
  if (options.mode === 'help') {
    await write(io.stdout, USAGE)
    return 0
  }
  if (options.mode === 'version') {
    await write(io.stdout, `holdfast cli ${version()}\n`)
    return 0
  }
  await settlePassword(io, options)
  if (options.wantsCluster) {
    await write(io.stderr, 'Cluster mode (-c) is not there yet: redirections are not followed.\n')
  }
  switch (options.mode) {
    case 'pipe':
      return await runPipe(session)
    case 'stat':
      return await runStat(session)
    case 'latency':
      return await runLatency(session, false)
    case 'latencyHistory':
      return await runLatency(session, true)
    case 'latencyDist':
      return await runLatencyDist(session)
    case 'scan':
      return await runScan(session)
    case 'bigKeys':
      return await runBigKeys(session, false)
    case 'memKeys':
      return await runBigKeys(session, true)
    case 'intrinsicLatency':
      return await runIntrinsicLatency(session)
    case 'eval':
      return await runEval(session)
    case undefined:
      return options.command.length > 0 ? await runOneShot(session) : await new Repl(session).run()
  }
}

async function settlePassword(io: CliIo, options: CliOptions): Promise<void> {
  if (options.password !== undefined && options.warnsOfPassword) {
    await write(
      io.stderr,
      "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
    )
  }
  if (options.asksPassword) options.password = await askPassword(io, 'Please input password: ')
  else options.password ??= io.env.REDISCLI_AUTH
}

/** The version in the package's own description, found from the sources or from the build. */
function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8')
      return String((JSON.parse(text) as { version?: string }).version)
    } catch {
      // The other place, then.
    }
  }
  return 'unknown'
}
