/** INFO: figures in sections, as lines of `name:value`. */
import type { CommandSpec } from '../../../engine/index.ts'
import type { Services } from '../../services.ts'
import { clientFields } from './clients.ts'
import { commandStatFields, errorStatFields, latencyStatFields } from './commands.ts'
import { clusterFields, keyspaceFields, persistenceFields, replicationFields } from './data.ts'
import type { Fields, Section } from './fields.ts'
import { cpuFields, memoryFields } from './memory.ts'
import { serverFields } from './server.ts'
import { statsFields } from './stats.ts'

/** The row of INFO. */
export function infoCommand(services: Services): CommandSpec {
  const all = sections(services)
  return {
    name: 'INFO',
    syntax: '[section [section ...]]',
    summary: 'Replies with figures about the server, all or some sections of them.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: -1,
    flags: ['loading', 'stale'],
    acl: ['dangerous'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    history: [['7.0.0', 'Several sections at once.']],
    run({ reply }, args) {
      const asked = new Set<string>()
      while (args.left > 0) asked.add(args.text().toLowerCase())
      if (asked.size === 0) asked.add('default')
      const isAll = asked.has('all') || asked.has('everything')
      const chosen = all.filter(
        ({ names, isDefault }) =>
          isAll || (isDefault && asked.has('default')) || names.some((name) => asked.has(name)),
      )
      reply.verbatim('txt', chosen.map(textOf).join('\r\n'))
    },
  }
}

/** Every section, in the reference's order. */
function sections(services: Services): readonly Section[] {
  const section = (title: string, fields: () => Fields, isDefault = true): Section => ({
    names: [title.toLowerCase()],
    title,
    isDefault,
    fields,
  })
  return [
    section('Server', () => serverFields(services)),
    section('Clients', () => clientFields(services)),
    section('Memory', () => memoryFields(services)),
    section('Persistence', () => persistenceFields(services)),
    section('Stats', () => statsFields(services)),
    section('Replication', () => replicationFields(services)),
    section('CPU', () => cpuFields(services)),
    { ...section('Modules', () => []), names: ['modules', 'module_list'] },
    section('Commandstats', () => commandStatFields(services), false),
    section('Errorstats', () => errorStatFields(services)),
    section('Latencystats', () => latencyStatFields(services), false),
    section('Cluster', () => clusterFields()),
    section('Keyspace', () => keyspaceFields(services)),
  ]
}

function textOf({ title, fields }: Section): string {
  const lines = fields().map(([name, value]) => `${name}:${value}\r\n`)
  return `# ${title}\r\n${lines.join('')}`
}
