/**
 * Repair by a copy: it is written beside the original and synced, the original gets a second name, and only
 * then the copy takes its place. At every moment the name leads to a whole file, old or new.
 */
import fs from 'node:fs'
import path from 'node:path'
import { syncFolder } from './output.ts'

const CHUNK_BYTES = 2 ** 20

/** Cuts a file at an offset. @returns where the original is. */
export function repairTail(name: string, wholeUpTo: number): string {
  let kept = `${name}.original`
  for (let n = 2; fs.existsSync(kept); n++) kept = `${name}.original-${n}`
  const copy = `${name}.repaired`
  copyBeginning(name, copy, wholeUpTo)
  try {
    fs.linkSync(name, kept)
  } catch {
    // Not every file system has second names.
    fs.copyFileSync(name, kept, fs.constants.COPYFILE_EXCL)
  }
  syncFolder(path.dirname(name))
  fs.renameSync(copy, name)
  syncFolder(path.dirname(name))
  return kept
}

/** Copies the first bytes of a file to a new one, and syncs it. */
export function copyBeginning(from: string, to: string, sizeBytes: number): void {
  const source = fs.openSync(from, 'r')
  const target = fs.openSync(to, 'w')
  const chunk = new Uint8Array(CHUNK_BYTES)
  try {
    for (let at = 0; at < sizeBytes; ) {
      const count = fs.readSync(source, chunk, 0, Math.min(chunk.length, sizeBytes - at), at)
      if (count === 0) break
      for (let done = 0; done < count; ) done += fs.writeSync(target, chunk, done, count - done)
      at += count
    }
    fs.fsyncSync(target)
  } finally {
    fs.closeSync(source)
    fs.closeSync(target)
  }
}
