/** Server addresses of the form `redis://user:password@host:port/database`. */

/** What an address says; what it leaves out is absent. */
export interface ServerUri {
  readonly isTls: boolean
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: number
}

/**
 * Reads an address. Host and port may be left out, user without password too.
 * @returns a sentence for people when it is none.
 */
export function parseUri(uri: string): ServerUri | string {
  const scheme = /^rediss?:\/\//i.exec(uri)
  if (scheme === null) return 'Invalid URI scheme'
  const parts = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(?:\/(.*))?$/s.exec(
    uri.slice(scheme[0].length),
  )
  if (parts === null) return 'Invalid URI'
  const [, userinfo, host, port, database] = parts
  if (port !== undefined && !/^\d{1,5}$/.test(port)) return 'Invalid server port.'
  if (database && !/^\d+$/.test(database)) return 'Invalid database number in the URI'
  try {
    return {
      isTls: scheme[0].toLowerCase() === 'rediss://',
      ...(host ? { host: host.replace(/^\[|\]$/g, '') } : {}),
      ...(port === undefined ? {} : { port: Number(port) }),
      ...credentialsOf(userinfo),
      ...(database ? { database: Number(database) } : {}),
    }
  } catch {
    return 'Incomplete percent encoding in the URI'
  }
}

function credentialsOf(userinfo: string | undefined): { user?: string; password?: string } {
  if (userinfo === undefined) return {}
  const colon = userinfo.indexOf(':')
  // A lone word in front of the @ is a password, as it always was.
  if (colon === -1) return { password: decodeURIComponent(userinfo) }
  const user = decodeURIComponent(userinfo.slice(0, colon))
  return {
    ...(user === '' ? {} : { user }),
    password: decodeURIComponent(userinfo.slice(colon + 1)),
  }
}
