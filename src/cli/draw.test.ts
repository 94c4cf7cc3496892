import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DrawStyle, drawPush, drawReply } from './draw.ts'
import type { OutputMode } from './options.ts'
import { type Reply, ReplyReader } from './reply.ts'

function reply(wire: string): Reply {
  const reader = new ReplyReader()
  reader.push(Buffer.from(wire, 'latin1'))
  return reader.next()!
}

function style(output: OutputMode): DrawStyle {
  return { output, elementDelimiter: '\n', replyDelimiter: '\n' }
}

const draw = (wire: string, output: OutputMode = 'standard'): string =>
  drawReply(reply(wire), style(output))

test('scalars are drawn with their types', () => {
  const pictures: readonly (readonly [wire: string, picture: string])[] = [
    ['$-1\r\n', '(nil)'],
    ['_\r\n', '(nil)'],
    [':-5\r\n', '(integer) -5'],
    ['+OK\r\n', 'OK'],
    ['-ERR bad\r\n', '(error) ERR bad'],
    [',1.50\r\n', '(double) 1.50'],
    ['#t\r\n', '(true)'],
    ['#f\r\n', '(false)'],
    ['(123456789012345678901\r\n', '(big number) 123456789012345678901'],
    ['=6\r\ntxt:a"\r\n', 'a"'],
    ['$9\r\nq"\\\n\r\t\x07\b\0\r\n', '"q\\"\\\\\\n\\r\\t\\a\\b\\x00"'],
    ['$2\r\n\xc3\xa9\r\n', '"\\xc3\\xa9"'],
    ['*0\r\n', '(empty array)'],
    ['%0\r\n', '(empty hash)'],
    ['~0\r\n', '(empty set)'],
    ['>0\r\n', '(empty push)'],
  ]
  for (const [wire, picture] of pictures) assert.equal(draw(wire), `${picture}\n`)
})

test('nested arrays are numbered in columns', () => {
  const eleven = `*11\r\n${':0\r\n'.repeat(9)}*2\r\n+a\r\n*1\r\n+b\r\n:0\r\n`
  assert.equal(
    draw(eleven),
    ` 1) (integer) 0
 2) (integer) 0
 3) (integer) 0
 4) (integer) 0
 5) (integer) 0
 6) (integer) 0
 7) (integer) 0
 8) (integer) 0
 9) (integer) 0
10) 1) a
    2) 1) b
11) (integer) 0
`,
  )
})

test('a map shows its keys, and begins a new line for a value of several lines', () => {
  assert.equal(
    draw('%3\r\n$1\r\nk\r\n:1\r\n+list\r\n*2\r\n:1\r\n:2\r\n+one\r\n~1\r\n+x\r\n'),
    `1# "k" => (integer) 1
2# list => \n   1) (integer) 1
   2) (integer) 2
3# one => 1~ x
`,
  )
})

test('raw output is the bytes themselves, apart by the delimiters', () => {
  const wire = '*3\r\n$2\r\n\xff\0\r\n$-1\r\n%1\r\n+k\r\n*2\r\n:1\r\n:2\r\n'
  assert.equal(draw(wire, 'raw'), '\xff\0\n\nk 1\n2\n')
  const styled = { output: 'raw', elementDelimiter: ',', replyDelimiter: '' } as const
  assert.equal(drawReply(reply(wire), styled), '\xff\0,,k 1,2')
  assert.equal(draw('-ERR x\r\n', 'raw'), 'ERR x\n\n')
})

test('a report is drawn raw, whatever the output', () => {
  assert.equal(drawReply(reply('$4\r\na\r\nb\r\n'), style('standard'), true), 'a\r\nb')
})

test('CSV is one line, with maps and nesting made flat', () => {
  const wire = '*5\r\n$2\r\n"\n\r\n$-1\r\n%1\r\n+k\r\n:1\r\n#t\r\n-ERR x\r\n'
  assert.equal(draw(wire, 'csv'), '"\\"\\n",NULL,"k",1,true,ERROR,"ERR x"\n')
})

test('JSON keeps structure, quotes keys, and can keep to ASCII', () => {
  const wire = '%2\r\n:1\r\n*2\r\n$4\r\n"\n\xc3\xa9\r\n_\r\n+k\r\n,1.5\r\n'
  assert.equal(draw(wire, 'json'), '{"1":["\\"\\n\xc3\xa9",null],"k":1.5}\n')
  assert.equal(draw(wire, 'quotedJson'), '{"1":["\\\\"\\\\n\\\\xc3\\\\xa9",null],"k":1.5}\n')
  assert.equal(draw('-ERR x\r\n', 'json'), 'error:"ERR x"\n')
  assert.equal(draw('$2\r\n\x01\x1f\r\n', 'json'), '"\\u0001\\u001f"\n')
})

test('an invalidation has a line of its own, other pushes are drawn as replies', () => {
  const invalidation = reply('>2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n')
  assert.equal(drawPush(invalidation, style('standard')), "-> invalidate: 'a', 'b'\n")
  assert.equal(drawPush(invalidation, style('raw')), 'invalidate\na\nb\n')
  assert.equal(drawPush(reply('>1\r\n+x\r\n'), style('standard')), '1) x\n')
})
