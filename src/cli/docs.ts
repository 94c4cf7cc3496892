/**
 * The command table as the server tells it, by `COMMAND DOCS`: what hints, completion and help are
 * made from. The tool has no table of its own, so it fits whatever server it talks to.
 */
import { type Reply, replyEntries, replyItems, replyText } from './reply.ts'

/** A node of a command's argument tree. */
export interface ArgDoc {
  readonly type: string
  /** What to call it in a hint. */
  readonly label: string
  readonly token: string | undefined
  readonly isOptional: boolean
  readonly isMultiple: boolean
  /** Whether each repetition says the token again. */
  readonly repeatsToken: boolean
  /** The parts of a `block`, the choices of a `oneof`. */
  readonly args: readonly ArgDoc[]
}

/** A command or subcommand. */
export interface CommandDoc {
  /** Its one or two words, upper case. */
  readonly words: readonly string[]
  readonly summary: string
  readonly since: string | undefined
  readonly group: string
  readonly args: readonly ArgDoc[]
}

/**
 * Reads a reply to `COMMAND DOCS`.
 * @returns commands in the order of their names; none when the reply is something else.
 */
export function readDocs(reply: Reply): CommandDoc[] {
  const docs: CommandDoc[] = []
  for (const [name, doc] of replyEntries(reply)) addCommand(docs, [], name, doc)
  return docs.sort((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1))
}

function addCommand(docs: CommandDoc[], parents: readonly string[], name: Reply, doc: Reply): void {
  const fields = fieldsOf(doc)
  // A subcommand's name comes with its parent's in front, `config|get`.
  const word = (replyText(name) ?? '').split('|').at(-1)!.toUpperCase()
  const words = [...parents, word]
  docs.push({
    words,
    summary: replyText(fields.get('summary')) ?? '',
    since: replyText(fields.get('since')),
    group: replyText(fields.get('group')) ?? '',
    args: replyItems(fields.get('arguments')).map(readArg),
  })
  for (const [subname, subdoc] of replyEntries(fields.get('subcommands'))) {
    addCommand(docs, words, subname, subdoc)
  }
}

function readArg(reply: Reply): ArgDoc {
  const fields = fieldsOf(reply)
  const flags = replyItems(fields.get('flags')).map(replyText)
  return {
    type: replyText(fields.get('type')) ?? 'string',
    label: replyText(fields.get('display_text') ?? fields.get('name')) || '""',
    token: replyText(fields.get('token')),
    isOptional: flags.includes('optional'),
    isMultiple: flags.includes('multiple'),
    repeatsToken: flags.includes('multiple_token'),
    args: replyItems(fields.get('arguments')).map(readArg),
  }
}

function fieldsOf(reply: Reply): Map<string | undefined, Reply> {
  return new Map(replyEntries(reply).map(([key, value]) => [replyText(key), value]))
}

/** The command with the most words that the line begins with. */
export function findCommand(
  docs: readonly CommandDoc[],
  words: readonly string[],
): CommandDoc | undefined {
  let best: CommandDoc | undefined
  for (const doc of docs) {
    if (doc.words.length > words.length || doc.words.length <= (best?.words.length ?? 0)) continue
    if (doc.words.every((word, at) => words[at]!.toUpperCase() === word)) best = doc
  }
  return best
}
