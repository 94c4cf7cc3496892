import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../../src/bytes/index.ts'
import { flatten } from './flatten.ts'
import { type CommandStep, effectMatches, parseTranscript, repliesMatch } from './transcript.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test('a transcript is read into blocks, commands, replies, effects and waits', () => {
  const [first, second] = parseTranscript(
    [
      '# A claim',
      '# in two lines.',
      '@ since 8.0',
      '> SET k "a b" PX 50',
      'OK',
      '~ SET k "a b" PXAT …',
      '@ wait 2s',
      '@ client other',
      '> GET k',
      '(nil)',
      '~',
      '',
      '# Another.',
      '@ resp3',
      '> CLIENT REPLY OFF',
    ].join('\n'),
  )
  assert.equal(first!.title, 'A claim in two lines.')
  assert.deepEqual(first!.since, [8, 0])
  assert.equal(first!.steps.length, 3)
  const [set, wait, get] = first!.steps as [CommandStep, unknown, CommandStep]
  assert.deepEqual(
    set.argv.map((word) => latin1(word)),
    ['SET', 'k', 'a b', 'PX', '50'],
  )
  assert.deepEqual(set.reply, ['OK'])
  assert.deepEqual(set.effects, ['SET k "a b" PXAT …'])
  assert.deepEqual(wait, { kind: 'wait', ms: 2000 })
  assert.equal(get.client, 'other')
  assert.deepEqual(get.effects, [])
  assert.equal(second!.protocol, 3)
  const [mute] = second!.steps as [CommandStep]
  assert.equal(mute.client, 'first')
  assert.deepEqual([mute.reply, mute.effects], [[], undefined])
})

test('what is no transcript is refused with its line', () => {
  assert.throws(() => parseTranscript('> GET k'), /line 1/)
  assert.throws(() => parseTranscript('# x\n(nil)'), /line 2/)
  assert.throws(() => parseTranscript('# x\n@ sleep 1s'), /line 2.*sleep/)
  assert.throws(() => parseTranscript('# x\n@ wait long'), /line 2/)
  assert.throws(() => parseTranscript('# x\n> GET "k'), /line 2/)
})

test('an ellipsis stands for any characters, and alone for any lines, and nothing else does', () => {
  assert.ok(repliesMatch(['(integer) …'], '(integer) 17\n'))
  assert.ok(!repliesMatch(['(integer) …'], '"17"\n'))
  assert.ok(repliesMatch(['1) "a"', '…'], '1) "a"\n2) "b"\n3) "c"\n'))
  assert.ok(repliesMatch(['…'], ''))
  assert.ok(!repliesMatch(['(integer) 1'], '(integer) 1\n(integer) 1\n'))
  assert.ok(!repliesMatch([], '(integer) 1\n'))
  assert.ok(!repliesMatch(['a.c'], 'abc\n'))
})

test('an effect matches word by word', () => {
  assert.ok(effectMatches('SET k "a b" PXAT …', ['SET', 'k', 'a b', 'PXAT', '123'].map(bytes)))
  assert.ok(!effectMatches('SET k', ['SET', 'k', 'v'].map(bytes)))
  assert.ok(!effectMatches('SET k v', ['SET', 'k', 'w'].map(bytes)))
})

test('a reply of RESP3 becomes what RESP2 says', () => {
  const one = { kind: 'integer', value: 1n } as const
  const flat = flatten({
    kind: 'map',
    entries: [
      [
        { kind: 'bulk', bytes: bytes('a') },
        { kind: 'boolean', value: true },
      ],
      [
        { kind: 'double', value: 1.5, text: '1.5' },
        { kind: 'set', items: [one] },
      ],
    ],
  })
  assert.deepEqual(flat, {
    kind: 'array',
    items: [
      { kind: 'bulk', bytes: bytes('a') },
      one,
      { kind: 'bulk', bytes: bytes('1.5') },
      { kind: 'array', items: [one] },
    ],
  })
})
