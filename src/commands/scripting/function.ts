/** FUNCTION: libraries of functions, and the function that takes too long. */
import { globMatches } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, ReplyError } from '../../engine/index.ts'
import { type Library, SCRIPT_FLAGS, type ScriptFunction } from '../../scripting/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import type { Services } from '../services.ts'
import { wrongShape } from '../wrong-shape.ts'
import { functionDump, functionRestore } from './function-dump.ts'

/** So few functions are freed at once, whatever FUNCTION FLUSH is told, as in the reference. */
const LAZY_FUNCTIONS_MIN = 64

/** The row of FUNCTION with its subcommands. */
export function functionCommand(services: Services): CommandSpec {
  return {
    name: 'FUNCTION',
    syntax: '',
    summary: 'Commands about libraries of functions.',
    since: '7.0.0',
    complexity: 'That of the subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      remove(services),
      functionDump(services),
      flush(services),
      {
        name: 'HELP',
        syntax: '',
        summary: 'Replies with what the subcommands do.',
        since: '7.0.0',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        run: (call) => replyDerivedHelp(call),
      },
      kill(services),
      list(services),
      load(services),
      functionRestore(services),
      stats(services),
    ],
  }
}

function remove(services: Services): CommandSpec {
  return {
    name: 'DELETE',
    syntax: 'library-name:string',
    summary: 'Removes a library.',
    since: '7.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['noscript', 'write'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ keyspace, reply }, args) {
      if (services.scripting.knownLibraries?.delete(args.text()) !== true) {
        throw new ReplyError('ERR Library not found')
      }
      keyspace.dirty++
      reply.ok()
    },
  }
}

function flush(services: Services): CommandSpec {
  return {
    name: 'FLUSH',
    syntax: '[ASYNC | SYNC]:flush-type',
    summary: 'Removes all libraries.',
    since: '7.0.0',
    complexity: 'O(N) with N functions.',
    arity: -2,
    flags: ['noscript', 'write'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ keyspace, reply }, args) {
      if (args.left > 1) throw wrongShape(args, 'FUNCTION')
      const isAsync = args.take('ASYNC')
      if (args.left === 1 && !args.take('SYNC')) {
        throw new ReplyError('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')
      }
      const { functions } = services.scripting.figures
      services.scripting.flushFunctions()
      // The engine counts as one, as in the reference.
      if (isAsync && functions > LAZY_FUNCTIONS_MIN) keyspace.lazyFree.countCollected(functions + 1)
      keyspace.dirty++
      reply.ok()
    },
  }
}

function kill(services: Services): CommandSpec {
  return {
    name: 'KILL',
    syntax: '',
    summary: 'Ends the function that takes too long, if it has not written.',
    since: '7.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
    run({ reply }) {
      services.scripting.runner.kill('function')
      reply.ok()
    },
  }
}

function load(services: Services): CommandSpec {
  return {
    name: 'LOAD',
    syntax: '[REPLACE] function-code:string',
    summary: 'Loads a library, and replies with its name.',
    since: '7.0.0',
    complexity: 'O(1)',
    arity: -3,
    flags: ['noscript', 'write', 'denyoom'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ client, keyspace, reply }, args) {
      let isReplacing = false
      while (args.left > 1) {
        if (args.take('REPLACE')) isReplacing = true
        else throw new ReplyError(`ERR Unknown option given: ${args.text()}`)
      }
      if (args.left === 0) throw new ReplyError('ERR Function code is missing')
      const { libraries } = services.scripting
      // What comes from a log took its time before.
      const name = libraries.load(args.text(), { isReplacing, isTrusted: client.id === 0 })
      keyspace.dirty++
      reply.latin1(name)
    },
  }
}

function list(services: Services): CommandSpec {
  return {
    name: 'LIST',
    syntax: '[LIBRARYNAME library-name-pattern:string] [WITHCODE]',
    summary: 'Replies with the libraries and their functions.',
    since: '7.0.0',
    complexity: 'O(N) with N functions.',
    arity: -2,
    flags: ['noscript'],
    tips: ['nondeterministic_output_order'],
    run(call, args) {
      const { pattern, withCode } = readList(args)
      const all = services.scripting.knownLibraries?.all ?? []
      const shown = all.filter(({ name }) => {
        if (pattern === undefined) return true
        const text = Buffer.from(name, 'latin1')
        return globMatches(pattern, 0, pattern.length, text, 0, text.length, true)
      })
      call.reply.array(shown.length)
      for (const library of shown) replyLibrary(call, library, withCode)
    },
  }
}

function readList(args: Args): { pattern: Uint8Array | undefined; withCode: boolean } {
  let pattern: Uint8Array | undefined
  let withCode = false
  while (args.left > 0) {
    if (!withCode && args.take('WITHCODE')) withCode = true
    else if (pattern === undefined && args.take('LIBRARYNAME')) {
      if (args.left === 0) throw new ReplyError('ERR library name argument was not given')
      pattern = args.next().copyOf()
    } else throw new ReplyError(`ERR Unknown argument ${args.text()}`)
  }
  return { pattern, withCode }
}

function replyLibrary({ reply }: Call, library: Library, withCode: boolean): void {
  reply.map(withCode ? 4 : 3)
  reply.latin1('library_name')
  reply.latin1(library.name)
  reply.latin1('engine')
  reply.latin1('LUA')
  reply.latin1('functions')
  reply.array(library.functions.size)
  for (const each of library.functions.values()) replyFunction(reply, each)
  if (!withCode) return
  reply.latin1('library_code')
  reply.latin1(library.code)
}

function replyFunction(reply: Call['reply'], { name, description, flags }: ScriptFunction): void {
  reply.map(3)
  reply.latin1('name')
  reply.latin1(name)
  reply.latin1('description')
  if (description === undefined) reply.null()
  else reply.latin1(description)
  reply.latin1('flags')
  reply.set(flags.size)
  for (const flag of SCRIPT_FLAGS) {
    if (flags.has(flag)) reply.simple(flag)
  }
}

function stats(services: Services): CommandSpec {
  return {
    name: 'STATS',
    syntax: '',
    summary: 'Replies with the function that takes too long, and how many there are.',
    since: '7.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    run({ reply }) {
      const { runner, knownLibraries } = services.scripting
      const { busy } = services.engine.admission.state
      if (runner.busyKind === 'eval') throw new ReplyError(busy ?? '')
      reply.map(2)
      reply.latin1('running_script')
      const running = runner.running()
      if (running === undefined) reply.null()
      else {
        reply.map(3)
        reply.latin1('name')
        reply.latin1(running.name)
        reply.latin1('command')
        reply.array(running.argv.length)
        for (const argument of running.argv) reply.bulk(argument)
        reply.latin1('duration_ms')
        reply.integer(running.durationMs)
      }
      reply.latin1('engines')
      reply.map(1)
      reply.latin1('LUA')
      reply.map(2)
      reply.latin1('libraries_count')
      reply.integer(knownLibraries?.count ?? 0)
      reply.latin1('functions_count')
      reply.integer(knownLibraries?.functionCount ?? 0)
    },
  }
}
