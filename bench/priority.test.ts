import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hasProc } from './proc.ts'

test('a program steps back with all of its threads', { skip: !hasProc }, () => {
  const path = fileURLToPath(new URL('./priority.js', import.meta.url))
  const program = `
    import { readdirSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { stepBack } from ${JSON.stringify(path)}
    stepBack()
    console.log(JSON.stringify(readdirSync('/proc/self/task').map((id) => getPriority(Number(id)))))
  `
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  )
  assert.equal(stderr, '')
  const found = JSON.parse(stdout) as number[]
  assert.ok(found.length > 1)
  assert.deepEqual([...new Set(found)], [19])
})
