import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Argument,
  aclCategories,
  type Command,
  CommandTable,
  countArguments,
  parseSyntax,
} from '../engine/index.ts'
import { commandGroups } from './index.ts'
import type { Services } from './services.ts'

/** Rows are only looked at here, and none of them runs. */
const table = new CommandTable(commandGroups({} as Services))
const all = table.allWithSubcommands()

/** Commands whose arity, like the reference's, says less than their arguments do. */
const LENIENT = ['quit', 'debug']

function isContainer({ subcommands }: Command): boolean {
  return subcommands.size > 0
}

test('the arity of every row agrees with its syntax', () => {
  for (const command of all) {
    const { fullName, arity, spec, parent } = command
    if (isContainer(command) || LENIENT.includes(fullName)) continue
    const words = parent === undefined ? 1 : 2
    const { min, max } = countArguments(parseSyntax(spec.syntax))
    const expected = min === max ? min + words : -(min + words)
    assert.equal(arity, expected, `${fullName} ${spec.syntax}`)
  }
})

test('every row has a summary of one sentence, a version, and a complexity', () => {
  for (const { fullName, spec } of all) {
    assert.match(spec.summary, /^\S.*[.]$/, fullName)
    assert.match(spec.since, /^\d+\.\d+\.\d+$/, fullName)
    // The reference says nothing of these.
    if (!['lolwut', 'monitor'].includes(fullName)) assert.notEqual(spec.complexity, '', fullName)
  }
})

test('every row can be called, or has subcommands that can', () => {
  for (const command of all) {
    assert.ok(command.run !== undefined || isContainer(command), command.fullName)
  }
})

test('every row with a key argument says where the keys are', () => {
  for (const { fullName, spec } of all) {
    const hasKey = JSON.stringify(parseSyntax(spec.syntax)).includes('"kind":"key"')
    const hasSpec = (spec.keys ?? []).length > 0 || spec.findKeys !== undefined
    if (hasKey) assert.ok(hasSpec, fullName)
  }
})

test('every row is either fast or slow, and reads or writes where its flags say so', () => {
  for (const command of all) {
    const categories = aclCategories(command)
    const { fullName, spec } = command
    assert.equal(categories.includes('fast'), !categories.includes('slow'), fullName)
    assert.equal(categories.includes('write'), spec.flags.includes('write'), fullName)
    assert.ok(!(spec.flags.includes('write') && spec.flags.includes('readonly')), fullName)
  }
})

/** The names of all arguments of a row, with those of what they are parts of. */
function argumentPaths(list: readonly Argument[], within = ''): string[] {
  return list.flatMap(({ name, parts }) => [
    within + name,
    ...argumentPaths(parts, `${within}${name}/`),
  ])
}

test('versions are said of arguments that there are', () => {
  for (const { fullName, spec } of all) {
    const paths = argumentPaths(parseSyntax(spec.syntax))
    for (const [path, version] of Object.entries({
      ...spec.argumentsSince,
      ...spec.argumentsDeprecated,
    })) {
      assert.ok(paths.includes(path), `${fullName} ${path}`)
      assert.match(version, /^\d+\.\d+\.\d+$/, `${fullName} ${path}`)
    }
  }
})
