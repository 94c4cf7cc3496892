/** The language against the reference: what snippets do there was recorded. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf, readSnippets, type Way } from './support/lua.ts'

const WAYS: readonly Way[] = ['plain', 'pausable', 'abandoned']

for (const [file, snippets] of readSnippets()) {
  for (const way of WAYS) {
    test(`snippets of ${file} do the same as in the reference when they run ${way}`, () => {
      const wrong: string[] = []
      for (const { source, outcome } of snippets) {
        const actual = outcomeOf(source, way)
        if (actual !== outcome) wrong.push(`${source}\n${outcome}\n${actual.replace('=>', '!!')}`)
      }
      assert.equal(wrong.length, 0, `${wrong.length} of ${snippets.length}:\n${wrong.join('\n\n')}`)
    })
  }
}
