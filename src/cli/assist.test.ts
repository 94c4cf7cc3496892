import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complete, hintFor } from './assist.ts'
import { type ArgDoc, type CommandDoc, readDocs } from './docs.ts'
import { helpOn } from './help.ts'
import { ReplyReader } from './reply.ts'
import { Sink } from './test-world.ts'

function arg(label: string, rest: Partial<ArgDoc> = {}): ArgDoc {
  return {
    type: 'string',
    label,
    token: undefined,
    isOptional: false,
    isMultiple: false,
    repeatsToken: false,
    args: [],
    ...rest,
  }
}
const token = (name: string): ArgDoc => arg(name.toLowerCase(), { type: 'pure-token', token: name })
const optional = (of: ArgDoc): ArgDoc => ({ ...of, isOptional: true })
const oneOf = (...args: ArgDoc[]): ArgDoc => arg('choice', { type: 'oneof', args })
const block = (...args: ArgDoc[]): ArgDoc => arg('block', { type: 'block', args })

function command(name: string, ...args: ArgDoc[]): CommandDoc {
  return { words: name.split(' '), summary: `Does ${name}.`, since: '1.0.0', group: 'test', args }
}

const docs: readonly CommandDoc[] = [
  command('CONFIG'),
  command('CONFIG SET', { ...block(arg('parameter'), arg('value')), isMultiple: true }),
  command('CONFIG GET', arg('parameter', { isMultiple: true })),
  command(
    'SET',
    arg('key', { type: 'key' }),
    arg('value'),
    optional(oneOf(token('NX'), token('XX'))),
    optional(token('GET')),
    optional(oneOf(arg('seconds', { type: 'integer', token: 'EX' }), token('KEEPTTL'))),
  ),
  command('PING', optional(arg('message'))),
  command('ZADD', arg('key'), optional(token('CH')), {
    ...block(arg('score', { type: 'double' }), arg('member')),
    isMultiple: true,
  }),
  command(
    'SORT',
    arg('key'),
    arg('pattern', { token: 'GET', isOptional: true, isMultiple: true, repeatsToken: true }),
    optional(token('ALPHA')),
  ),
  command(
    'GEO',
    arg('key'),
    optional(block(arg('count', { type: 'integer', token: 'COUNT' }), optional(token('ANY')))),
    optional(oneOf(token('ASC'), token('DESC'))),
  ),
  command('MIGRATE', oneOf(arg('key'), arg('empty', { type: 'pure-token', token: '' }))),
]

test('a hint is what the command still takes', () => {
  const hints: readonly (readonly [line: string, hint: string])[] = [
    ['', ''],
    ['SET', ''],
    ['nosuch ', ''],
    ['set ', 'key value [NX|XX] [GET] [EX seconds|KEEPTTL]'],
    ['set k', 'key value [NX|XX] [GET] [EX seconds|KEEPTTL]'],
    ['set k v ', '[NX|XX] [GET] [EX seconds|KEEPTTL]'],
    ['set "a b" v get ', '[NX|XX] [EX seconds|KEEPTTL]'],
    ['set k v EX ', 'seconds [NX|XX] [GET]'],
    ['set k v EX 10 nx ', '[GET]'],
    ['set k v EX ten ', ''],
    ['set k v nonsense ', ''],
    ['set "open ', ''],
    ['CONFIG SET ', 'parameter value [parameter value ...]'],
    ['CONFIG SET a ', 'value [parameter value ...]'],
    ['CONFIG SET a b ', '[parameter value ...]'],
    ['zadd k ', '[CH] score member [score member ...]'],
    ['zadd k 1 ', 'member [score member ...]'],
    ['zadd k x ', ''],
    ['sort k ', '[GET pattern [GET pattern ...]] [ALPHA]'],
    ['sort k GET a ', '[GET pattern ...] [ALPHA]'],
    ['geo k COUNT ', 'count [ANY] [ASC|DESC]'],
    ['geo k COUNT 5 ', '[ANY] [ASC|DESC]'],
    ['geo k COUNT 5 ASC ', ''],
    ['migrate ', 'key|""'],
    ['3 ping ', '[message]'],
  ]
  for (const [line, hint] of hints) assert.equal(hintFor(docs, line), hint, line)
})

test('Tab offers commands, subcommands and tokens, in the case of what is typed', () => {
  const offers: readonly (readonly [line: string, offers: string[]])[] = [
    ['se', ['set ']],
    ['SE', ['SET ']],
    ['q', ['quit ']],
    ['config ', ['SET ', 'GET ']],
    ['config s', ['set ']],
    ['set k v ', ['NX ', 'XX ', 'GET ', 'EX ', 'KEEPTTL ']],
    ['set k v n', ['nx ']],
    ['set k v EX ', []],
    ['set k v EX 5 ', ['NX ', 'XX ', 'GET ']],
    ['set k ', []],
    ['geo k count 1 ', ['ANY ', 'ASC ', 'DESC ']],
    ['2 pi', ['ping ']],
    ['help @', ['@test']],
    ['help config s', ['config set']],
    ['set "open', []],
  ]
  for (const [line, expected] of offers) assert.deepEqual(complete(docs, line)[0], expected, line)
  assert.equal(complete(docs, 'set k v n')[1], 'n')
})

test('help shows a command with its subcommands, or a group', () => {
  assert.equal(
    helpOn(docs, ['ping'], new Sink()),
    '\n  PING [message]\n  summary: Does PING.\n  since: 1.0.0\n  group: test\n\n',
  )
  assert.match(helpOn(docs, ['config'], new Sink()), /CONFIG GET parameter \[parameter \.\.\.\]/)
  assert.doesNotMatch(helpOn(docs, ['config', 'get'], new Sink()), /CONFIG SET/)
  assert.match(helpOn(docs, ['@TEST'], new Sink()), /ZADD/)
  assert.equal(helpOn(docs, ['nosuch'], new Sink()), '\n')
})

test('the table is read from COMMAND DOCS of both protocols', () => {
  const argument =
    '+name\r\n+k\r\n+type\r\n+key\r\n+display_text\r\n+my key\r\n+token\r\n+AT\r\n+flags\r\n'
  const sub = '+summary\r\n+Sub.\r\n+arguments\r\n*1\r\n'
  const resp2 = `*2\r\n+obj\r\n*6\r\n+summary\r\n+Top.\r\n+group\r\n+g\r\n+subcommands\r\n*2\r\n+obj|see\r\n*4\r\n${sub}*10\r\n${argument}*1\r\n+optional\r\n`
  const resp3 = `%1\r\n+obj\r\n%3\r\n+summary\r\n+Top.\r\n+group\r\n+g\r\n+subcommands\r\n%1\r\n+obj|see\r\n%2\r\n${sub}%5\r\n${argument}~1\r\n+optional\r\n`
  for (const wire of [resp2, resp3]) {
    const reader = new ReplyReader()
    reader.push(Buffer.from(wire))
    const read = readDocs(reader.next()!)
    assert.deepEqual(
      read.map((doc) => doc.words),
      [['OBJ'], ['OBJ', 'SEE']],
    )
    assert.equal(hintFor(read, 'obj see '), '[AT my key]')
  }
})
