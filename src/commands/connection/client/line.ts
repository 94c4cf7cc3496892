/** The line that CLIENT LIST and CLIENT INFO give of a client. */
import type { Client } from '../../../engine/index.ts'
import type { TrackingState } from '../../../pubsub/index.ts'
import type { Request } from '../../../resp/index.ts'
import type { Services } from '../../services.ts'

/**
 * One client, as `name=value` separated by blanks, without a line end. `request` is the one that it has
 * asked with, if it is the client that asks.
 */
export function clientLine(
  { engine, keyspace, pubsub, tracking }: Services,
  client: Client,
  request: Request | undefined,
): string {
  const { nowMs } = keyspace
  const seconds = (sinceMs: number) => Math.floor(nowMs / 1000) - Math.floor(sinceMs / 1000)
  const { origin, outlet, pending, transaction } = client
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', client.id],
    ['addr', origin.address],
    ['laddr', origin.localAddress],
    ['fd', origin.fileDescriptor],
    ['name', client.name],
    ['age', seconds(client.createdMs)],
    ['idle', seconds(client.lastUsedMs)],
    ['flags', flagsOf(client, tracking.stateOf(client))],
    ['db', client.db.index],
    ['sub', pubsub.countOf(client, 'channel')],
    ['psub', pubsub.countOf(client, 'pattern')],
    ['ssub', pubsub.countOf(client, 'shard')],
    ['multi', transaction?.count ?? -1],
    ['watch', client.watchCount],
    ['qbuf', request === undefined ? (pending?.size ?? 0) : request.end - request.start],
    ['qbuf-free', pending === undefined ? 0 : pending.bytes.length - pending.size],
    ['argv-mem', request === undefined ? 0 : argumentBytes(request)],
    ['multi-mem', transaction?.argumentBytes ?? 0],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', outlet.pendingBytes > 0 ? 1 : 0],
    ['omem', outlet.pendingBytes],
    ['tot-mem', engine.clientMemory.sizeOf(client)],
    ['events', outlet.pendingBytes > 0 ? 'rw' : 'r'],
    ['cmd', client.lastCommand?.fullName ?? 'NULL'],
    ['user', client.user],
    ['redir', tracking.stateOf(client)?.redirectTo ?? -1],
    ['resp', client.isResp3 ? 3 : 2],
    ['lib-name', client.libName],
    ['lib-ver', client.libVersion],
    ['io-thread', 0],
    ['tot-net-in', client.receivedBytes],
    ['tot-net-out', client.sentBytes],
    ['tot-cmds', client.commandCount],
  ]
  return fields.map(([name, value]) => `${name}=${value}`).join(' ')
}

function argumentBytes({ starts, ends, count }: Request): number {
  let size = 0
  for (let i = 0; i < count; i++) size += ends[i]! - starts[i]!
  return size
}

function flagsOf(client: Client, tracking: TrackingState | undefined): string {
  const flags: readonly (readonly [boolean, string])[] = [
    [client.isMonitor, 'O'],
    [client.isSubscriber, 'P'],
    [client.transaction !== undefined, 'x'],
    [client.isBlocked, 'b'],
    [tracking !== undefined, 't'],
    [tracking?.isRedirectBroken === true, 'R'],
    [tracking?.isBroadcast === true, 'B'],
    [client.isWatchSpoilt, 'd'],
    [client.isClosing, 'c'],
    [client.origin.isUnixSocket, 'U'],
    [client.isNoEvict, 'e'],
    [client.isNoTouch, 'T'],
  ]
  const text = flags.map(([isSet, letter]) => (isSet ? letter : '')).join('')
  return text === '' ? 'N' : text
}
