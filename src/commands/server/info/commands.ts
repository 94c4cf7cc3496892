/** INFO commandstats and errorstats. */
import type { Services } from '../../services.ts'
import type { Fields } from './fields.ts'

/** Every command that was called or refused. */
export function commandStatFields({ engine }: Services): Fields {
  return engine.table
    .allWithSubcommands()
    .filter(({ stats }) => stats.calls + stats.rejected + stats.failed > 0)
    .map(({ fullName, stats: { calls, microseconds, rejected, failed } }) => {
      const perCall = (calls === 0 ? 0 : microseconds / calls).toFixed(2)
      const time = `usec=${Math.round(microseconds)},usec_per_call=${perCall}`
      const value = `calls=${calls},${time},rejected_calls=${rejected},failed_calls=${failed}`
      return [`cmdstat_${fullName}`, value] as const
    })
}

/** Every command that was timed, with the percentiles that are set. */
export function latencyStatFields({ engine, config }: Services): Fields {
  const percentiles = config.values.latencyTrackingInfoPercentiles
  return engine.table
    .allWithSubcommands()
    .filter(({ stats }) => stats.durations !== undefined)
    .map(({ fullName, stats }) => {
      const times = percentiles.map((percent) => {
        const microseconds = stats.durations!.percentile(percent) / 1000
        return `p${shownPercent(percent)}=${microseconds.toFixed(3)}`
      })
      return [`latency_percentiles_usec_${fullName}`, times.join(',')] as const
    })
}

function shownPercent(percent: number): string {
  return percent.toFixed(6).replace(/\.?0+$/, '')
}

/** Error replies by their codes. */
export function errorStatFields({ engine }: Services): Fields {
  return [...engine.stats.errors]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => [`errorstat_${code}`, `count=${count}`] as const)
}
