/** What CLIENT LIST and CLIENT KILL call the types of clients. */
import { type Client, ReplyError } from '../../../engine/index.ts'

const TYPES: Readonly<Record<string, string>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
  master: 'master',
}

/** The type of a client. */
export function typeOfClient(client: Client): string {
  return client.isSubscriber ? 'pubsub' : 'normal'
}

/** The type with this name, in any case. Throws when there is none. */
export function clientType(name: string): string {
  const type = TYPES[name.toLowerCase()]
  if (type === undefined) throw new ReplyError(`ERR Unknown client type '${name}'`)
  return type
}
