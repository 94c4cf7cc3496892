/** COMMAND DOCS: what people want to know, with the arguments as a tree. */
import {
  type Argument,
  type Command,
  type CommandSpec,
  type KeySpec,
  parseSyntax,
} from '../../../engine/index.ts'
import type { ReplyWriter } from '../../../resp/index.ts'
import { replyStatuses } from './info.ts'

/** Answers with the documentation of a command. */
export function replyDocs(reply: ReplyWriter, command: Command): void {
  const { spec, group, subcommands } = command
  const list = parseSyntax(spec.syntax)
  const fields = new Fields(reply)
  fields.text('summary', spec.summary)
  fields.text('since', spec.since)
  fields.text('group', group)
  if (spec.complexity !== '') fields.text('complexity', spec.complexity)
  const flags = spec.isInternal ? ['syscmd'] : []
  if (spec.deprecated !== undefined) flags.unshift('deprecated')
  if (flags.length > 0) fields.add('doc_flags', () => replyStatuses(reply, flags))
  if (spec.deprecated !== undefined) {
    fields.text('deprecated_since', spec.deprecated.since)
    fields.text('replaced_by', spec.deprecated.replacedBy)
  }
  if (spec.history !== undefined) fields.add('history', () => replyHistory(reply, spec.history!))
  if (list.length > 0) {
    const facts = { spec, keySpecs: new KeySpecs(spec.keys ?? []) }
    fields.add('arguments', () => replyArguments(reply, list, facts, ''))
  }
  if (subcommands.size > 0) {
    fields.add('subcommands', () => {
      reply.map(subcommands.size)
      for (const child of subcommands.values()) {
        reply.latin1(child.fullName)
        replyDocs(reply, child)
      }
    })
  }
  fields.finish()
}

/** A map whose size is known when all of it is there. */
class Fields {
  readonly #reply: ReplyWriter
  readonly #rows: (() => void)[] = []

  constructor(reply: ReplyWriter) {
    this.#reply = reply
  }

  add(name: string, answer: () => void): void {
    this.#rows.push(() => {
      this.#reply.latin1(name)
      answer()
    })
  }

  text(name: string, value: string): void {
    this.add(name, () => this.#reply.text(value))
  }

  finish(): void {
    this.#reply.map(this.#rows.length)
    for (const row of this.#rows) row()
  }
}

/**
 * Keys are told apart by the key specification that finds them: the first by the first, and so on.
 * Patterns that keys are made of, as in SORT, share one that says where it is unknown.
 */
class KeySpecs {
  readonly #specs: readonly KeySpec[]
  #next = 0
  #isShared = false

  constructor(specs: readonly KeySpec[]) {
    this.#specs = specs
  }

  /** Which one finds what such an argument names, if any does. */
  indexFor(kind: Argument['kind']): number | undefined {
    if (kind === 'pattern') {
      if (this.#specs[this.#next]?.begin.kind !== 'unknown') return undefined
      this.#isShared = true
      return this.#next
    }
    if (kind !== 'key' || this.#specs.length === 0) return undefined
    if (this.#isShared) this.#next++
    this.#isShared = false
    return Math.min(this.#next++, this.#specs.length - 1)
  }
}

function replyHistory(
  reply: ReplyWriter,
  history: readonly (readonly [since: string, change: string])[],
): void {
  reply.set(history.length)
  for (const [since, change] of history) {
    reply.array(2)
    reply.latin1(since)
    reply.text(change)
  }
}

/** What a row says about its arguments beside the tree that they are. */
interface ArgumentFacts {
  readonly spec: CommandSpec
  readonly keySpecs: KeySpecs
}

/** `within` names what the arguments are parts of, with a slash behind each name. */
function replyArguments(
  reply: ReplyWriter,
  list: readonly Argument[],
  facts: ArgumentFacts,
  within: string,
): void {
  const { spec, keySpecs } = facts
  reply.array(list.length)
  for (const argument of list) {
    const { name, kind, display, token, parts } = argument
    const path = within + name
    const since = spec.argumentsSince?.[path]
    const deprecated = spec.argumentsDeprecated?.[path]
    const fields = new Fields(reply)
    const isGroup = kind === 'oneof' || kind === 'block'
    const flags = flagsOf(argument)
    fields.text('name', name)
    fields.text('type', kind)
    if (!isGroup) fields.text('display_text', display ?? name)
    const index = keySpecs.indexFor(kind)
    if (index !== undefined) fields.add('key_spec_index', () => reply.integer(index))
    if (token !== undefined) fields.text('token', token)
    if (since !== undefined) fields.text('since', since)
    if (deprecated !== undefined) fields.text('deprecated_since', deprecated)
    if (flags.length > 0) fields.add('flags', () => replyStatuses(reply, flags))
    if (isGroup) fields.add('arguments', () => replyArguments(reply, parts, facts, `${path}/`))
    fields.finish()
  }
}

function flagsOf({ isOptional, isMultiple, repeatsToken }: Argument): string[] {
  const flags: readonly (readonly [boolean, string])[] = [
    [isOptional, 'optional'],
    [isMultiple, 'multiple'],
    [repeatsToken, 'multiple_token'],
  ]
  return flags.filter(([isSet]) => isSet).map(([, flag]) => flag)
}
