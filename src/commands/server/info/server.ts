/** INFO server. */
import type { Services } from '../../services.ts'
import { REDIS_VERSION } from '../version.ts'
import type { Fields } from './fields.ts'

const DAY_SECONDS = 86400
/** The reference shows seconds in 24 bits. */
const LRU_CLOCK_MAX = 0xffffff

/** Who the server is. */
export function serverFields(services: Services): Fields {
  const { identity, keyspace, config } = services
  const { nowMs } = keyspace
  const uptime = Math.max(0, Math.floor((nowMs - identity.startedMs) / 1000))
  return [
    ['redis_version', REDIS_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0000000000000000'],
    ['redis_mode', 'standalone'],
    ['os', identity.system],
    ['arch_bits', 64],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', identity.processId],
    ['process_supervised', 'no'],
    ['run_id', identity.runId],
    ['tcp_port', identity.tcpPort],
    ['server_time_usec', nowMs * 1000],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / DAY_SECONDS)],
    ['hz', config.values.hz],
    ['configured_hz', config.values.hz],
    ['lru_clock', Math.floor(nowMs / 1000) & LRU_CLOCK_MAX],
    ['executable', identity.executable],
    ['config_file', identity.configFile],
    ['io_threads_active', 0],
    ...listeners(services),
    ['holdfast_version', identity.version],
  ]
}

function listeners({ identity, config }: Services): Fields {
  const { bind, unixsocket } = config.values
  const texts: string[] = []
  if (identity.tcpPort !== 0) {
    const addresses = bind.map((address) => `,bind=${address}`).join('')
    texts.push(`name=tcp${addresses},port=${identity.tcpPort}`)
  }
  if (unixsocket !== '') texts.push(`name=unix,bind=${unixsocket}`)
  return texts.map((text, i) => [`listener${i}`, text] as const)
}
