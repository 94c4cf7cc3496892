/** Directives about replicas and about the cluster. */
import { INT64_MAX } from '../../bytes/index.ts'
import { Refusal } from '../directive.ts'
import { bool, choice, integer, memory, path, text } from '../kinds.ts'
import { INT32_MAX, UINT64_MAX } from '../numbers.ts'
import { primaryAddress } from '../specials.ts'

const MIB = 2 ** 20
const HOST_NAME_MAX = 256

const port = (traits = {}) => integer(0, [0, 65535], traits)
const count = (initial: number, traits = {}) => integer(initial, [0, INT32_MAX], traits)

/** Primary and replicas. */
export const replication = {
  replicaof: primaryAddress({ alias: 'slaveof', immutable: true }),
  masterauth: text('', { optional: true, sensitive: true }),
  masteruser: text('', { optional: true, sensitive: true }),
  'replica-announced': bool(true),
  'replica-announce-ip': text('', { alias: 'slave-announce-ip', optional: true }),
  'replica-announce-port': port({ alias: 'slave-announce-port' }),
  'replica-priority': count(100, { alias: 'slave-priority' }),
  'replica-read-only': bool(true, { alias: 'slave-read-only' }),
  'replica-serve-stale-data': bool(true, { alias: 'slave-serve-stale-data' }),
  'replica-ignore-maxmemory': bool(true, { alias: 'slave-ignore-maxmemory' }),
  'replica-ignore-disk-write-errors': bool(false),
  'replica-lazy-flush': bool(false, { alias: 'slave-lazy-flush', inert: true }),
  'replica-full-sync-buffer-limit': memory(0, [0, INT64_MAX]),
  'repl-backlog-size': memory(MIB, [1, INT64_MAX], { atLeast: 16 * 1024 }),
  'repl-backlog-ttl': integer(3600, [0, INT64_MAX]),
  'repl-timeout': integer(60, [1, INT32_MAX]),
  'repl-ping-replica-period': integer(10, [1, INT32_MAX], { alias: 'repl-ping-slave-period' }),
  'repl-disable-tcp-nodelay': bool(false),
  'repl-diskless-sync': bool(true),
  'repl-diskless-sync-delay': count(5),
  'repl-diskless-sync-max-replicas': count(0),
  'repl-diskless-load': choice(['disabled', 'on-empty-db', 'swapdb'], 'disabled', {
    deniedWhileLoading: true,
  }),
  'repl-rdb-channel': bool(false, { hidden: true, inert: true }),
  'min-replicas-to-write': count(0, { alias: 'min-slaves-to-write' }),
  'min-replicas-max-lag': count(10, { alias: 'min-slaves-max-lag' }),
  'propagation-error-behavior': choice(['ignore', 'panic', 'panic-on-replicas'], 'ignore', {
    inert: true,
  }),
}

/** Cluster mode. */
export const cluster = {
  'cluster-enabled': bool(false, { immutable: true }),
  'cluster-config-file': path('nodes.conf', { immutable: true }),
  'cluster-port': port({ immutable: true }),
  'cluster-node-timeout': integer(15000, [0, INT64_MAX]),
  'cluster-ping-interval': integer(0, [0, INT64_MAX], { hidden: true }),
  'cluster-require-full-coverage': bool(true),
  'cluster-allow-reads-when-down': bool(false),
  'cluster-allow-pubsubshard-when-down': bool(true),
  'cluster-allow-replica-migration': bool(true),
  'cluster-migration-barrier': count(1),
  'cluster-replica-validity-factor': count(10, { alias: 'cluster-slave-validity-factor' }),
  'cluster-replica-no-failover': bool(false, { alias: 'cluster-slave-no-failover' }),
  'cluster-link-sendbuf-limit': memory(0, [0, UINT64_MAX]),
  'cluster-announce-ip': text('', { optional: true }),
  'cluster-announce-port': port(),
  'cluster-announce-tls-port': port(),
  'cluster-announce-bus-port': port(),
  'cluster-announce-hostname': text('', { optional: true, check: checkHostName }),
  'cluster-announce-human-nodename': text('', { optional: true, check: checkNodeName }),
  'cluster-preferred-endpoint-type': choice(['ip', 'hostname', 'unknown-endpoint'], 'ip'),
}

function checkHostName(value: string): void {
  if (value.length >= HOST_NAME_MAX) {
    throw new Refusal(`Hostnames must be less than ${HOST_NAME_MAX} characters`)
  }
  if (!/^[A-Za-z0-9.-]*$/.test(value)) {
    throw new Refusal('Hostnames may only contain alphanumeric characters, hyphens or dots')
  }
}

function checkNodeName(value: string): void {
  if (/[!#$%&()*+:;<>?@[\]^{|}~]/.test(value)) {
    throw new Refusal('Announced human node name contained invalid character')
  }
}
