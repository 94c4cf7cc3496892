/**
 * redis-benchmark's default list, without persistence, at three depths of pipelining.
 *
 * The list's own run lets later works live on what earlier ones left. Here every work starts alone
 * on what it needs, so that any of them can be run by itself; the ones that take elements away get
 * as many as they will take.
 */
import { type Bench, WITHOUT_AOF } from '../bench.ts'
import type { SuiteResult } from '../report.ts'
import { measureCommands, unitAndNotes, type Work } from './commands.ts'

const benchmarkTest = (name: string, ...needs: string[]): Work => ({
  name,
  needs,
  args: ['-t', name.toLowerCase()],
})

const range = (count: number): Work => ({
  name: `LRANGE_${count}`,
  needs: ['LRANGE', 'LPUSH'],
  args: ['LRANGE', 'mylist', '0', String(count - 1)],
  fill: ['-t', 'lpush'],
})

const taking = (name: string, adder: string): Work => ({
  ...benchmarkTest(name, name, adder),
  fill: ['-t', adder.toLowerCase()],
  consumes: true,
})

/** SET, GET, INCR and MSET write or read keys that are all there. */
export const stringWorks: readonly Work[] = [
  { ...benchmarkTest('SET', 'SET'), fill: 'keys' },
  { ...benchmarkTest('GET', 'GET'), fill: 'keys' },
  benchmarkTest('INCR', 'INCR'),
  { ...benchmarkTest('MSET', 'MSET'), fill: 'keys' },
]

const otherWorks: readonly Work[] = [
  benchmarkTest('PING_INLINE', 'PING'),
  benchmarkTest('PING_MBULK', 'PING'),
  benchmarkTest('LPUSH', 'LPUSH'),
  benchmarkTest('RPUSH', 'RPUSH'),
  taking('LPOP', 'LPUSH'),
  taking('RPOP', 'RPUSH'),
  benchmarkTest('SADD', 'SADD'),
  benchmarkTest('HSET', 'HSET'),
  taking('SPOP', 'SADD'),
  benchmarkTest('ZADD', 'ZADD'),
  taking('ZPOPMIN', 'ZADD'),
  range(100),
  range(300),
  range(500),
  range(600),
  { name: 'XADD', needs: ['XADD'], args: ['XADD', 'mystream', '*', 'myfield', 'x'.repeat(16)] },
]

/** Measures the whole list. */
export async function stringsSuite(bench: Bench): Promise<SuiteResult> {
  const figures = await measureCommands(bench, {
    suite: 'strings',
    works: [...stringWorks, ...otherWorks],
    pipelines: [1, 16, 64],
    directives: WITHOUT_AOF,
  })
  const title = "redis-benchmark's default list, no persistence"
  return { name: 'strings', title, figures, ...unitAndNotes() }
}
