/** The papers that follow from tables, and the facts that the tables share with the reference. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandGroups, isMissingCommand, type Services } from '../src/commands/index.ts'
import { CommandTable, hasMovableKeys } from '../src/engine/index.ts'
import { root } from './support/paths.ts'
import { runToEnd } from './support/servers.ts'

const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

test('the generated pages are up to date', async () => {
  const script = join(root, 'scripts', 'docs.mjs')
  const { status, stderr } = await runToEnd(process.execPath, [script, '--check'])
  assert.equal(status, 0, stderr)
})

test('group, version, arity and flags of every row are those of the reference', () => {
  const lines = textOf('scripts/reference-commands.txt').trimEnd().split('\n')
  const reference = new Set(lines.filter((line) => !line.startsWith('#')))
  const rows = new CommandTable(commandGroups({} as Services)).allWithSubcommands()
  const found = rows
    .map(({ fullName, group, spec }) => {
      // That one is not shown by the reference either.
      const shown = spec.flags.filter((flag) => flag !== 'may_replicate')
      if (hasMovableKeys(spec)) shown.push('movablekeys')
      const flags = shown.sort().join(',') || '-'
      return [fullName, group, spec.since, spec.arity, flags].join(' ')
    })
    .filter((line) => !reference.has(line))
  assert.deepEqual(found, [])
})

test('a command of the reference is either in the table or known to be missing', () => {
  const table = new CommandTable(commandGroups({} as Services))
  for (const line of textOf('scripts/reference-commands.txt').trimEnd().split('\n')) {
    const [name = ''] = line.split(' ')
    if (name === '#' || name.includes('|')) continue
    const bytes = Buffer.from(name)
    const isThere = table.find(bytes, 0, bytes.length) !== undefined
    assert.notEqual(isThere, isMissingCommand(name), name)
  }
})

const PAPERS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/compatibility.md',
  'docs/dependencies.md',
  'docs/formats/aof.md',
]

for (const path of PAPERS) {
  test(`the links of ${path} lead somewhere`, () => {
    const folder = join(path, '..')
    for (const [, target] of textOf(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue
      assert.doesNotThrow(() => readFileSync(join(root, folder, target!)), `${path}: ${target}`)
    }
  })
}

test('every development dependency has its reason in docs/dependencies.md, and there are no others', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as {
    dependencies?: Record<string, string>
    devDependencies: Record<string, string>
  }
  assert.equal(dependencies, undefined)
  const page = textOf('docs/dependencies.md')
  for (const name of Object.keys(devDependencies)) assert.ok(page.includes(`\`${name}\``), name)
})
