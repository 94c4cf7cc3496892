/** Commands with arguments drawn from their own syntax, edges first, and now and then one that is wrong. */
import { type Argument, type Command, parseSyntax } from '../../src/engine/index.ts'
import type { Seeded } from '../../src/host/index.ts'

/** Keys by group. None of them leads to what only differs by chance or by a known reason. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  string: ['s1', 's2', 's3'],
  bitmap: ['b1', 'b2'],
  list: ['l1', 'l2'],
  set: ['e1', 'e2'],
  hash: ['h1', 'h2'],
  'sorted-set': ['z1', 'z2'],
  stream: ['x1', 'x2'],
  geo: ['g1', 'g2'],
  hyperloglog: ['p1', 'p2'],
}
const ALL_KEYS = Object.entries(KEYS)
  .filter(([group]) => group !== 'hyperloglog')
  .flatMap(([, keys]) => keys)

const INTEGERS = ['0', '1', '2', '3', '-1', '-2', '5', '10', '64']
const EDGES = [
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '999999999999'],
  ...['2147483648', '1.5', 'abc', '', ' 1', '01', '+1', '1e3', '-0'],
]
const DOUBLES = [
  ...[
    '0',
    '1',
    '-1',
    '1.5',
    '-0',
    'inf',
    '-inf',
    'nan',
    '1e308',
    '1e-320',
    '3.14159265358979',
    '0.1',
  ],
  ...['1e400', 'abc', '', ' 1', '9007199254740993', '-5e-324', '1.0', '100', '50.5', '-12.25'],
]
const TEXTS = [
  ...[
    'a',
    'b',
    'c',
    'd',
    'foo',
    'bar',
    '',
    '1',
    '2',
    '10',
    '-5',
    '3.5',
    'x'.repeat(70),
    '\x00\xff',
  ],
  ...[
    'a\r\nb',
    '9223372036854775807',
    '0',
    '00',
    'hello world',
    '1e5',
    'm1',
    'nan',
    'y'.repeat(200),
  ],
]
const IDS = [
  '0',
  '0-1',
  '1',
  '1-1',
  '1-2',
  '5-0',
  '5',
  '7-3',
  '-',
  '+',
  '$',
  '>',
  'abc',
  '3-',
  '(1-1',
  '',
]
const SCORES = [
  '-inf',
  '+inf',
  '0',
  '1',
  '(1',
  '2',
  '(2',
  'nan',
  'abc',
  '-5',
  '(',
  '1.5',
  '[a',
  '(c',
  '',
]
const PATTERNS = ['*', '?1', 'h*', '[a-m]*', '', '[^s]*', '*1', 'nokey']
/** In the far future, or in no time. */
const TIMES = ['9999999', '100000', 'abc', '', '9223372036854775807', '1.5', '-1', '0']
const MOMENTS = ['99999999999', '4102444800000', 'abc', '', '9223372036854775807']

/** A command of a row: mostly one that could be meant, and sometimes with something amiss. */
export function randomCall(random: Seeded, command: Command): string[] {
  const { spec, group, fullName } = command
  const argv = fullName.toUpperCase().split('|')
  const head = argv.length
  for (const part of parseSyntax(spec.syntax)) append(random, part, group, argv)
  if (random.chance(0.85)) countKeys(argv, head)
  if (random.chance(0.1)) {
    const at = random.between(head, argv.length)
    argv.splice(at, random.between(0, 1), ...(random.chance(0.5) ? [random.pick(TEXTS)] : []))
  }
  return argv
}

function append(random: Seeded, argument: Argument, group: string, argv: string[]): void {
  const { kind, token, parts, isOptional, isMultiple, repeatsToken } = argument
  if (isOptional && !random.chance(0.35)) return
  const isWord = kind === 'pure-token'
  const times = isMultiple ? random.between(1, 3) : 1
  for (let i = 0; i < times; i++) {
    if (token !== undefined && !isWord && (i === 0 || repeatsToken)) argv.push(token)
    if (kind === 'oneof') append(random, { ...random.pick(parts), isOptional: false }, group, argv)
    else if (kind === 'block') for (const part of parts) append(random, part, group, argv)
    else argv.push(isWord ? token! : valueFor(random, argument, group))
  }
}

function valueFor(random: Seeded, { kind, name }: Argument, group: string): string {
  if (kind === 'key') {
    const own = KEYS[group] ?? ALL_KEYS
    return random.pick(random.chance(0.8) ? own : ALL_KEYS)
  }
  if (kind === 'double') return random.pick(DOUBLES)
  if (kind === 'pattern') return random.pick(PATTERNS)
  if (kind === 'unix-time') return random.pick(MOMENTS)
  if (kind === 'integer') {
    if (/seconds|ttl/.test(name)) return random.pick(TIMES)
    return random.pick(random.chance(0.8) ? INTEGERS : EDGES)
  }
  if (group === 'stream' && /id$|^(start|end|threshold)/.test(name)) return random.pick(IDS)
  if (/^(group|consumer)/.test(name)) return random.pick(['g', 'g', 'other'])
  if (/^(min|max|start|stop)$/.test(name)) return random.pick(SCORES)
  return random.pick(random.chance(0.7) ? TEXTS.slice(0, 12) : TEXTS)
}

/** Where a number of keys or fields stands before them, lets it be the right one. */
function countKeys(argv: string[], head: number): void {
  const fields = argv.indexOf('FIELDS')
  if (fields > 0) {
    const count = argv.length - fields - 2
    argv[fields + 1] = String(argv[0] === 'HSETEX' ? count / 2 : count)
    return
  }
  for (const at of [head, head + 1]) {
    let count = 0
    while (ALL_KEYS.includes(argv[at + 1 + count] ?? '')) count++
    if (count > 0 && /^-?\d*$/.test(argv[at] ?? '')) {
      argv[at] = String(count)
      return
    }
  }
}

/** A command that brings something to one of the keys. */
export function randomContent(random: Seeded): string[] {
  const number = () => String(random.between(0, 20))
  const text = () => random.pick(TEXTS)
  const key = (group: string) => random.pick(KEYS[group]!)
  return random.pick<() => string[]>([
    () => ['SET', key('string'), text()],
    () => ['SET', key('string'), number()],
    () => ['SETBIT', key('bitmap'), number(), '1'],
    () => ['RPUSH', key('list'), text(), number(), text()],
    () => ['HSET', key('hash'), text(), text(), `f${number()}`, number()],
    () => ['SADD', key('set'), text(), number()],
    () => ['SADD', key('set'), number(), number()],
    () => ['ZADD', key('sorted-set'), number(), text(), number(), `m${number()}`],
    () => ['XADD', key('stream'), `${number()}-${number()}`, 'f', text()],
    () => ['XGROUP', 'CREATE', key('stream'), 'g', '0', 'MKSTREAM'],
    () => ['GEOADD', key('geo'), '13.361389', '38.115556', 'm1', '15.087269', '37.502669', 'm2'],
    () => ['PFADD', key('hyperloglog'), text(), number()],
    () => ['DEL', random.pick(ALL_KEYS)],
  ])()
}
