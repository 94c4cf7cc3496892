/**
 * The house rules that a program can see: which room may know which, the size of files, names,
 * docstrings, and what never belongs into a source. What is allowed beyond them stands in lists.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { filesBelow, root } from './support/paths.ts'

/** The floors of the house, lowest first. A room may know those on floors below its own. */
const FLOORS: readonly (readonly string[])[] = [
  ['bytes', 'host'],
  ['arena'],
  ['structures', 'resp', 'lua', 'config'],
  ['values', 'acl', 'link'],
  ['keyspace'],
  ['engine', 'rdb'],
  ['persistence', 'scripting', 'pubsub'],
  ['replication', 'cluster'],
  ['commands'],
  ['store'],
  ['console'],
  ['server', 'cli', 'tools'],
  ['program'],
]

/** Imports that pass a door all the same, each for its reason. */
const BESIDE_DOORS: Readonly<Record<string, string>> = {
  'src/resp/reply.ts': 'replies as data are for tools and tests; the server never reads any',
  'src/resp/reply-reader.ts': 'as above',
  'src/cli/draw.ts': 'transcripts are drawn as the prompt draws',
}
/** Who may use those. */
const MAY_PASS = ['src/cli/', 'src/tools/', 'test/', 'bench/']

const LINES_MAX = 500
const DOCUMENTS = ['README.md', 'docs/architecture.md', 'docs/compatibility.md', 'CHANGELOG.md']

const sources = ['src', 'test', 'bench'].flatMap((folder) => filesBelow(folder, '.ts'))
const scripts = filesBelow('scripts', '.mjs')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
/** What serves tests alone: by its ending, or by name. */
const TEST_HELPERS = [
  'src/persistence/fixtures.ts',
  'src/cli/test-world.ts',
  'src/commands/test-world.ts',
]
const isTest = (path: string) => /\.(test|fixture)\.ts$/.test(path) || TEST_HELPERS.includes(path)
const roomOf = (path: string) => (path.startsWith('src/') ? path.split('/')[1]! : undefined)
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room))

/** Fails with every violation at once. */
function report(found: readonly string[]): void {
  assert.equal(found.length, 0, `\n${found.join('\n')}`)
}

/** The relative imports of a file, as paths from the root. */
function importsOf(path: string): string[] {
  const found = textOf(path).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)
  return [...found].map((match) => join(dirname(path), match[1]!).replaceAll('\\', '/'))
}

/** What is wrong with one file importing another, if anything. */
function complaint(path: string, target: string): string | undefined {
  const room = roomOf(path)
  const other = roomOf(target)
  if (other === undefined) {
    return room === undefined || isTest(path) ? undefined : 'leaves src'
  }
  if (room === other) {
    // Within a room the files know each other; its door is for those outside.
    const isOwnDoor = target === `src/${room}/index.ts` && !isTest(path)
    return isOwnDoor ? 'enters its own room by the door' : undefined
  }
  // Model tests of any room draw their steps from a seed.
  const isSeed = isTest(path) && target === 'src/host/index.ts'
  if (room !== undefined && !isSeed && floorOf(other) >= floorOf(room)) return 'goes up or across'
  const isDoor = target === `src/${other}/index.ts`
  const mayPass = target in BESIDE_DOORS && MAY_PASS.some((place) => path.startsWith(place))
  return isDoor || mayPass ? undefined : 'passes a door'
}

test('imports go down, and only through doors', () => {
  const found: string[] = []
  for (const path of sources) {
    for (const target of importsOf(path)) {
      const wrong = complaint(path, target)
      if (wrong !== undefined) found.push(`${path} imports ${target}: it ${wrong}`)
    }
  }
  report(found)
})

test('the rules of imports can tell right from wrong', () => {
  assert.equal(complaint('src/arena/arena.ts', 'src/bytes/index.ts'), undefined)
  assert.equal(complaint('src/arena/arena.ts', 'src/arena/size-classes.ts'), undefined)
  assert.equal(complaint('src/arena/arena.ts', 'src/bytes/hash.ts'), 'passes a door')
  assert.equal(complaint('src/arena/arena.ts', 'src/engine/index.ts'), 'goes up or across')
  assert.equal(complaint('src/resp/request.ts', 'src/config/index.ts'), 'goes up or across')
  assert.equal(complaint('src/arena/arena.ts', 'test/support/link.ts'), 'leaves src')
  assert.equal(complaint('src/engine/args.ts', 'src/resp/reply.ts'), 'passes a door')
  assert.equal(complaint('test/x.test.ts', 'src/arena/index.ts'), undefined)
  assert.equal(complaint('test/x.test.ts', 'src/arena/arena.ts'), 'passes a door')
})

test('every room stands on a floor and has a door that says what it is for', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
  report(
    rooms.flatMap((entry) => {
      const door = `src/${entry.name}/index.ts`
      if (!entry.isDirectory()) return [`src/${entry.name} is in no room`]
      if (floorOf(entry.name) < 0) return [`src/${entry.name} stands on no floor`]
      if (!existsSync(join(root, door))) return [`src/${entry.name} has no door`]
      return textOf(door).startsWith('/**') ? [] : [`${door} does not say what the room is for`]
    }),
  )
})

test('what may pass a door exists', () => {
  report(Object.keys(BESIDE_DOORS).filter((path) => !existsSync(join(root, path))))
})

test('files are short, named in kebab case, and say at the top what they are', () => {
  const found: string[] = []
  for (const path of [...sources, ...scripts]) {
    const text = textOf(path)
    const lines = text.trimEnd().split('\n').length
    if (lines > LINES_MAX) found.push(`${path} has ${lines} lines`)
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.fixture)?\.(ts|mjs)$/.test(basename(path))) {
      found.push(`${path} is not in kebab case`)
    }
    if (!isTest(path) && !/^(#!.*\n)?\/\*\*/.test(text)) found.push(`${path} has no top comment`)
  }
  report(found)
})

/** Lines of declarations that are exported, but for re-exports, with the line before each. */
function exportsOf(text: string): { name: string; line: number; before: string }[] {
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    const declared =
      /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|type|interface) (\w+)/
    const name = declared.exec(line)?.[1]
    const before = lines[at - 1]?.trim() ?? ''
    return name === undefined ? [] : [{ name, line: at + 1, before }]
  })
}

test('every exported name has a docstring', () => {
  const found: string[] = []
  for (const path of sources.filter((path) => path.startsWith('src/') && !isTest(path))) {
    const bare: string[] = []
    // Short constants in a row share the docstring above the first of them.
    let documentedUntil = -1
    for (const { name, line, before } of exportsOf(textOf(path))) {
      const isDocumented = before.endsWith('*/') || documentedUntil === line - 1
      if (isDocumented) documentedUntil = endOfStatement(textOf(path), line)
      else bare.push(`${path}:${line} ${name} has no docstring`)
    }
    // The comment at the top of a file speaks for the one thing that the file is about.
    if (bare.length > 1) found.push(...bare)
  }
  report(found)
})

/** The last line of the constant that begins at a line; the line before it for anything else. */
function endOfStatement(text: string, line: number): number {
  const lines = text.split('\n')
  if (!lines[line - 1]!.startsWith('export const')) return -1
  let at = line
  while (lines[at]?.startsWith('  ')) at++
  return at
}

/** Patterns that no source may hold, in parts where this file would hold them itself. */
const BANNED: readonly (readonly [pattern: RegExp, why: string])[] = [
  [new RegExp(`\\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|XX${'X'})\\b`), 'a wish'],
  [new RegExp(`@ts-(?:${'ignore'}|${'expect-error'}|${'nocheck'})`), 'types switched off'],
  [new RegExp(`["'\`/ ](?:/work/|/Users/|/${'tmp'}/\\w|/root/)`), 'a path of one machine'],
  [new RegExp(`registry\\.${'npmjs'}|npmjs\\.${'org'}`), 'the host of a registry'],
]

test('no source has wishes, switched off types, or paths of one machine', () => {
  const found: string[] = []
  for (const path of [...sources, ...scripts, '.ci/run', 'bin/holdfast']) {
    textOf(path)
      .split('\n')
      .forEach((line, at) => {
        for (const [pattern, why] of BANNED) {
          if (pattern.test(line)) found.push(`${path}:${at + 1} has ${why}: ${line.trim()}`)
        }
      })
  }
  report(found)
})

test('the patterns of what is banned find it', () => {
  const hits = (line: string) => BANNED.filter(([pattern]) => pattern.test(line)).length
  assert.equal(hits(`// ${'TO'}DO later`), 1)
  assert.equal(hits(`const path = '/${'Users'}/me'`), 1)
  assert.equal(hits(`// @ts-${'ignore'}`), 1)
  assert.equal(hits('// what is to do is done in dist/work/main.js'), 0)
})

test('only errors inherit, and types leave no code behind', () => {
  const found: string[] = []
  for (const path of sources.filter((path) => !isTest(path))) {
    textOf(path)
      .split('\n')
      .forEach((line, at) => {
        const parent = /^(?:export )?class \w+(?:<.*>)? extends (\w+)/.exec(line)?.[1]
        if (parent !== undefined && !parent.endsWith('Error'))
          found.push(`${path}:${at + 1} ${line}`)
        if (/^(?:export )?(?:const )?(?:enum|namespace) \w/.test(line)) {
          found.push(`${path}:${at + 1} ${line}`)
        }
      })
  }
  report(found)
})

test('the documents that people look for exist', () => {
  report(DOCUMENTS.filter((path) => !existsSync(join(root, path))))
})
