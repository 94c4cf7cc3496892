/** INFO persistence, replication, cluster and keyspace. */
import type { Services } from '../../services.ts'
import type { Fields } from './fields.ts'

/** What the reference says of an append-only file in any case, and only while it is on. */
const LOG_STATUS = 'aof_last_write_status'

/** Those that are there only while the file is on. */
const LOG_FIELDS = [
  'aof_current_size',
  'aof_base_size',
  'aof_pending_rewrite',
  'aof_buffer_length',
  'aof_pending_bio_fsync',
  'aof_delayed_fsync',
]

/** Those that are there only while data is loaded. */
const LOADING_FIELDS = [
  'loading_start_time',
  'loading_total_bytes',
  'loading_rdb_used_mem',
  'loading_loaded_bytes',
  'loading_loaded_perc',
  'loading_eta_seconds',
]

/** How safe the data is. */
export function persistenceFields(services: Services): Fields {
  const { engine } = services
  const all = services.persistenceFigures()
  const isLogging = all.aof_enabled === 1
  const figure = (name: string) => [name, all[name] ?? 0] as const
  const isLoading = engine.admission.state.isLoading
  return [
    ['loading', isLoading ? 1 : 0],
    ['async_loading', 0],
    ['current_cow_peak', 0],
    ['current_cow_size', 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', all.current_fork_perc ?? '0.00'],
    figure('current_save_keys_processed'),
    figure('current_save_keys_total'),
    figure('rdb_changes_since_last_save'),
    figure('rdb_bgsave_in_progress'),
    figure('rdb_last_save_time'),
    figure('rdb_last_bgsave_status'),
    figure('rdb_last_bgsave_time_sec'),
    figure('rdb_current_bgsave_time_sec'),
    figure('rdb_saves'),
    ['rdb_last_cow_size', 0],
    figure('rdb_last_load_keys_expired'),
    figure('rdb_last_load_keys_loaded'),
    ['aof_enabled', isLogging ? 1 : 0],
    figure('aof_rewrite_in_progress'),
    figure('aof_rewrite_scheduled'),
    figure('aof_last_rewrite_time_sec'),
    figure('aof_current_rewrite_time_sec'),
    figure('aof_last_bgrewrite_status'),
    figure('aof_rewrites'),
    figure('aof_rewrites_consecutive_failures'),
    [LOG_STATUS, all[LOG_STATUS] ?? 'ok'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...(isLogging ? LOG_FIELDS.map(figure) : []),
    ...(isLoading ? LOADING_FIELDS.map(figure) : []),
  ]
}

/** A primary that nobody follows. */
export function replicationFields({ identity, config }: Services): Fields {
  const { minReplicasToWrite, minReplicasMaxLag, replBacklogSize } = config.values
  const isGuarded = minReplicasToWrite > 0 && minReplicasMaxLag > 0
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ...(isGuarded ? [['min_slaves_good_slaves', 0] as const] : []),
    ['master_failover_state', 'no-failover'],
    ['master_replid', identity.runId],
    ['master_replid2', '0'.repeat(40)],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', replBacklogSize],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ]
}

/** Whether the data is spread over several servers. */
export function clusterFields(): Fields {
  return [['cluster_enabled', 0]]
}

/** How many keys each database has. */
export function keyspaceFields({ keyspace }: Services): Fields {
  return keyspace.databases
    .filter(({ count }) => count > 0)
    .map(
      ({ index, count, expiringCount, averageTtlMs, fields }) =>
        [
          `db${index}`,
          `keys=${count},expires=${expiringCount},avg_ttl=${averageTtlMs},subexpiry=${fields.count}`,
        ] as const,
    )
}
