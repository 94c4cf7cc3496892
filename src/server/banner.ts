/** What a person sees when the server has started. */
import type { ConfigValues } from '../config/index.ts'

/** A few lines: address, version, data folder, persistence, and how to stop it. */
export function banner(values: ConfigValues, version: string): string {
  const addresses = values.port === 0 ? [] : values.bind.map((name) => addressOf(name, values.port))
  if (values.unixsocket !== '') addresses.push(values.unixsocket)
  const log = values.appendonly ? [`append-only file, synced: ${values.appendfsync}`] : []
  const snapshots = values.save.length > 0 ? [`snapshots in ${values.dbfilename}`] : []
  const persistence = [...log, ...snapshots].join('; ') || 'none'
  return [
    '',
    `  Holdfast ${version}`,
    '',
    `  address      ${addresses.join('  ')}`,
    `  data         ${values.dir}`,
    `  persistence  ${persistence}`,
    '  stop         Ctrl-C, or SHUTDOWN from a client',
    '',
    '',
  ].join('\n')
}

function addressOf(name: string, port: number): string {
  const plain = name.replace(/^-/, '')
  if (plain === '*') return `0.0.0.0:${port}`
  if (plain === '::*') return `[::]:${port}`
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}
