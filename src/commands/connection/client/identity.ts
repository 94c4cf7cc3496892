/** CLIENT subcommands about who is connected: ID, INFO, LIST, names. */
import {
  type Args,
  type Call,
  type Client,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../../engine/index.ts'
import type { Services } from '../../services.ts'
import { checkClientName, isVisible } from '../names.ts'
import { clientLine } from './line.ts'
import { clientType, typeOfClient } from './types.ts'

const quick = { complexity: 'O(1)', flags: ['noscript', 'loading', 'stale'] } as const
const tips = ['request_policy:all_nodes', 'response_policy:all_succeeded']

/** The rows about the client's own identity. */
export const identitySubcommands = (services: Services): readonly CommandSpec[] => [
  {
    ...quick,
    name: 'ID',
    syntax: '',
    summary: 'Replies with the number of this connection, which no other ever has.',
    since: '5.0.0',
    arity: 2,
    run({ client, reply }) {
      reply.integer(client.id)
    },
  },
  {
    ...quick,
    name: 'INFO',
    syntax: '',
    summary: 'Replies with a line about this connection.',
    since: '6.2.0',
    arity: 2,
    tips: ['nondeterministic_output'],
    run({ client, reply }, { request }) {
      reply.verbatim('txt', `${clientLine(services, client, request)}\n`)
    },
  },
  {
    ...quick,
    name: 'GETNAME',
    syntax: '',
    summary: 'Replies with the name of this connection.',
    since: '2.6.9',
    arity: 2,
    run({ client, reply }) {
      if (client.name === '') reply.null()
      else reply.latin1(client.name)
    },
  },
  {
    ...quick,
    name: 'SETNAME',
    syntax: 'connection-name',
    summary: 'Names this connection; an empty name takes its name away.',
    since: '2.6.9',
    arity: 3,
    tips,
    run({ client, reply }, args) {
      client.name = checkClientName(args.text())
      reply.ok()
    },
  },
  {
    ...quick,
    name: 'SETINFO',
    syntax: '<LIB-NAME libname | LIB-VER libver>:attr',
    summary: 'Notes which client library is used.',
    since: '7.2.0',
    arity: 4,
    tips,
    run: setInfo,
  },
]

function setInfo({ client, reply }: Call, args: Args): void {
  const attribute = args.text()
  const value = args.text()
  const word = attribute.toLowerCase()
  if (word !== 'lib-name' && word !== 'lib-ver') {
    throw new ReplyError(`ERR Unrecognized option '${attribute}'`)
  }
  if (!isVisible(value)) {
    throw new ReplyError(`ERR ${attribute} cannot contain spaces, newlines or special characters.`)
  }
  if (word === 'lib-name') client.libName = value
  else client.libVersion = value
  reply.ok()
}

/** CLIENT LIST. */
export function listSubcommand(services: Services): CommandSpec {
  return {
    name: 'LIST',
    syntax:
      '[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>:client-type] ' +
      '[ID client-id:integer [client-id ...]]',
    summary: 'Replies with a line about each connection.',
    since: '2.4.0',
    argumentsSince: { 'client-type': '5.0.0', 'client-id': '6.2.0' },
    complexity: 'O(N) with N connections.',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    tips: ['nondeterministic_output'],
    history: [
      ['2.8.12', 'The field `id`.'],
      ['5.0.0', 'The filter `TYPE`.'],
      ['6.0.0', 'The field `user`.'],
      ['6.2.0', 'The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the filter `ID`.'],
      ['7.0.0', 'The fields `resp`, `multi-mem`, `rbs` and `rbp`.'],
      ['7.0.3', 'The field `ssub`.'],
    ],
    run({ client: asking, reply }, args) {
      const all = [...services.engine.clients.values()]
      const { request } = args
      const lines = selected(args, all).map((client) => {
        return `${clientLine(services, client, client === asking ? request : undefined)}\n`
      })
      reply.verbatim('txt', lines.join(''))
    },
  }

  function selected(args: Args, all: readonly Client[]) {
    if (args.left === 0) return all
    if (args.left === 2 && args.take('TYPE')) {
      const type = clientType(args.text())
      return all.filter((client) => typeOfClient(client) === type)
    }
    if (args.left < 2 || !args.take('ID')) throw syntaxError()
    const ids: number[] = []
    while (args.left > 0) ids.push(args.int(() => new ReplyError('ERR Invalid client ID')))
    return ids.flatMap((id) => all.filter((client) => client.id === id))
  }
}
