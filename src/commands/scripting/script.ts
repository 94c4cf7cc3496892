/** SCRIPT: the scripts that are known, and the one that takes too long. */
import { type CommandSpec, ReplyError } from '../../engine/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import type { Services } from '../services.ts'

const NO_SCRIPT = 'NOSCRIPT No matching script. Please use EVAL.'

/** The row of SCRIPT with its subcommands. */
export function scriptCommand(services: Services): CommandSpec {
  return {
    name: 'SCRIPT',
    syntax: '',
    summary: 'Commands about the scripts that are known.',
    since: '2.6.0',
    complexity: 'That of the subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      debug,
      exists(services),
      flush(services),
      {
        name: 'HELP',
        syntax: '',
        summary: 'Replies with what the subcommands do.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        run: (call) => replyDerivedHelp(call),
      },
      kill(services),
      load(services),
      show(services),
    ],
  }
}

const debug: CommandSpec = {
  name: 'DEBUG',
  syntax: '<YES | SYNC | NO>:mode',
  summary: 'Would have scripts debugged, which this server cannot; NO is accepted.',
  since: '3.2.0',
  complexity: 'O(1)',
  arity: 3,
  flags: ['noscript'],
  run({ reply }, args) {
    const mode = args.word()
    if (mode === 'NO') {
      reply.ok()
      return
    }
    const isKnown = mode === 'YES' || mode === 'SYNC'
    throw new ReplyError(
      isKnown
        ? 'ERR Scripts cannot be debugged on this server'
        : 'ERR Use SCRIPT DEBUG YES/SYNC/NO',
    )
  },
}

function exists(services: Services): CommandSpec {
  return {
    name: 'EXISTS',
    syntax: 'sha1:string [sha1:string ...]',
    summary: 'Replies for each SHA-1 whether its script is known.',
    since: '2.6.0',
    complexity: 'O(N) with N scripts asked for.',
    arity: -3,
    flags: ['noscript'],
    tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
    run({ reply }, args) {
      reply.array(args.left)
      while (args.left > 0) {
        reply.integer(services.scripting.cache.get(args.text()) === undefined ? 0 : 1)
      }
    },
  }
}

function flush(services: Services): CommandSpec {
  return {
    name: 'FLUSH',
    syntax: '[ASYNC | SYNC]:flush-type',
    summary: 'Forgets all scripts.',
    since: '2.6.0',
    argumentsSince: { 'flush-type': '6.2.0' },
    complexity: 'O(N) with N scripts.',
    arity: -2,
    flags: ['noscript'],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    history: [['6.2.0', 'The modes `ASYNC` and `SYNC`.']],
    run({ reply }, args) {
      const isKnown = args.left === 0 || args.take('SYNC') || args.take('ASYNC')
      if (!isKnown || args.left > 0) {
        throw new ReplyError('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
      }
      services.scripting.flushScripts()
      reply.ok()
    },
  }
}

function kill(services: Services): CommandSpec {
  return {
    name: 'KILL',
    syntax: '',
    summary: 'Ends the script that takes too long, if it has not written.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
    run({ reply }) {
      services.scripting.runner.kill('eval')
      reply.ok()
    },
  }
}

function load(services: Services): CommandSpec {
  return {
    name: 'LOAD',
    syntax: 'script:string',
    summary: 'Makes a script known without running it, and replies with its SHA-1.',
    since: '2.6.0',
    complexity: 'O(N) with N bytes of text.',
    arity: 3,
    flags: ['noscript', 'stale'],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    run({ reply }, args) {
      reply.latin1(services.scripting.load(args.text()))
    },
  }
}

function show(services: Services): CommandSpec {
  return {
    name: 'SHOW',
    syntax: 'sha1:string',
    summary: 'Replies with the text of a script that is known.',
    since: '8.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['noscript'],
    run({ reply }, args) {
      const script = services.scripting.cache.get(args.text())
      if (script === undefined) throw new ReplyError(NO_SCRIPT)
      reply.latin1(script.body)
    },
  }
}
