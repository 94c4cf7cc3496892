/** INFO stats. */
import type { Services } from '../../services.ts'
import type { Fields } from './fields.ts'

/** What has happened so far. */
export function statsFields(services: Services): Fields {
  const { engine } = services
  const { stats, rates } = engine
  const { topics } = services.pubsub
  const { keys, prefixes } = services.tracking
  const { commands, inputBytes, outputBytes } = stats
  const loop = services.loopFigures()
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', commands],
    ['instantaneous_ops_per_sec', rates.commands],
    ['total_net_input_bytes', inputBytes],
    ['total_net_output_bytes', outputBytes],
    ['total_net_repl_input_bytes', 0],
    ['total_net_repl_output_bytes', 0],
    ['instantaneous_input_kbps', (rates.inputBytes / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (rates.outputBytes / 1024).toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', stats.rejectedConnections],
    ['sync_full', 0],
    ['sync_partial_ok', 0],
    ['sync_partial_err', 0],
    ...keyFields(services),
    ['pubsub_channels', topics.channel.count],
    ['pubsub_patterns', topics.pattern.count],
    ['pubsubshard_channels', topics.shard.count],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', 0],
    ['slave_expires_tracked_keys', 0],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
    ['tracking_total_keys', keys.count],
    ['tracking_total_items', keys.items],
    ['tracking_total_prefixes', prefixes.count],
    ...errorFields(services),
    ['eventloop_cycles', loop.cycles],
    ['eventloop_duration_sum', loop.busyUs],
    ['eventloop_duration_cmd_sum', Math.round(engine.meter.totalMs * 1000)],
    ['instantaneous_eventloop_cycles_per_sec', rates.loopCycles],
    ['instantaneous_eventloop_duration_usec', rates.cycleUs],
    ...refusalFields(services),
  ]
}

function keyFields({ engine, keyspace, scripting }: Services): Fields {
  const { stats } = keyspace
  const { exceeded } = engine.eviction
  return [
    ['expired_subkeys', stats.expiredFields],
    ['expired_keys', stats.expiredKeys],
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', 0],
    ['expire_cycle_cpu_milliseconds', Math.round(stats.expireMs)],
    ['holdfast_expire_slice_max_ms', stats.expireSliceMsMax.toFixed(3)],
    ['evicted_keys', stats.evictedKeys],
    ['evicted_clients', engine.stats.evictedClients],
    ['evicted_scripts', scripting.cache.evicted],
    ['total_eviction_exceeded_time', Math.floor(exceeded.totalMs)],
    ['current_eviction_exceeded_time', Math.floor(exceeded.currentMs)],
    ['keyspace_hits', stats.hits],
    ['keyspace_misses', stats.misses],
  ]
}

function errorFields({ engine }: Services): Fields {
  const { stats } = engine
  return [
    ['unexpected_error_replies', 0],
    ['total_error_replies', stats.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', stats.reads],
    ['total_writes_processed', stats.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['client_query_buffer_limit_disconnections', stats.queryLimitDisconnections],
    ['client_output_buffer_limit_disconnections', stats.outputLimitDisconnections],
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
  ]
}

function refusalFields({ engine }: Services): Fields {
  return [
    ['acl_access_denied_auth', engine.stats.errors.get('WRONGPASS') ?? 0],
    ['acl_access_denied_cmd', 0],
    ['acl_access_denied_key', 0],
    ['acl_access_denied_channel', 0],
  ]
}
