/** Effects that are the request with some of its arguments exchanged. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1, sliceOf } from '../bytes/index.ts'
import { seeded } from '../host/index.ts'
import { Request, RequestParser } from '../resp/index.ts'
import { Effects } from './effects.ts'

const LIMITS = { bulkBytesMax: 1000, countMax: 1000, isTrusted: true }

function encode(argv: readonly string[]): string {
  return `*${argv.length}\r\n${argv.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}

/** The request as it comes over a socket, behind something else, or as one that was kept. */
function requestOf(argv: readonly string[], isKept: boolean): Request {
  const request = new Request()
  if (isKept) {
    request.assign(argv.map(fromLatin1))
    return request
  }
  const bytes = fromLatin1(`before${encode(argv)}after`)
  assert.ok(new RequestParser().read(request, bytes, 6, bytes.length, LIMITS))
  return request
}

test('any arguments can be exchanged in an effect, whatever form the request has', () => {
  const random = seeded()
  const effects = new Effects()
  let written = ''
  effects.sink = {
    append: (bytes, start, end) => {
      written += latin1(bytes, start, end)
    },
  }
  effects.commit(requestOf(['FIRST'], false), 0)
  effects.flush()
  for (let step = 0; step < 400; step++) {
    const count = random.between(2, 8)
    const argv = Array.from({ length: count }, () => 'x'.repeat(random.pick([0, 1, 9, 10, 200])))
    const request = requestOf(argv, random.chance(0.5))
    const expected = [...argv]
    let isAny = false
    for (let position = 1; position < count; position++) {
      if (!random.chance(0.4)) continue
      const other = `other ${position}`
      effects.replaceArgument(
        request,
        position,
        random.chance(0.5) ? other : sliceOf(fromLatin1(other)),
      )
      expected[position] = other
      isAny = true
    }
    assert.equal(effects.isReplaced, isAny)
    written = ''
    effects.commit(request, 0)
    effects.flush()
    assert.equal(written, encode(expected))
  }
})

/** Effects, and which commands a reader of them finds in which database. */
function followed() {
  const effects = new Effects()
  let written = ''
  effects.sink = {
    append: (bytes, start, end) => {
      written += latin1(bytes, start, end)
    },
  }
  const commit = (name: string, index: number) => effects.commit(requestOf([name], false), index)
  const read = () => {
    effects.flush()
    const words = written.split('\r\n').filter((line) => /^[^*$]/.test(line))
    written = ''
    let database = ''
    return words.flatMap((word, i) => {
      if (words[i - 1] === 'SELECT') database = word
      return word === 'SELECT' || words[i - 1] === 'SELECT' ? [] : [`${database}:${word}`]
    })
  }
  return { effects, commit, read }
}

test('what comes between the halves of a group is read in its own database, and so is the group', () => {
  const { effects, commit, read } = followed()
  commit('BEFORE', 1)
  effects.beginGroup()
  commit('FIRST', 1)
  commit('SECOND', 2)
  const taken = effects.takeGroup()
  commit('BETWEEN', 2)
  effects.restoreGroup(taken)
  commit('THIRD', 2)
  effects.endGroup()
  commit('AFTER', 2)
  const group = ['1:MULTI', '1:FIRST', '2:SECOND', '2:THIRD', '2:EXEC']
  assert.deepEqual(read(), ['1:BEFORE', '2:BETWEEN', ...group, '2:AFTER'])
})

test('a reader that comes in the middle of a group gets what is done after that, each in its database', () => {
  const { effects, commit, read } = followed()
  effects.beginGroup()
  commit('KNOWN', 0)
  effects.forgetSelected()
  commit('FRESH', 0)
  effects.endGroup()
  assert.deepEqual(read(), ['0:FRESH'])

  effects.beginGroup()
  commit('KNOWN', 0)
  effects.forgetSelected()
  const empty = effects.takeGroup()
  commit('BETWEEN', 0)
  effects.restoreGroup(empty)
  effects.endGroup()
  assert.deepEqual(read(), ['0:BETWEEN'])

  effects.beginGroup()
  commit('KNOWN', 0)
  const taken = effects.takeGroup()
  effects.forgetSelected()
  effects.restoreGroup(taken)
  commit('FRESH', 0)
  effects.endGroup()
  assert.deepEqual(read(), ['0:FRESH'])
})
