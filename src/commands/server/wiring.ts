/** Settings that act on the engine and the keyspace: applied at the start, and when they change. */
import type { ConfigValues } from '../../config/index.ts'
import type { EncodingLimits } from '../../values/index.ts'
import type { Services } from '../services.ts'

/** What the reference says where its allocator cannot tell what is fragmented; nor does the arena move blocks. */
const NO_DEFRAG =
  'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified ' +
  'Jemalloc like the one shipped by default with the Redis source distribution'

/** Applies the settings now and from here on. Called once, when the store is built. */
export function wireConfig(services: Services): void {
  const { config } = services
  const apply = (values: ConfigValues) => {
    applyToEngine(services, values)
    applyToKeyspace(services, values)
    applyToMeter(services, values)
    return undefined
  }
  config.onChange(
    [
      'maxmemory',
      'maxmemory-policy',
      'maxmemory-clients',
      'maxmemory-samples',
      'maxmemory-eviction-tenacity',
      'lfu-decay-time',
      'lfu-log-factor',
      'requirepass',
      'min-replicas-to-write',
      'min-replicas-max-lag',
      'proto-max-bulk-len',
      'client-query-buffer-limit',
      'hash-max-listpack-entries',
      'hash-max-listpack-value',
      'list-max-listpack-size',
      'list-compress-depth',
      'set-max-intset-entries',
      'set-max-listpack-entries',
      'set-max-listpack-value',
      'zset-max-listpack-entries',
      'zset-max-listpack-value',
      'hll-sparse-max-bytes',
      'stream-node-max-bytes',
      'stream-node-max-entries',
      'slowlog-log-slower-than',
      'slowlog-max-len',
      'latency-monitor-threshold',
      'latency-tracking',
    ],
    apply,
  )
  config.onChange('activedefrag', ({ activedefrag }) => (activedefrag ? NO_DEFRAG : undefined))
  config.onChange('tls-port', () => 'it cannot be changed while the server runs')
  apply(config.values)
}

function applyToEngine({ engine }: Services, values: ConfigValues): void {
  engine.limits.bulkBytesMax = values.protoMaxBulkLen
  engine.limits.queryBytesMax = values.clientQueryBufferLimit
  engine.eviction.configure({
    policy: values.maxmemoryPolicy,
    samples: values.maxmemorySamples,
    tenacity: values.maxmemoryEvictionTenacity,
  })
  engine.admission.update({
    maxmemoryBytes: values.maxmemory,
    isPasswordSet: values.requirepass !== '',
    // Nobody follows yet.
    lacksReplicas: values.minReplicasToWrite > 0 && values.minReplicasMaxLag > 0,
  })
  const { maxmemory, maxmemoryClients } = values
  // A share in percent is written as a negative number, and is of no limit where there is none.
  const share = Math.floor((maxmemory * -maxmemoryClients) / 100)
  engine.clientMemory.configure(maxmemory > 0, maxmemoryClients < 0 ? share : maxmemoryClients)
  engine.keyspace.isMemoryLimited = values.maxmemory > 0
  if (values.maxmemory > 0) engine.eviction.schedule()
}

function applyToMeter({ engine: { meter } }: Services, values: ConfigValues): void {
  meter.slowLog.slowerThanUs = values.slowlogLogSlowerThan
  meter.slowLog.lengthMax = values.slowlogMaxLen
  meter.latency.thresholdMs = values.latencyMonitorThreshold
  meter.isTracking = values.latencyTracking
  meter.rearm()
}

function applyToKeyspace({ keyspace }: Services, values: ConfigValues): void {
  const { access } = keyspace
  keyspace.stringBytesMax = values.protoMaxBulkLen
  access.isLfu = values.maxmemoryPolicy.endsWith('-lfu')
  access.lfuDecayMinutes = values.lfuDecayTime
  access.lfuLogFactor = values.lfuLogFactor
  for (const name of Object.keys(keyspace.limits) as (keyof EncodingLimits)[]) {
    keyspace.limits[name] = values[name]
  }
  // The access clock of new entries is in the form of the policy.
  keyspace.renewClock()
}
