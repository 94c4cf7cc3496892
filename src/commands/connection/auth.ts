/** AUTH and HELLO: who is there, and in which protocol. */
import { timingSafeEqual } from 'node:crypto'
import {
  type Args,
  type Client,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import { REDIS_VERSION } from '../server/version.ts'
import type { Services } from '../services.ts'
import { checkClientName } from './names.ts'

const NO_PASSWORD =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?'
const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.'
const HELLO_NEEDS_AUTH =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO ' +
  '<proto> AUTH <user> <pass> option can be used to authenticate the client and select the ' +
  'RESP protocol version at the same time'
const DEFAULT_USER = 'default'

/** The rows of AUTH and HELLO. */
export function authCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'AUTH',
      syntax: '[username] password',
      summary: 'Says who the client is.',
      since: '1.0.0',
      argumentsSince: { username: '6.0.0' },
      complexity: 'O(N) with N passwords of the user.',
      arity: -2,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      history: [['6.0.0', 'The name of a user before the password.']],
      secrets: ({ left }) => Array.from({ length: left }, (_, i) => i + 1),
      run({ client, reply }, args) {
        if (args.left > 2) throw syntaxError()
        const isShort = args.left === 1
        if (isShort && services.config.values.requirepass === '') throw new ReplyError(NO_PASSWORD)
        const user = isShort ? DEFAULT_USER : args.text()
        authenticate(services, client, user, args.text())
        reply.ok()
      },
    },
    {
      name: 'HELLO',
      syntax: '[protover:integer [AUTH username password]:auth [SETNAME clientname]]:arguments',
      summary: 'Says which protocol to speak, and learns about the server.',
      since: '6.0.0',
      complexity: 'O(1)',
      arity: -1,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      history: [['6.2.0', 'The version may be left out, to ask only.']],
      secrets: greetingSecrets,
      run({ client, reply }, args) {
        const greeting = readGreeting(args)
        const { user, password, name, version } = greeting
        if (user !== undefined) authenticate(services, client, user, password ?? '')
        if (!client.isAuthenticated) throw new ReplyError(HELLO_NEEDS_AUTH)
        if (name !== undefined) client.name = name
        if (version !== undefined) client.isResp3 = version === 3
        reply.isResp3 = client.isResp3
        replyGreeting(client, reply)
      },
    },
  ]
}

interface Greeting {
  version?: number
  user?: string
  password?: string
  name?: string
}

function readGreeting(args: Args): Greeting {
  const greeting: Greeting = {}
  if (args.left === 0) return greeting
  const version = args.int(
    () => new ReplyError('ERR Protocol version is not an integer or out of range'),
  )
  if (version < 2 || version > 3) throw new ReplyError('NOPROTO unsupported protocol version')
  greeting.version = version
  while (args.left > 0) {
    const option = args.text()
    const word = option.toUpperCase()
    if (word === 'AUTH' && args.left >= 2) {
      greeting.user = args.text()
      greeting.password = args.text()
    } else if (word === 'SETNAME' && args.left >= 1) greeting.name = checkClientName(args.text())
    else throw new ReplyError(`ERR Syntax error in HELLO option '${option}'`)
  }
  return greeting
}

/** Where user and password stand, in what may be refused later. */
function greetingSecrets(args: Args): number[] {
  const secrets: number[] = []
  args.at = 2
  while (args.left > 1) {
    if (args.take('AUTH')) {
      secrets.push(args.at, args.at + 1)
      args.at += 2
    } else if (args.take('SETNAME')) args.at++
    else break
  }
  return secrets.filter((position) => position < args.count)
}

function replyGreeting(client: Client, reply: ReplyWriter): void {
  const texts: readonly (readonly [string, string])[] = [
    ['mode', 'standalone'],
    ['role', 'master'],
  ]
  reply.map(7)
  reply.latin1('server')
  // Client libraries take this word as a promise of the protocol, and some look for no other.
  reply.latin1('redis')
  reply.latin1('version')
  reply.latin1(REDIS_VERSION)
  reply.latin1('proto')
  reply.integer(client.isResp3 ? 3 : 2)
  reply.latin1('id')
  reply.integer(client.id)
  for (const [name, value] of texts) {
    reply.latin1(name)
    reply.latin1(value)
  }
  reply.latin1('modules')
  reply.array(0)
}

/** Throws when name and password do not go together. Without a password any goes. */
function authenticate(services: Services, client: Client, user: string, password: string): void {
  const { requirepass } = services.config.values
  const isRight = requirepass === '' || isSame(password, requirepass)
  if (user !== DEFAULT_USER || !isRight) throw new ReplyError(WRONG_PASSWORD)
  client.isAuthenticated = true
  client.user = user
}

/** Takes the same time wherever the texts differ, so that they cannot be guessed letter by letter. */
function isSame(given: string, wanted: string): boolean {
  const a = Buffer.from(given, 'latin1')
  const b = Buffer.from(wanted, 'latin1')
  const padded = Buffer.alloc(b.length)
  a.copy(padded)
  return timingSafeEqual(padded, b) && a.length === b.length
}
