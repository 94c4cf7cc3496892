import assert from 'node:assert/strict'
import test from 'node:test'
import { Config } from './config.ts'
import { Refusal } from './directive.ts'
import { findDirective } from './table.ts'

/** What CONFIG GET shows after CONFIG SET, or why it was refused. */
function set(name: string, value: string): string {
  const target = Config.parse({})
  const { row } = findDirective(name)!
  try {
    const args = row.manyArgs ? (value === '' ? [] : value.split(' ')) : [value]
    return row.print(row.read(args, row.startsFrom ?? target.values[row.field]))
  } catch (error) {
    if (error instanceof Refusal) return `refused: ${error.message}`
    throw error
  }
}

function cases(name: string, expected: Record<string, string>): void {
  for (const [value, shown] of Object.entries(expected)) {
    assert.equal(set(name, value), shown, `${name} ${JSON.stringify(value)}`)
  }
}

test('yes and no are read in any case and nothing else is', () => {
  const refusal = "refused: argument must be 'yes' or 'no'"
  cases('appendonly', { yes: 'yes', NO: 'no', '': refusal, '1': refusal })
})

test('integers are canonical and within their bounds', () => {
  const format = "refused: argument couldn't be parsed into an integer"
  const bounds = 'refused: argument must be between 0 and 65535 inclusive'
  cases('port', { '0': '0', '65535': '65535', '65536': bounds, '-1': bounds })
  cases('port', { '': format, '+1': format, '01': format, ' 1': format, '1k': format })
  cases('slowlog-log-slower-than', {
    '-1': '-1',
    '-2': 'refused: argument must be between -1 and 9223372036854775807 inclusive',
    '9223372036854775807': '9223372036854775807',
    '9223372036854775808': format,
  })
})

test('hz is pulled into its range and a small backlog is lifted', () => {
  cases('hz', { '0': '1', '501': '500', '100': '100' })
  cases('repl-backlog-size', { '1': '16384', '16385': '16385' })
})

test('memory is read with its units and saturates like 64-bit arithmetic', () => {
  const format = 'refused: argument must be a memory value'
  cases('maxmemory', {
    '': '0',
    '7': '7',
    '7B': '7',
    '1k': '1000',
    '1Kb': '1024',
    '2m': '2000000',
    '2mb': '2097152',
    '3g': '3000000000',
    '3GB': '3221225472',
    kb: '0',
    '18446744073709551615': '18446744073709551615',
    '9223372036854775807': '9223372036854775807',
    '99999999999999999999999': '18446744073709551615',
    '17179869184gb': '0',
    '-1': format,
    '1tb': format,
    '1 kb': format,
    '1.5gb': format,
  })
  assert.equal(set('maxmemory', '0'.repeat(128)), format)
  cases('proto-max-bulk-len', {
    '1': 'refused: argument must be between 1048576 and 9223372036854775807 inclusive',
  })
})

test('the memory of clients may be a percentage', () => {
  const format = 'refused: argument must be a memory or percent value'
  cases('maxmemory-clients', {
    '5%': '5%',
    '100%': '100%',
    '0%': '0',
    '1kb': '1024',
    '101%': 'refused: percentage argument must be less or equal to 100',
    '-1%': format,
    '%': format,
    x: format,
    '9223372036854775807': '9223372036854775807',
    '9223372036854775808': 'refused: percentage argument must be less or equal to 100',
    '18446744073709551615': '1%',
    '99999999999999999999': '1%',
  })
  assert.equal(Config.parse({ argv: ['--maxmemory-clients', '5%'] }).values.maxmemoryClients, -5)
})

test('permissions are octal', () => {
  cases('unixsocketperm', {
    '700': '700',
    '0755': '755',
    '': '0',
    '8': "refused: argument couldn't be parsed as an octal number",
    '1000': 'refused: argument must be between 0 and 777 inclusive',
    '-1': 'refused: argument must be between 0 and 777 inclusive',
  })
})

test('choices are read in any case, and a synonym is shown as its word', () => {
  cases('appendfsync', {
    ALWAYS: 'always',
    x: 'refused: argument(s) must be one of the following: everysec, always, no',
  })
  cases('oom-score-adj', { relative: 'yes', absolute: 'absolute' })
})

test('flags come together, in their own order', () => {
  const words =
    'refused: argument(s) must be one of the following: default, save, nosave, now, force'
  cases('shutdown-on-sigint', {
    'FORCE now': 'now force',
    'save default': 'save',
    default: 'default',
    'save nosave': "refused: shutdown options SAVE and NOSAVE can't be used simultaneously",
    'save x': words,
    '': words,
  })
})

test('save points are pairs', () => {
  const refusal = 'refused: Invalid save parameters'
  cases('save', { '': '', '60 1 1 0': '60 1 1 0', '60 1 ': refusal, '0 1': refusal, x: refusal })
})

test('output limits change the classes they name', () => {
  cases('client-output-buffer-limit', {
    'slave 1kb 2 3 NORMAL 4 5 6': 'normal 4 5 6 slave 1024 2 3 pubsub 33554432 8388608 60',
    'normal 1': 'refused: Wrong number of arguments in buffer limit configuration.',
    'master 0 0 0': 'refused: Invalid client class specified in buffer limit configuration.',
    'normal 0 0 -1':
      'refused: Error in hard, soft or soft_seconds setting in buffer limit configuration.',
  })
})

test('key event classes are shown in one order, all of them as A', () => {
  cases('notify-keyspace-events', {
    EKg: 'gKE',
    dtexzhsl$gmK: 'AKm',
    nAE: 'AE',
    nx: 'xn',
    q: "refused: Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
  })
})

test('percentiles print without idle zeroes', () => {
  const name = 'latency-tracking-info-percentiles'
  cases(name, {
    '0 50.50 100': '0 50.5 100',
    '99.1234567': '99.123457',
    '': '',
    x: 'refused: Invalid latency-tracking-info-percentiles parameters',
    '101': 'refused: latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
  })
})

test('bind, replicaof and oom scores count their arguments', () => {
  cases('bind', { '': '', '::1 127.0.0.1': '::1 127.0.0.1' })
  assert.equal(
    set('bind', Array(17).fill('a').join(' ')),
    'refused: Too many bind addresses specified.',
  )
  cases('replicaof', {
    'host 1': 'host 1',
    'NO one': '',
    host: 'refused: wrong number of arguments',
    'host 65536': 'refused: Invalid master port',
  })
  cases('oom-score-adj-values', {
    '-2000 0 2000': '-2000 0 2000',
    '1 2': 'refused: wrong number of arguments',
    '1 2 2001': 'refused: Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
  })
})

test('names of data files stay inside their folder', () => {
  cases('dbfilename', { 'a/b': "refused: dbfilename can't be a path, just a filename" })
  cases('appendfilename', { '': "refused: appendfilename can't be empty" })
  cases('appenddirname', { 'a\\b': "refused: appenddirname can't be a path, just a dirname" })
})

test('announced names and the process title are checked', () => {
  cases('cluster-announce-hostname', {
    'a-b.c': 'a-b.c',
    a_b: 'refused: Hostnames may only contain alphanumeric characters, hyphens or dots',
  })
  cases('cluster-announce-human-nodename', {
    'a!': 'refused: Announced human node name contained invalid character',
  })
  const refusal = 'refused: template format is invalid or contains unknown variables'
  cases('proc-title-template', {
    '{port} {{x': '{port} {{x',
    '{title}': refusal,
    '{x}': refusal,
    ' ': refusal,
    '\t': '\t',
  })
})

test('a locale is named as one, whether or not the system has it', () => {
  const refusal = 'refused: Invalid locale name'
  const good = ['', 'C', 'POSIX', 'C.UTF-8', 'de_DE', 'en_US.utf8', 'de_DE.ISO-8859-15@euro']
  const bad = ['foo', 'foo bar', 'de_DE foo', '1', 'yes', 'C ']
  cases('locale-collate', Object.fromEntries(good.map((name) => [name, name])))
  cases('locale-collate', Object.fromEntries(bad.map((name) => [name, refusal])))
})
