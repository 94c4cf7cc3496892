/**
 * `npm run docs`: writes the pages that follow from tables in the source, `docs/compatibility.md`
 * and `docs/commands.md`. With `--check` it only says whether they are up to date, and builds
 * nothing: that is what the tests run.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, fail, install, root } from './setup.mjs'

const isCheck = process.argv.includes('--check')
if (!isCheck) {
  install()
  await build()
}
const { commandGroups } = await import('../dist/src/commands/index.js')
const { directives } = await import('../dist/src/config/index.js')
const { aclCategories, CommandTable } = await import('../dist/src/engine/index.js')

/** Rows are only looked at, and none of them runs. */
const commands = new CommandTable(commandGroups({})).allWithSubcommands()
const present = new Map(commands.map((command) => [command.fullName, command]))
const reference = readReference()
const GENERATED = '<!-- Written by `npm run docs`; changes belong into what it reads. -->'

const pages = {
  'docs/compatibility.md': compatibilityPage(),
  'docs/commands.md': commandsPage(),
}
const stale = Object.keys(pages).filter((path) => read(path) !== pages[path])
if (isCheck && stale.length > 0) fail(`not up to date, run "npm run docs": ${stale.join(', ')}`)
for (const path of isCheck ? [] : stale) writeFileSync(join(root, path), pages[path])
console.log(
  isCheck || stale.length === 0 ? 'the pages are up to date' : `wrote ${stale.join(', ')}`,
)

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}

/** The reference's commands by name, each with its facts; see the file's own top. */
function readReference() {
  const lines = read('scripts/reference-commands.txt').trimEnd().split('\n')
  const facts = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(' '))
  return new Map(
    facts.map(([name, group, since, arity, flags]) => [name, { group, since, arity, flags }]),
  )
}

function compatibilityPage() {
  const inert = directives.filter(({ inert, hidden }) => inert && !hidden)
  return [
    '# Compatibility',
    GENERATED,
    'Holdfast answers as the reference server does, to the byte, as far as it goes. This page names ' +
      'what is known to differ, and why; the settings that have no effect; and every command of the ' +
      'reference, with whether it is there. The facts about commands were read from a build of the ' +
      "reference's development branch of October 2024 (about 8.0-M02). What a command takes and does " +
      'is in [commands.md](commands.md).',
    read('docs/compatibility-notes.md').trim(),
    '## Settings without effect',
    'These directives are accepted, kept, and shown by CONFIG GET, so that existing files load, but ' +
      'nothing acts on them, because the work they steer is done in another way or not at all. A start ' +
      'names in the log those that were given another value than the default:',
    inert.map(({ name }) => `\`${name}\``).join(', ') + '.',
    '## Commands by group',
    groupTable(),
    '## Every command',
    '“Here” says whether Holdfast has it. Arity counts the name; −3 is three or more.',
    commandTable(),
    '',
  ].join('\n\n')
}

function groupTable() {
  const groups = [...new Set([...reference.values()].map(({ group }) => group))].sort()
  const rows = groups.map((group) => {
    const names = [...reference].filter(([, facts]) => facts.group === group).map(([name]) => name)
    return [group, names.filter((name) => present.has(name)).length, names.length]
  })
  return table(['group', 'here', 'in the reference'], rows)
}

function commandTable() {
  const names = [...new Set([...reference.keys(), ...present.keys()])].sort()
  const rows = names.map((name) => {
    const { group, since, arity, flags } = reference.get(name) ?? factsOf(present.get(name))
    const shown = flags.replaceAll(',', ' ').replace(/^-$/, '')
    return [
      `\`${name.replace('|', ' ').toUpperCase()}\``,
      group,
      since,
      arity.replace('-', '−'),
      shown,
      present.has(name) ? 'yes' : '',
    ]
  })
  return table(['command', 'group', 'since', 'arity', 'flags', 'here'], rows)
}

function factsOf({ group, spec }) {
  return { group, since: spec.since, arity: String(spec.arity), flags: spec.flags.join(',') }
}

function commandsPage() {
  const groups = [...new Set(commands.map(({ group }) => group))]
  const sections = groups.flatMap((group) => [
    `## ${group[0].toUpperCase()}${group.slice(1)}`,
    ...commands.filter((command) => command.group === group && command.run).map(entryOf),
  ])
  const intro =
    'Every command that Holdfast has, from its command table. The notation is the one of the ' +
    'reference: words in capitals are typed as they stand, `[ ]` may be left out, `|` is a choice. ' +
    'What is not here yet is listed in [compatibility.md](compatibility.md).'
  return ['# Commands', GENERATED, intro, ...sections, ''].join('\n\n')
}

function entryOf(command) {
  const { spec, fullName } = command
  const title = fullName.replace('|', ' ').toUpperCase()
  const categories = aclCategories(command).map((name) => `@${name}`)
  const facts = [
    `since ${spec.since}`,
    ...(spec.complexity === '' ? [] : [spec.complexity.replace(/\.$/, '')]),
    categories.join(' '),
  ]
  const old = spec.deprecated === undefined ? '' : ` Superseded by ${spec.deprecated.replacedBy}.`
  return [
    `### ${title}`,
    `    ${`${title} ${shownSyntax(spec.syntax)}`.trim()}`,
    spec.summary + old,
    `*${facts.join(' · ')}*`,
  ].join('\n\n')
}

/** The notation without the types and names that only the argument tree needs. */
function shownSyntax(syntax) {
  const bare = syntax.replace(/[\w-]+\(([^)]*)\)|:[a-z][a-z-]*/g, (_, shown) => shown ?? '')
  // Brackets that only keep a word with what it announces say nothing to a reader.
  return bare.replace(/<([A-Z]+ [a-z]+)>/g, '$1')
}

function table(head, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
