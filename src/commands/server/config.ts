/** CONFIG: the settings, while the store runs. */
import { ConfigSetError, configSetFailure, isSensitive } from '../../config/index.ts'
import {
  type Args,
  type Call,
  type Client,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { FileError, systemText } from '../../host/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import { isLocal } from '../local-client.ts'
import type { Services } from '../services.ts'

const admin = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const
const tips = ['request_policy:all_nodes', 'response_policy:all_succeeded']
const perParameter = 'O(N) with N parameters.'

const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  port: 'Unable to listen on this port. Check server logs.',
  bind: 'Failed to bind to specified addresses.',
}

/** The row of CONFIG with its subcommands. */
export function configCommand(services: Services): CommandSpec {
  return {
    name: 'CONFIG',
    syntax: '',
    summary: 'Commands about the settings.',
    since: '2.0.0',
    complexity: 'That of the subcommand.',
    arity: -2,
    flags: [],
    subcommands: [getSubcommand(services), setSubcommand(services), ...upkeep(services)],
  }
}

function getSubcommand({ config }: Services): CommandSpec {
  return {
    ...admin,
    name: 'GET',
    syntax: 'parameter [parameter ...]',
    summary: 'Replies with the settings of these names or patterns.',
    since: '2.0.0',
    complexity: perParameter,
    arity: -3,
    history: [['7.0.0', 'Several patterns at once.']],
    run({ reply }, args) {
      const patterns: string[] = []
      while (args.left > 0) patterns.push(args.text())
      const found = config.get(patterns)
      reply.map(found.length)
      for (const [name, value] of found) {
        reply.latin1(name)
        reply.latin1(value)
      }
    },
  }
}

function setSubcommand(services: Services): CommandSpec {
  return {
    ...admin,
    name: 'SET',
    syntax: 'parameter value [parameter value ...]:data',
    summary: 'Changes settings, all of them or none.',
    since: '2.0.0',
    complexity: perParameter,
    arity: -4,
    history: [['7.0.0', 'Several parameters at once.']],
    tips,
    secrets(args) {
      const secrets: number[] = []
      while (args.left > 1) {
        if (isSensitive(args.text())) secrets.push(args.at)
        args.at++
      }
      return secrets
    },
    run(call, args) {
      const pairs = readPairs(args)
      const { port, bind } = services.config.values
      const undo = setAll(services, call.client, pairs)
      const { values } = services.config
      if (values.port === port && values.bind.join(' ') === bind.join(' ')) call.reply.ok()
      else listenAnew(services, call, pairs, undo)
    },
  }
}

/** @returns what takes all of it back. */
function setAll(services: Services, client: Client, pairs: readonly [string, string][]) {
  const { isLoading } = services.engine.admission.state
  try {
    return services.config.set(pairs, { local: isLocal(client), loading: isLoading })
  } catch (error) {
    if (!(error instanceof ConfigSetError)) throw error
    throw new ReplyError(`${error.code} ${error.message}`)
  }
}

/** Answers when the new places are listened on. When they cannot be, nothing at all was set. */
function listenAnew(
  services: Services,
  { command, reply }: Call,
  pairs: readonly [string, string][],
  undo: () => void,
): void {
  const { execution } = services.engine
  let isGood: boolean | undefined
  services.listenAnew((outcome) => {
    isGood = outcome
  })
  const goOn = () => {
    if (isGood === undefined) execution.suspend(goOn)
    else if (isGood) reply.ok()
    else {
      undo()
      const name = pairs
        .map(([each]) => each.toLowerCase())
        .find((each) => each in LISTEN_FAILURES)!
      command.stats.failed++
      execution.answerError(`ERR ${configSetFailure(name, LISTEN_FAILURES[name]!).message}`)
    }
  }
  goOn()
}

function upkeep(services: Services): readonly CommandSpec[] {
  return [
    {
      ...admin,
      name: 'RESETSTAT',
      syntax: '',
      summary: 'Sets the counters of INFO to zero.',
      since: '2.0.0',
      complexity: 'O(1)',
      arity: 2,
      tips,
      run({ keyspace, reply }) {
        services.engine.resetStats()
        services.scripting.cache.evicted = 0
        services.resetPersistenceFigures()
        keyspace.resetStats()
        reply.ok()
      },
    },
    {
      ...admin,
      name: 'REWRITE',
      syntax: '',
      summary: 'Writes the settings into the configuration file that was read at the start.',
      since: '2.8.0',
      complexity: 'O(1)',
      arity: 2,
      tips,
      run({ reply }) {
        rewriteFile(services)
        reply.ok()
      },
    },
    {
      name: 'HELP',
      syntax: '',
      summary: 'Replies with what the subcommands do.',
      since: '5.0.0',
      complexity: 'O(1)',
      arity: 2,
      flags: ['loading', 'stale'],
      run: replyDerivedHelp,
    },
  ]
}

function readPairs(args: Args): [string, string][] {
  if (args.left % 2 !== 0) throw syntaxError()
  const pairs: [string, string][] = []
  while (args.left > 0) pairs.push([args.text(), args.text()])
  return pairs
}

/** Writes the settings into the file that was read; with `isComplete` also those that have their default. */
export function rewriteFile(services: Services, isComplete = false): void {
  const { identity, config, readFile, writeFile } = services
  const path = identity.configFile
  if (path === '') throw new ReplyError('ERR The server is running without a config file')
  try {
    writeFile(path, config.rewrite(textOf(path, readFile), { isComplete }))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new ReplyError(`ERR Rewriting config file: ${systemText(error.code)}`)
  }
}

/** A file that was removed meanwhile is written anew. */
function textOf(path: string, readFile: Services['readFile']): string {
  try {
    return readFile(path)
  } catch (error) {
    if (error instanceof FileError && error.code === 'ENOENT') return ''
    throw error
  }
}
