/** CLIENT subcommands about caches: TRACKING, CACHING, TRACKINGINFO and GETREDIR. */
import {
  type Args,
  type Call,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../../engine/index.ts'
import type { TrackingOptions, TrackingState } from '../../../pubsub/index.ts'
import type { Services } from '../../services.ts'

const quick = { complexity: 'O(1)', flags: ['noscript', 'loading', 'stale'] } as const
const NOT_TRACKING = -1

/** The rows about what a connection is told of keys that change. */
export function trackingSubcommands(services: Services): readonly CommandSpec[] {
  return [
    {
      ...quick,
      name: 'CACHING',
      syntax: '<YES | NO>:mode',
      summary: 'Says whether the keys of the next command are tracked.',
      since: '6.0.0',
      arity: 3,
      run({ client, reply }, args) {
        setCaching(services.tracking.stateOf(client), args)
        reply.ok()
      },
    },
    {
      ...quick,
      name: 'GETREDIR',
      syntax: '',
      summary: 'Replies with the connection that is told of changes instead of this one.',
      since: '6.0.0',
      arity: 2,
      run({ client, reply }) {
        reply.integer(services.tracking.stateOf(client)?.redirectTo ?? NOT_TRACKING)
      },
    },
    {
      ...quick,
      name: 'TRACKING',
      syntax:
        '<ON | OFF>:status [REDIRECT client-id:integer] [PREFIX prefix [PREFIX prefix ...]] ' +
        '[BCAST] [OPTIN] [OPTOUT] [NOLOOP]',
      summary: 'Lets this connection be told when keys that it has read change.',
      since: '6.0.0',
      complexity: 'O(1), and more with some options.',
      arity: -3,
      run({ client, reply }, args) {
        const { tracking } = services
        const options = readOptions(services, args)
        if (args.take('ON')) {
          checkOptions(options, tracking.stateOf(client))
          tracking.enable(client, options)
        } else if (args.take('OFF')) tracking.disable(client)
        else throw syntaxError()
        reply.ok()
      },
    },
    {
      ...quick,
      name: 'TRACKINGINFO',
      syntax: '',
      summary: 'Replies with how this connection tracks keys.',
      since: '6.2.0',
      arity: 2,
      run(call) {
        replyState(call, services.tracking.stateOf(call.client))
      },
    },
  ]
}

function setCaching(state: TrackingState | undefined, args: Args): void {
  const refuse = (text: string) => new ReplyError(`ERR CLIENT CACHING ${text}`)
  if (state === undefined) {
    throw refuse(
      'can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
    )
  }
  if (args.take('YES')) {
    if (!state.isOptIn) throw refuse('YES is only valid when tracking is enabled in OPTIN mode.')
  } else if (!args.take('NO')) throw syntaxError()
  else if (!state.isOptOut) {
    throw refuse('NO is only valid when tracking is enabled in OPTOUT mode.')
  }
  state.isCaching = true
}

/** Reads what follows ON or OFF, and leaves that to be read. */
function readOptions({ engine }: Services, args: Args): TrackingOptions {
  const options = {
    redirectTo: 0,
    isBroadcast: false,
    isOptIn: false,
    isOptOut: false,
    isNoLoop: false,
    prefixes: [] as string[],
  }
  const switchAt = args.at++
  while (args.left > 0) {
    if (args.left > 1 && args.take('REDIRECT')) {
      if (options.redirectTo !== 0) {
        throw new ReplyError('ERR A client can only redirect to a single other client')
      }
      options.redirectTo = args.int()
      if (!engine.clients.has(options.redirectTo)) {
        throw new ReplyError('ERR The client ID you want redirect to does not exist')
      }
    } else if (args.left > 1 && args.take('PREFIX')) options.prefixes.push(args.text())
    else if (args.take('BCAST')) options.isBroadcast = true
    else if (args.take('OPTIN')) options.isOptIn = true
    else if (args.take('OPTOUT')) options.isOptOut = true
    else if (args.take('NOLOOP')) options.isNoLoop = true
    else throw syntaxError()
  }
  args.at = switchAt
  return options
}

/** Throws when the options do not go together, or not with what the client has. */
function checkOptions(options: TrackingOptions, state: TrackingState | undefined): void {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = options
  if (!isBroadcast && prefixes.length > 0) {
    throw new ReplyError('ERR PREFIX option requires BCAST mode to be enabled')
  }
  if (state !== undefined && state.isBroadcast !== isBroadcast) {
    throw switched('BCAST mode on/off')
  }
  if (isBroadcast && (isOptIn || isOptOut)) {
    throw new ReplyError('ERR OPTIN and OPTOUT are not compatible with BCAST')
  }
  if (isOptIn && isOptOut) {
    throw new ReplyError("ERR You can't specify both OPTIN mode and OPTOUT mode")
  }
  if ((isOptIn && state?.isOptOut) || (isOptOut && state?.isOptIn)) {
    throw switched('OPTIN/OPTOUT mode')
  }
  if (isBroadcast) checkPrefixes(prefixes, state?.prefixes)
}

function switched(what: string): ReplyError {
  return new ReplyError(
    `ERR You can't switch ${what} before disabling tracking for this client, and then ` +
      're-enabling it with a different mode.',
  )
}

/** No prefix of a client may begin with another one: it would be told twice. */
function checkPrefixes(prefixes: readonly string[], existing: ReadonlySet<string> = new Set()) {
  const overlaps = (a: string, b: string) => a.startsWith(b) || b.startsWith(a)
  const refuse = (prefix: string, which: string, other: string) =>
    new ReplyError(
      `ERR Prefix '${prefix}' overlaps with ${which} '${other}'. ` +
        'Prefixes for a single client must not overlap.',
    )
  prefixes.forEach((prefix, at) => {
    const held = [...existing].sort().find((other) => overlaps(prefix, other))
    if (held !== undefined) throw refuse(prefix, 'an existing prefix', held)
    const other = prefixes.slice(at + 1).find((other) => overlaps(prefix, other))
    if (other !== undefined) throw refuse(prefix, 'another provided prefix', other)
  })
}

function replyState({ reply }: Call, state: TrackingState | undefined): void {
  const flags: readonly (readonly [string, boolean | undefined])[] = [
    ['off', state === undefined],
    ['on', state !== undefined],
    ['bcast', state?.isBroadcast],
    ['optin', state?.isOptIn],
    ['caching-yes', state?.isOptIn && state.isCaching],
    ['optout', state?.isOptOut],
    ['caching-no', state?.isOptOut && state.isCaching],
    ['noloop', state?.isNoLoop],
    ['broken_redirect', state?.isRedirectBroken],
  ]
  const set = flags.filter(([, isSet]) => isSet)
  const prefixes = [...(state?.prefixes ?? [])].sort()
  reply.map(3)
  reply.latin1('flags')
  reply.set(set.length)
  for (const [name] of set) reply.latin1(name)
  reply.latin1('redirect')
  reply.integer(state?.redirectTo ?? NOT_TRACKING)
  reply.latin1('prefixes')
  reply.array(prefixes.length)
  for (const prefix of prefixes) reply.latin1(prefix)
}
