import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1 } from '../bytes/index.ts'
import { EVAL_SCRIPTS_MAX, ScriptCache, sha1Hex } from './cache.ts'
import { PLAIN } from './flags.ts'

function add(cache: ScriptCache<number>, body: string, isKept = false): string {
  const sha = sha1Hex(body)
  cache.add({ sha, body, flags: PLAIN, chunk: 1, isKept, lastUse: 0 })
  return sha
}

function find(cache: ScriptCache<number>, sha: string): string | undefined {
  const bytes = fromLatin1(`..${sha}..`)
  return cache.find(bytes, 2, 2 + sha.length)?.body
}

test('a script is found by its SHA-1 in a request, in digits of any case', () => {
  const cache = new ScriptCache<number>()
  const shas = Array.from({ length: 200 }, (_, n) => add(cache, `return ${n}`))
  for (let round = 0; round < 2; round++) {
    shas.forEach((sha, n) => {
      assert.equal(find(cache, sha), `return ${n}`)
      assert.equal(find(cache, sha.toUpperCase()), `return ${n}`)
      assert.equal(find(cache, `${sha.slice(0, 39)}${sha.endsWith('0') ? 1 : 0}`), undefined)
      assert.equal(find(cache, sha.slice(0, 39)), undefined)
    })
  }
})

test('a script that was found is not found any more when it has left', () => {
  const cache = new ScriptCache<number>()
  const first = add(cache, 'return 0')
  assert.equal(find(cache, first), 'return 0')
  for (let n = 1; n <= EVAL_SCRIPTS_MAX; n++) add(cache, `return ${n}`)
  assert.equal(find(cache, first), undefined)
  const kept = add(cache, 'return true', true)
  assert.equal(find(cache, kept), 'return true')
  cache.clear()
  assert.equal(find(cache, kept), undefined)
})
