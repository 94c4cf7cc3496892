/** LATENCY DOCTOR: what the events that took long say, in words. */
import type { LatencySeries } from '../../../engine/index.ts'
import type { Services } from '../../services.ts'

/** What can be done about an event; a function may see that it does not apply. */
type Advice = (services: Services) => string | undefined

const ADVICES: Readonly<Record<string, readonly Advice[]>> = {
  command: [
    ({ config }) => {
      const { slowlogLogSlowerThan, slowlogMaxLen, latencyMonitorThreshold } = config.values
      const isOn = slowlogLogSlowerThan >= 0 && slowlogMaxLen > 0
      if (isOn && slowlogLogSlowerThan / 1000 <= latencyMonitorThreshold) return undefined
      const wanted = latencyMonitorThreshold * 1000
      return `Let the slow log see what is noticed here: CONFIG SET slowlog-log-slower-than ${wanted}.`
    },
    () => 'SLOWLOG GET shows which requests took long.',
    () => 'Commands take time in proportion to what they work on: ask for parts of large values.',
  ],
  'fast-command': [
    () =>
      'Short commands take long when the process does not get its processor: look for other work on ' +
      'this machine, and run redis-cli --intrinsic-latency 100 to see what the system itself adds.',
  ],
}

/** Lines for people. */
export function diagnosis(services: Services): string {
  const { latency } = services.engine.meter
  if (latency.all.size === 0) {
    return latency.thresholdMs === 0
      ? 'Nothing is noticed, because the latency monitor is off. ' +
          'CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n'
      : `Nothing has taken ${latency.thresholdMs} milliseconds or more.\n`
  }
  const nowSeconds = Math.floor(services.host.clock.nowMs() / 1000)
  const events = [...latency.all].map(
    ([event, series], i) => `${i + 1}. ${event}: ${figuresOf(series, nowSeconds)}\n`,
  )
  const advices = [...latency.all.keys()]
    .flatMap((event) => ADVICES[event] ?? [])
    .map((advice) => advice(services))
    .filter((text) => text !== undefined)
  const help = advices.map((text) => `- ${text}\n`).join('')
  return `This took long:\n\n${events.join('')}${help === '' ? '' : `\nWhat may help:\n\n${help}`}`
}

/** The same figures as in the reference: means are of the samples that are kept. */
function figuresOf({ samples, mostMs }: LatencySeries, nowSeconds: number): string {
  const count = samples.length
  const mean = (values: readonly number[]) =>
    Math.floor(values.reduce((sum, value) => sum + value, 0) / count)
  const times = samples.map(({ lastedMs }) => lastedMs)
  const average = mean(times)
  const deviation = mean(times.map((time) => Math.abs(time - average)))
  const period = Math.max(1, nowSeconds - samples[0]!.seconds) / count
  return (
    `${count} latency spikes (average ${average}ms, mean deviation ${deviation}ms, ` +
    `period ${period.toFixed(2)} sec). Worst all time event ${mostMs}ms.`
  )
}
