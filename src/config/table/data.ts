/** Directives about keys, their encodings, memory, and what is observed of them. */
import { INT64_MAX } from '../../bytes/index.ts'
import { Refusal } from '../directive.ts'
import { bool, choice, integer, memory, text } from '../kinds.ts'
import { INT32_MAX, INT32_MIN, UINT64_MAX } from '../numbers.ts'
import { keyEvents, percentiles } from '../specials.ts'

const MIB = 2 ** 20

/** Databases, the bounds of memory, and what is given up first. */
export const memoryUse = {
  databases: integer(16, [1, INT32_MAX], { immutable: true }),
  maxmemory: memory(0, [0, UINT64_MAX]),
  'maxmemory-policy': choice(
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    'noeviction',
  ),
  'maxmemory-samples': integer(5, [1, 64]),
  'maxmemory-eviction-tenacity': integer(10, [0, 100]),
  'lfu-log-factor': integer(10, [0, INT32_MAX]),
  'lfu-decay-time': integer(1, [0, INT32_MAX]),
  // Expiry is exact, and freeing and rehashing are always sliced, so effort is not for choosing.
  'active-expire-effort': integer(1, [1, 10], { inert: true }),
  activerehashing: bool(true, { inert: true }),
  'lazyfree-lazy-eviction': bool(false, { inert: true }),
  'lazyfree-lazy-expire': bool(false, { inert: true }),
  'lazyfree-lazy-server-del': bool(false, { inert: true }),
  'lazyfree-lazy-user-del': bool(false, { inert: true }),
  'lazyfree-lazy-user-flush': bool(false, { inert: true }),
  activedefrag: bool(false, { inert: true }),
  'active-defrag-cycle-min': integer(1, [1, 99], { inert: true }),
  'active-defrag-cycle-max': integer(25, [1, 99], { inert: true }),
  'active-defrag-threshold-lower': integer(10, [0, 1000], { inert: true }),
  'active-defrag-threshold-upper': integer(100, [0, 1000], { inert: true }),
  'active-defrag-ignore-bytes': memory(100 * MIB, [1, INT64_MAX], { inert: true }),
  'active-defrag-max-scan-fields': integer(1000, [1, INT64_MAX], { inert: true }),
  'jemalloc-bg-thread': bool(true, { inert: true }),
}

/** When small values change to the encoding of large ones. */
export const encodings = {
  'hash-max-listpack-entries': integer(512, [0, INT64_MAX], { alias: 'hash-max-ziplist-entries' }),
  'hash-max-listpack-value': memory(64, [0, INT64_MAX], { alias: 'hash-max-ziplist-value' }),
  'list-max-listpack-size': integer(-2, [INT32_MIN, INT32_MAX], { alias: 'list-max-ziplist-size' }),
  'list-compress-depth': integer(0, [0, INT32_MAX]),
  'set-max-intset-entries': integer(512, [0, INT64_MAX]),
  'set-max-listpack-entries': integer(128, [0, INT64_MAX]),
  'set-max-listpack-value': integer(64, [0, INT64_MAX]),
  'zset-max-listpack-entries': integer(128, [0, INT64_MAX], { alias: 'zset-max-ziplist-entries' }),
  'zset-max-listpack-value': memory(64, [0, INT64_MAX], { alias: 'zset-max-ziplist-value' }),
  'hll-sparse-max-bytes': memory(3000, [0, INT64_MAX]),
  'stream-node-max-bytes': memory(4096, [0, INT64_MAX]),
  'stream-node-max-entries': integer(100, [0, INT64_MAX]),
  'sanitize-dump-payload': choice(['no', 'yes', 'clients'], 'no'),
}

/** What is recorded for those who watch: slow commands, latency, key events. */
export const observation = {
  'notify-keyspace-events': keyEvents(),
  'slowlog-log-slower-than': integer(10000, [-1, INT64_MAX]),
  'slowlog-max-len': integer(128, [0, INT64_MAX]),
  'latency-monitor-threshold': integer(0, [0, INT64_MAX]),
  'latency-tracking': bool(true),
  'latency-tracking-info-percentiles': percentiles([50, 99, 99.9]),
  // Our own: how much a script may make.
  'lua-memory-limit': memory(512 * 1024 * 1024, [0, INT64_MAX]),
  'busy-reply-threshold': integer(5000, [0, INT64_MAX], { alias: 'lua-time-limit' }),
  // Strings are ordered by their bytes, as in the C locale.
  'locale-collate': text('', { inert: true, check: checkLocale }),
}

/**
 * The shape of a locale's name, as `C`, `C.UTF-8` or `de_DE.UTF-8@euro`. Which of them the system has
 * cannot be asked for, and makes no difference here.
 */
function checkLocale(name: string): void {
  if (/^(|(C|POSIX|[a-z]{2,3}_[A-Z]{2})(\.[\w-]+)?(@\w+)?)$/.test(name)) return
  throw new Refusal('Invalid locale name')
}
