/** CLIENT KILL, in its old form with an address and its new form with filters. */
import {
  type Args,
  type Client,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../../engine/index.ts'
import type { Services } from '../../services.ts'
import { clientType, typeOfClient } from './types.ts'

type Filter = (client: Client) => boolean

interface KillRequest {
  readonly filters: Filter[]
  sparesSelf: boolean
}

/** The row of CLIENT KILL. */
export function killSubcommand(services: Services): CommandSpec {
  return {
    name: 'KILL',
    syntax:
      '<old-format(ip:port) | <[ID client-id:integer] | [TYPE <NORMAL | MASTER | SLAVE | ' +
      'REPLICA | PUBSUB>:client-type] | [USER username] | [ADDR addr(ip:port)] | ' +
      '[LADDR laddr(ip:port)] | [SKIPME <YES | NO>:skipme] | [MAXAGE maxage:integer] ' +
      '...>:new-format>:filter',
    summary: 'Ends connections, by address or by filters.',
    since: '2.4.0',
    argumentsSince: {
      'filter/new-format/client-id': '2.8.12',
      'filter/new-format/client-type': '2.8.12',
      'filter/new-format/client-type/master': '3.2.0',
      'filter/new-format/client-type/replica': '5.0.0',
      'filter/new-format/laddr': '6.2.0',
      'filter/new-format/maxage': '7.4.0',
    },
    argumentsDeprecated: { 'filter/old-format': '2.8.12' },
    complexity: 'O(N) with N connections.',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    history: [
      ['2.8.12', 'The form with filters.'],
      ['2.8.12', 'The filter `ID`.'],
      ['3.2.0', 'The type `master`.'],
      ['5.0.0', 'The type `replica`, for which `slave` is an older word.'],
      ['6.2.0', 'The filter `LADDR`.'],
      ['7.4.0', 'The filter `MAXAGE`.'],
    ],
    run({ client, keyspace, reply }, args) {
      const isOldForm = args.left === 1
      const request = isOldForm ? byAddress(args) : byFilters(args, keyspace.nowMs)
      const { filters, sparesSelf } = request
      const hit = [...services.engine.clients.values()].filter(
        (each) => !(sparesSelf && each === client) && filters.every((filter) => filter(each)),
      )
      for (const each of hit) end(each, client)
      if (!isOldForm) reply.integer(hit.length)
      else if (hit.length === 0) throw new ReplyError('ERR No such client')
      else reply.ok()
    },
  }

  function end(target: Client, self: Client): void {
    if (target === self) {
      services.engine.close(target, 'flushed')
      return
    }
    services.engine.close(target, 'now')
    // It is gone for everyone from here on, though the operating system tells us later.
    services.engine.disconnect(target)
  }
}

function byAddress(args: Args): KillRequest {
  const address = args.text()
  return { filters: [(client) => client.origin.address === address], sparesSelf: false }
}

function byFilters(args: Args, nowMs: number): KillRequest {
  const request: KillRequest = { filters: [], sparesSelf: true }
  while (args.left > 0) {
    const option = args.word()
    if (args.left === 0) throw syntaxError()
    if (option === 'SKIPME') request.sparesSelf = readYesOrNo(args)
    else request.filters.push(readFilter(option, args, nowMs))
  }
  return request
}

function readFilter(option: string, args: Args, nowMs: number): Filter {
  switch (option) {
    case 'ID': {
      const id = readPositive(
        args,
        'client-id should be greater than 0',
        'client-id should be greater than 0',
      )
      return (client) => client.id === id
    }
    case 'MAXAGE': {
      const seconds = readPositive(
        args,
        'maxage is not an integer or out of range',
        'maxage should be greater than 0',
      )
      return ({ createdMs }) => Math.floor(nowMs / 1000) - Math.floor(createdMs / 1000) >= seconds
    }
    case 'TYPE': {
      const type = clientType(args.text())
      return (client) => typeOfClient(client) === type
    }
    case 'ADDR': {
      const address = args.text()
      return ({ origin }) => origin.address === address
    }
    case 'LADDR': {
      const address = args.text()
      return ({ origin }) => origin.localAddress === address
    }
    case 'USER': {
      const user = args.text()
      if (user !== 'default') throw new ReplyError(`ERR No such user '${user}'`)
      return (client) => client.user === user
    }
    default:
      throw syntaxError()
  }
}

function readPositive(args: Args, noInteger: string, notPositive: string): number {
  const value = args.int(() => new ReplyError(`ERR ${noInteger}`))
  if (value <= 0) throw new ReplyError(`ERR ${notPositive}`)
  return value
}

function readYesOrNo(args: Args): boolean {
  if (args.take('YES')) return true
  if (args.take('NO')) return false
  throw syntaxError()
}
