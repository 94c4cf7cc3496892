import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { root } from '../../test/support/paths.ts'

/** Says of each script whether V8 took the code that it was given: true, false, or undefined without. */
const WATCH = `
  const vm = require('node:vm')
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options)
      console.log('rejected', this.cachedDataRejected)
    }
  }
  require(process.argv[1]).launch(process.argv.slice(2), {})
`

/** A copy of the program as it was built, in a package of its own. */
function copyOfProgram(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-launch-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  const bundle = join('dist', 'bundle', 'program')
  cpSync(join(root, bundle), join(folder, bundle), { recursive: true, preserveTimestamps: true })
  return join(folder, bundle)
}

function launch(program: string, ...args: string[]): string {
  const argv = ['--eval', WATCH, join(program, 'launch.cjs'), ...args]
  const { stdout, stderr } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return stdout + stderr
}

test('the program starts from the code that the build kept', (t) => {
  const program = copyOfProgram(t)
  assert.match(launch(program, '--version'), /^rejected false\nholdfast \d+\.\d+\.\d+\n$/)
  assert.match(
    launch(program, 'cli', '--version'),
    /^rejected false\nholdfast cli \d+\.\d+\.\d+\n$/,
  )
})

test('code older than the program, of another V8 or missing is not used, and all goes on', (t) => {
  const program = copyOfProgram(t)
  const code = join(program, 'program.cjs.code')
  utimesSync(code, 1, 1)
  assert.match(launch(program, '--version'), /^rejected undefined\nholdfast /)
  writeFileSync(code, Buffer.alloc(1000, 7))
  assert.match(launch(program, '--version'), /^rejected true\nholdfast /)
  rmSync(code)
  assert.match(launch(program, '--version'), /^rejected undefined\nholdfast /)
})
