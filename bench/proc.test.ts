import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cpuSeconds, findProgram, hasProc, parseCoreList, parseStatTicks } from './proc.ts'

test('CPU ticks are found behind a program name with spaces and brackets', () => {
  const stat = '42 (a (b) c) S 1 42 42 0 -1 4194560 10 20 30 40 700 55 9 9 20 0 1 0 100 200 300'
  assert.equal(parseStatTicks(stat), 755)
})

test('a list of cores is expanded', () => {
  assert.deepEqual(parseCoreList('0-2,5\n'), [0, 1, 2, 5])
  assert.deepEqual(parseCoreList('7'), [7])
  assert.deepEqual(parseCoreList(''), [])
})

test('CPU time of this process is what the process itself counts', { skip: !hasProc }, () => {
  const own = process.cpuUsage()
  const ownSeconds = (own.user + own.system) / 1e6
  // Where only ticks are known they are 10 ms, and a little time passes between the two readings.
  assert.ok(Math.abs(cpuSeconds(process.pid)! - ownSeconds) < 0.5)
})

test('a program that does not exist is not found', () => {
  assert.equal(findProgram('no-such-program-anywhere'), undefined)
})

const canPin = hasProc && findProgram('taskset') !== undefined

test('a program moves to the core that is named, and stays where it is without one', {
  skip: !canPin,
}, () => {
  const allowed = () =>
    /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]!
  const core = String(parseCoreList(allowed()).at(-1))
  const path = fileURLToPath(new URL('./proc.js', import.meta.url))
  const program = `
    import { readFileSync } from 'node:fs'
    import { moveTo } from ${JSON.stringify(path)}
    const allowed = () => /^Cpus_allowed_list:\\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]
    moveTo([])
    console.log(allowed())
    moveTo(['taskset', '-c', ${JSON.stringify(core)}])
    console.log(allowed())
  `
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  )
  assert.equal(stderr, '')
  assert.deepEqual(stdout.trim().split('\n'), [allowed(), core])
})
