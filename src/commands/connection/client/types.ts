/** What CLIENT LIST and CLIENT KILL call the types of clients. */
import { ReplyError } from '../../../engine/index.ts'

/** The type of every client that sends commands of its own. */
export const NORMAL = 'normal'

const TYPES: Readonly<Record<string, string>> = {
  normal: NORMAL,
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
  master: 'master',
}

/** The type with this name, in any case. Throws when there is none. */
export function clientType(name: string): string {
  const type = TYPES[name.toLowerCase()]
  if (type === undefined) throw new ReplyError(`ERR Unknown client type '${name}'`)
  return type
}
