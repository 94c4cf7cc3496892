/** `--stat`: a line of figures every second. */
import { replyText } from '../reply.ts'
import type { Session } from '../session.ts'
import { Rounds, refuse } from './rounds.ts'

const HEADER = `------- data ------ --------------------- load -------------------- - child -
keys       mem      clients blocked requests            connections          
`

/** Lines between two headers. */
const LINES_PER_HEADER = 20
const DEFAULT_INTERVAL_MS = 1000

/** Shows figures until Ctrl-C. @returns the exit status. */
export async function runStat(session: Session): Promise<number> {
  if (!(await session.connect())) return 1
  const rounds = new Rounds(session)
  let requestsBefore: number | undefined
  for (let line = 0; !rounds.isOver; line++) {
    const reply = await rounds.ask('INFO')
    if (reply === undefined) break
    const info = replyText(refuse(session, 'ERROR', reply)) ?? ''
    if (line % LINES_PER_HEADER === 0) await session.print(HEADER)
    const requests = field(info, 'total_commands_processed')
    await session.print(statLine(info, requests - (requestsBefore ?? requests)))
    requestsBefore = requests
    await rounds.pause(session.options.intervalMs || DEFAULT_INTERVAL_MS)
  }
  rounds.end()
  return 0
}

/** One line of figures out of the text of INFO. */
export function statLine(info: string, newRequests: number): string {
  let keys = 0
  for (const [, count] of info.matchAll(/^db\d+:keys=(\d+)/gm)) keys += Number(count)
  const requests = `${field(info, 'total_commands_processed')} (+${newRequests})`
  return [
    String(keys).padEnd(11),
    bytesToHuman(field(info, 'used_memory')).padEnd(8),
    ` ${field(info, 'connected_clients')}`.padEnd(9),
    String(field(info, 'blocked_clients')).padEnd(8),
    requests.padEnd(19),
    ` ${field(info, 'total_connections_received')}`.padEnd(13),
    background(info),
    '\n',
  ].join('')
}

/** A size for people: `1003B`, `4.03K`, `100.00M`. */
export function bytesToHuman(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let size = bytes / 1024
  for (const unit of ['K', 'M', 'G']) {
    if (size < 1024) return `${size.toFixed(2)}${unit}`
    size /= 1024
  }
  return `${size.toFixed(2)}T`
}

function background(info: string): string {
  if (field(info, 'loading') > 0) return 'LOAD'
  const names: string[] = []
  if (field(info, 'rdb_bgsave_in_progress') > 0) names.push('SAVE')
  if (field(info, 'aof_rewrite_in_progress') > 0) names.push('AOF')
  return names.join('+')
}

function field(info: string, name: string): number {
  const found = new RegExp(`^${name}:(\\d+)`, 'm').exec(info)
  return found === null ? 0 : Number(found[1])
}
