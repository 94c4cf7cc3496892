/** Directives about addresses, connections and clients. */
import { INT64_MAX } from '../../bytes/index.ts'
import { bool, choice, integer, memory, memoryOrPercent, octal, path, text } from '../kinds.ts'
import { INT32_MAX, UINT32_MAX } from '../numbers.ts'
import { addresses, outputLimits } from '../specials.ts'

const MIB = 2 ** 20

/** Where connections come from, and their bounds. */
export const network = {
  bind: addresses(['*', '-::*']),
  'bind-source-addr': text('', { optional: true }),
  port: integer(6379, [0, 65535]),
  'tcp-backlog': integer(511, [0, INT32_MAX], { immutable: true }),
  'tcp-keepalive': integer(300, [0, INT32_MAX]),
  timeout: integer(0, [0, INT32_MAX]),
  unixsocket: path('', { optional: true, immutable: true }),
  unixsocketperm: octal(0, 0o777, { immutable: true }),
  'socket-mark-id': integer(0, [0, UINT32_MAX], { immutable: true, inert: true }),
  'protected-mode': bool(true),
  maxclients: integer(10000, [1, UINT32_MAX]),
  'maxmemory-clients': memoryOrPercent(0),
  'max-new-connections-per-cycle': integer(10, [1, 1000], { inert: true }),
  'max-new-tls-connections-per-cycle': integer(1, [1, 1000], { inert: true }),
  'client-output-buffer-limit': outputLimits(),
  'client-query-buffer-limit': memory(1024 * MIB, [MIB, INT64_MAX]),
  'proto-max-bulk-len': memory(512 * MIB, [MIB, INT64_MAX]),
  'tracking-table-max-keys': integer(1_000_000, [0, INT64_MAX]),
  requirepass: text('', { optional: true, sensitive: true }),
  aclfile: path('', { immutable: true }),
  'acl-pubsub-default': choice(['allchannels', 'resetchannels'], 'resetchannels'),
  'acllog-max-len': integer(128, [0, INT64_MAX]),
}

const tlsFile = { optional: true, volatile: true } as const
const tlsSecret = { optional: true, sensitive: true } as const

/** Encrypted connections. */
export const tls = {
  'tls-port': integer(0, [0, 65535]),
  'tls-cert-file': path('', tlsFile),
  'tls-key-file': path('', tlsFile),
  'tls-key-file-pass': text('', tlsSecret),
  'tls-client-cert-file': path('', tlsFile),
  'tls-client-key-file': path('', tlsFile),
  'tls-client-key-file-pass': text('', tlsSecret),
  'tls-dh-params-file': path('', tlsFile),
  'tls-ca-cert-file': path('', tlsFile),
  'tls-ca-cert-dir': path('', tlsFile),
  'tls-auth-clients': choice(['no', 'yes', 'optional'], 'yes'),
  'tls-replication': bool(false),
  'tls-cluster': bool(false),
  'tls-protocols': text('', { optional: true }),
  'tls-ciphers': text('', { optional: true }),
  'tls-ciphersuites': text('', { optional: true }),
  'tls-prefer-server-ciphers': bool(false),
  'tls-session-caching': bool(true),
  'tls-session-cache-size': integer(20 * 1024, [0, INT32_MAX]),
  'tls-session-cache-timeout': integer(300, [0, INT32_MAX]),
}
