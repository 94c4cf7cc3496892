/** `holdfast check`: what files are, what they hold, and what is wrong with them. */
import fs from 'node:fs'
import path from 'node:path'
import { FileError, type Host } from '../host/index.ts'
import { type Keyspace, TYPE_NAMES } from '../keyspace/index.ts'
import { AofError, FolderLock } from '../persistence/index.ts'
import { RdbError } from '../rdb/index.ts'
import { DataSet, type FileFigures, figuresOf } from './data-set.ts'
import { Progress } from './progress.ts'
import { repairTail } from './repair.ts'
import { type Source, sourcesAt } from './sources.ts'

/** Takes a line for people. */
export type Say = (line: string) => void

/** Checks all that a name stands for. @returns whether all of it is good, perhaps after a repair. */
export function check(host: Host, name: string, isFixing: boolean, say: Say): boolean {
  let sources: Source[]
  try {
    sources = sourcesAt(host.files, name)
  } catch (error) {
    if (!(error instanceof AofError)) throw error
    say(`BAD  ${error.message}`)
    return false
  }
  return sources.map((source) => checkSource(host, source, isFixing, say)).every(Boolean)
}

function checkSource(host: Host, source: Source, isFixing: boolean, say: Say): boolean {
  if (source.layout !== undefined) {
    say(`${source.name}: manifest of an append-only file in ${source.parts.length} files`)
  }
  const data = new DataSet()
  try {
    const sizes = source.parts.map((part) => (fs.existsSync(part) ? fs.statSync(part).size : 0))
    for (const [at, part] of source.parts.entries()) {
      const isLast = sizes.slice(at + 1).every((size) => size === 0)
      if (checkPart(host, data, part, { isLast, isFixing, say })) continue
      if (!isLast) say('     what follows this file was not looked at')
      return false
    }
    sayKeys(data.keyspace, data.libraries.length, say)
    return true
  } finally {
    data.close()
  }
}

interface PartOptions {
  readonly isLast: boolean
  readonly isFixing: boolean
  readonly say: Say
}

/** @returns whether the file is good, perhaps after a repair. */
function checkPart(host: Host, data: DataSet, part: string, options: PartOptions): boolean {
  const { say } = options
  let figures: FileFigures | undefined
  try {
    figures = figuresOf(host.files, part)
    const progress = new Progress(part, figures.sizeBytes)
    try {
      data.load(host.files, figures, progress)
    } finally {
      progress.end()
    }
  } catch (error) {
    if (figures !== undefined) say(`${part}: ${nameOf(figures)}`)
    say(`BAD  ${part}${wrongIn(error)}`)
    return false
  }
  say(`${part}: ${nameOf(figures)}`)
  if (part.endsWith('.rdb') && figures.snapshot === undefined) {
    say(`BAD  ${part} at byte 0: the signature is not that of a snapshot`)
    return false
  }
  sayNotes(figures, say)
  return judgeEnd(host, figures, options)
}

/** Where and why, of an error that speaks of a file. */
function wrongIn(error: unknown): string {
  if (error instanceof RdbError) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return ` at byte ${error.offsetBytes}: ${error.reason}${cause}`
  }
  if (error instanceof AofError) return `: ${error.message}`
  if (error instanceof FileError) return `: ${error.message}`
  throw error
}

function nameOf({ sizeBytes, snapshot, snapshotEnd, end }: FileFigures): string {
  const size = `${sizeBytes} bytes`
  if (sizeBytes === 0) return 'an empty file'
  const commands = end === undefined ? '' : `${end.commands} commands`
  if (snapshot === undefined) return `append-only file, ${commands || 'commands'}, ${size}`
  if (end === undefined || snapshotEnd === sizeBytes) return `snapshot, ${snapshot}, ${size}`
  return `append-only file, ${snapshot} up to byte ${snapshotEnd}, then ${commands}, ${size}`
}

function sayNotes({ notes }: FileFigures, say: Say): void {
  const version = notes.get('valkey-ver') ?? notes.get('redis-ver')
  const seconds = Number(notes.get('ctime'))
  if (version !== undefined) say(`     written by version ${version}`)
  if (seconds > 0) say(`     of ${new Date(seconds * 1000).toISOString()}`)
}

/** @returns whether the file ends as it should, or does now. */
function judgeEnd(host: Host, figures: FileFigures, options: PartOptions): boolean {
  const { end, path: name, sizeBytes } = figures
  const { say, isFixing, isLast } = options
  if (end === undefined || end.kind === 'whole') return true
  if (end.kind === 'damaged') {
    say(`BAD  ${name} at byte ${end.offsetBytes}: ${end.why}`)
    say(`     all before byte ${end.wholeUpTo} is whole`)
  } else {
    say(
      `BAD  ${name} at byte ${end.wholeUpTo}: the file ends inside of the command that begins there`,
    )
  }
  const lost = sizeBytes - end.wholeUpTo
  if (!isLast) {
    say('     it is not the last file of the log, so cutting it would lose more than its end')
    return false
  }
  if (!isFixing) {
    say(`     check --fix would cut off the last ${lost} bytes and keep the original`)
    return false
  }
  const kept = withLock(host, name, () => repairTail(name, end.wholeUpTo))
  say(`FIXED  ${name}: the last ${lost} bytes were cut off; the original is "${kept}"`)
  return true
}

/** Nobody may write to a file that is repaired. */
function withLock(host: Host, name: string, repair: () => string): string {
  const folder = path.dirname(path.resolve(name))
  const isPart = fs.readdirSync(folder).some((name) => name.endsWith('.manifest'))
  const dir = isPart ? path.dirname(folder) : folder
  const lock = FolderLock.take(host.files, host.processes, dir, () => {})
  try {
    return repair()
  } finally {
    lock.release()
  }
}

function sayKeys({ databases }: Keyspace, libraries: number, say: Say): void {
  let isAny = false
  for (const { index, count, expiringCount, dict, keyspace } of databases) {
    if (count === 0) continue
    isAny = true
    const counts = new Map<string, number>()
    const db = keyspace.databases[index]!
    dict.each((entry) => {
      const type = TYPE_NAMES[db.typeOf(entry)]!
      counts.set(type, (counts.get(type) ?? 0) + 1)
    })
    const types = [...counts].map(([type, count]) => `${type} ${count}`).join(', ')
    say(`     database ${index}: ${count} keys (${types}), ${expiringCount} with expiry`)
  }
  if (!isAny) say('     no keys')
  if (libraries > 0) say(`     ${libraries} libraries of functions`)
  say('OK')
}
