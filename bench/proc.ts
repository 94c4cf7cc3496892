/**
 * What the operating system knows about a process, and on which cores things run.
 *
 * Everything here reads /proc and is `undefined` where there is none: the benchmark then shows
 * throughput alone and says so.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Whether CPU time and resident memory of another process can be read here. */
export const hasProc = existsSync('/proc/self/stat')

/** The path of a program on PATH, or `undefined`. A name with a slash is taken as it is. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = name.includes('/') ? [name] : folders.map((folder) => join(folder, name))
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Clock ticks a second, in which /proc counts CPU time. 100 on practically every Linux. */
function readTicksPerSecond(): number {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100
  } catch {
    return 100
  }
}

const ticksPerSecond = hasProc ? readTicksPerSecond() : 100

/**
 * Takes user plus system time in ticks out of the text of /proc/PID/stat. The second field is the
 * program's name in brackets and may itself hold spaces and brackets, so fields are counted from
 * the last closing one (proc(5): utime is field 14, stime 15).
 */
export function parseStatTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/**
 * CPU seconds, user and system and of all threads, that a process has used so far. Where the scheduler
 * keeps them, the nanoseconds of each thread are added up, because a tick is as long as thousands of
 * commands; what a thread had used that has ended is then missing.
 */
export function cpuSeconds(pid: number): number | undefined {
  if (!hasProc) return undefined
  try {
    const ids = readdirSync(`/proc/${pid}/task`)
    return ids.reduce((sum, id) => sum + scheduledSeconds(pid, id), 0)
  } catch {
    return parseStatTicks(readFileSync(`/proc/${pid}/stat`, 'latin1')) / ticksPerSecond
  }
}

/** The first number of /proc/PID/task/TID/schedstat is the time on a core, in nanoseconds. */
function scheduledSeconds(pid: number, id: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'latin1').split(' ')[0]) / 1e9
}

/** Resident bytes of a process. */
export function residentBytes(pid: number): number | undefined {
  if (!hasProc) return undefined
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return match === null ? undefined : Number(match[1]) * 1024
}

/**
 * Bytes of memory that a process and its children take together: pages that several of them share,
 * as after a fork, count once.
 */
export function memoryOfAll(pid: number): number {
  const children = childrenOf(pid)
  if (children.length === 0) return residentBytes(pid) ?? Number.NaN
  return [pid, ...children].reduce((sum, id) => sum + proportionalBytes(id), 0)
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

/** Its pages, each divided by the number of processes that share it. 0 when it has just ended. */
function proportionalBytes(pid: number): number {
  try {
    const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
    return match === null ? 0 : Number(match[1]) * 1024
  } catch {
    return 0
  }
}

/** Expands a list of cores as the kernel writes it: `0-2,5` is 0, 1, 2, 5. */
export function parseCoreList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [from, to] = part.split('-').map(Number)
      return Array.from({ length: (to ?? from!) - from! + 1 }, (_, n) => from! + n)
    })
}

/** Puts this program, with all its threads, on the core that a command line such as that is for. */
export function moveTo(pin: readonly string[]): void {
  const [taskset, , core] = pin
  if (taskset === undefined || core === undefined) return
  execFileSync(taskset, ['-acp', core, String(process.pid)], { stdio: 'ignore' })
}

/** The command lines that put a program on its core; they change nothing where it cannot be done. */
export type Pinning = {
  /** Empty, or the start of a command line such as `taskset -c 1`. */
  readonly server: readonly string[]
  readonly load: readonly string[]
  /** For the report. */
  readonly text: string
}

/** Gives the server the last core that we may use, and whatever makes load the first. */
export function choosePinning(): Pinning {
  const none = (why: string): Pinning => ({ server: [], load: [], text: `not pinned (${why})` })
  const taskset = findProgram('taskset')
  if (!hasProc || taskset === undefined) return none('no taskset')
  const status = readFileSync('/proc/self/status', 'latin1')
  const cores = parseCoreList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '')
  if (cores.length < 2) return none('one core')
  const [first, last] = [cores[0]!, cores.at(-1)!]
  return {
    server: [taskset, '-c', String(last)],
    load: [taskset, '-c', String(first)],
    text: `server on core ${last}, load on core ${first}`,
  }
}
