/** INFO memory and cpu. */
import type { Services } from '../../services.ts'
import { memoryFigures, ratio } from '../memory-figures.ts'
import { type Fields, humanBytes } from './fields.ts'

/** Where the memory is. What the store has no use for is zero. */
export function memoryFields(services: Services): Fields {
  const { config, identity, keyspace } = services
  const figures = memoryFigures(services)
  const { used, peak, active, resident, dataset, overhead, clients, logBuffer } = figures
  const { maxmemory, maxmemoryPolicy } = config.values
  return [
    ...withHuman('used_memory', used),
    ...withHuman('used_memory_rss', resident),
    ...withHuman('used_memory_peak', peak),
    ['used_memory_peak_perc', `${figures.peakPercentage.toFixed(2)}%`],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', 0],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', `${figures.datasetPercentage.toFixed(2)}%`],
    ['allocator_allocated', used],
    ['allocator_active', active],
    ['allocator_resident', active],
    ['allocator_muzzy', 0],
    ...withHuman('total_system_memory', identity.systemMemoryBytes),
    ...scriptMemory(services),
    ...withHuman('maxmemory', maxmemory),
    ['maxmemory_policy', maxmemoryPolicy],
    ['allocator_frag_ratio', ratio(active, used).toFixed(2)],
    ['allocator_frag_bytes', active - used],
    ['allocator_rss_ratio', '1.00'],
    ['allocator_rss_bytes', 0],
    ['rss_overhead_ratio', ratio(resident, active).toFixed(2)],
    ['rss_overhead_bytes', resident - active],
    ['mem_fragmentation_ratio', ratio(resident, used).toFixed(2)],
    ['mem_fragmentation_bytes', resident - used],
    ['mem_not_counted_for_evict', figures.notCounted],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', clients],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', logBuffer],
    ['mem_allocator', 'holdfast-arena'],
    ['mem_overhead_db_hashtable_rehashing', 0],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', keyspace.lazyFree.pending],
    ['lazyfreed_objects', keyspace.lazyFree.freed],
  ]
}

/** Processor time. There are no children, and one thread runs commands. */
export function cpuFields({ processTime }: Services): Fields {
  const { systemUs, userUs } = processTime()
  const system = (systemUs / 1e6).toFixed(6)
  const user = (userUs / 1e6).toFixed(6)
  return [
    ['used_cpu_sys', system],
    ['used_cpu_user', user],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ['used_cpu_sys_main_thread', system],
    ['used_cpu_user_main_thread', user],
  ]
}

function scriptMemory({ scripting }: Services): Fields {
  const { figures } = scripting
  return [
    ['used_memory_lua', figures.evalMachineBytes],
    ['used_memory_vm_eval', figures.evalMachineBytes],
    ['used_memory_lua_human', humanBytes(figures.evalMachineBytes)],
    ['used_memory_scripts_eval', figures.scriptBytes],
    ['number_of_cached_scripts', figures.scripts],
    ['number_of_functions', figures.functions],
    ['number_of_libraries', figures.libraries],
    ['used_memory_vm_functions', figures.functionMachineBytes],
    ...withHuman('used_memory_vm_total', figures.evalMachineBytes + figures.functionMachineBytes),
    ['used_memory_functions', figures.libraryBytes],
    ...withHuman('used_memory_scripts', figures.scriptBytes + figures.libraryBytes),
  ]
}

function withHuman(name: string, bytes: number): Fields {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ]
}
