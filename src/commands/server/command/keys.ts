/** COMMAND GETKEYS and GETKEYSANDFLAGS: the keys of a request that is given as arguments. */
import {
  type Args,
  type Call,
  type Command,
  type CommandTable,
  hasKeys,
  keyPlaces,
  ReplyError,
} from '../../../engine/index.ts'
import { Request } from '../../../resp/index.ts'
import { replyKeyFlags } from './info.ts'

/** Answers with the keys, each with its flags when `withFlags`. */
export function replyKeys(
  { reply }: Call,
  args: Args,
  table: CommandTable,
  withFlags: boolean,
): void {
  const request = new Request()
  const argv: Uint8Array[] = []
  while (args.left > 0) argv.push(args.next().copyOf())
  request.assign(argv)
  const command = findCommand(table, argv)
  if (command === undefined) throw new ReplyError('ERR Invalid command specified')
  const { arity, spec } = command
  if (!hasKeys(spec)) throw new ReplyError('ERR The command has no key arguments')
  if (arity > 0 ? argv.length !== arity : argv.length < -arity) {
    throw new ReplyError('ERR Invalid number of arguments specified for command')
  }
  const places = keyPlaces(command, request) ?? []
  if (places.length === 0 && !spec.flags.includes('no_mandatory_keys')) {
    throw new ReplyError('ERR Invalid arguments specified for command')
  }
  reply.array(places.length)
  for (const { position, flags } of places) {
    if (withFlags) reply.array(2)
    reply.bulk(argv[position]!)
    if (withFlags) replyKeyFlags(reply, flags)
  }
}

function findCommand(table: CommandTable, argv: readonly Uint8Array[]): Command | undefined {
  const name = argv[0]!
  const command = table.find(name, 0, name.length)
  if (command === undefined || command.subcommands.size === 0 || argv.length === 1) return command
  const word = Buffer.from(argv[1]!).toString('latin1').toUpperCase()
  return command.subcommands.get(word)
}
