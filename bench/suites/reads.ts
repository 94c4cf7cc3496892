/** Point and range reads in small and in large collections, of each type. */
import { type Bench, WITHOUT_AOF } from '../bench.ts'
import type { SuiteResult } from '../report.ts'
import { type Fill, measureCommands, unitAndNotes, type Work } from './commands.ts'

const SIZES = [100, 1_000_000]
const KEY = `key:${'0'.repeat(12)}`
const NUMBER = '__rand_int__'
/** Stands for the index of the element in the middle: indexes are not written with zeros before them. */
const MIDDLE = '{middle}'
const ELEMENT = `e:${NUMBER}`
/** How many elements a range has. */
const RANGE = 10

interface Read {
  readonly name: string
  readonly kind: string
  readonly argv: readonly (string | number)[]
}

/** Each on a collection of elements that are numbered from zero. */
const reads: readonly Read[] = [
  { name: 'HGET', kind: 'hash-field', argv: ['HGET', KEY, ELEMENT] },
  { name: 'HMGET 3', kind: 'hash-field', argv: ['HMGET', KEY, ELEMENT, ELEMENT, 'nothing'] },
  { name: 'LINDEX', kind: 'list-element', argv: ['LINDEX', KEY, MIDDLE] },
  { name: 'LRANGE of 10', kind: 'list-element', argv: ['LRANGE', KEY, -RANGE, -1] },
  { name: 'SISMEMBER', kind: 'set-member', argv: ['SISMEMBER', KEY, ELEMENT] },
  { name: 'SRANDMEMBER 10', kind: 'set-member', argv: ['SRANDMEMBER', KEY, RANGE] },
  { name: 'ZSCORE', kind: 'zset-member', argv: ['ZSCORE', KEY, ELEMENT] },
  { name: 'ZRANK', kind: 'zset-member', argv: ['ZRANK', KEY, ELEMENT] },
  { name: 'ZRANGE of 10', kind: 'zset-member', argv: ['ZRANGE', KEY, -RANGE, -1, 'WITHSCORES'] },
  {
    name: 'ZRANGEBYSCORE of 10',
    kind: 'zset-member',
    argv: ['ZRANGEBYSCORE', KEY, NUMBER, '+inf', 'LIMIT', 0, RANGE],
  },
  {
    name: 'XRANGE of 10',
    kind: 'stream-entry',
    argv: ['XRANGE', KEY, NUMBER, '+', 'COUNT', RANGE],
  },
]

const worksOf = ({ name, kind, argv }: Read): Work[] =>
  SIZES.map((count) => ({
    name: `${name}, ${count.toLocaleString('en-US')} elements`,
    needs: [String(argv[0])],
    args: argv.map((word) => (word === MIDDLE ? String(count / 2) : String(word))),
    fill: { kind, count } satisfies Fill,
    spread: count,
  }))

/** Measures every read at both sizes. */
export async function readsSuite(bench: Bench): Promise<SuiteResult> {
  const figures = await measureCommands(bench, {
    suite: 'reads',
    works: reads.flatMap(worksOf),
    pipelines: [16],
    directives: WITHOUT_AOF,
  })
  const title = 'Reads in collections of 100 and of 1 M elements, no persistence'
  return { name: 'reads', title, figures, ...unitAndNotes() }
}
