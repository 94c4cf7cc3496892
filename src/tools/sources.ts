/** Which files a name stands for: a file, a log with its manifest, or a folder of data. */
import fs from 'node:fs'
import path from 'node:path'
import type { Files } from '../host/index.ts'
import { Layout } from '../persistence/index.ts'
import { ToolError } from './errors.ts'

/** Files that are loaded one after the other and make up one set of data. */
export interface Source {
  readonly kind: 'file' | 'log'
  /** How people call it. */
  readonly name: string
  readonly parts: readonly string[]
  /** Of a log in several files. */
  readonly layout: Layout | undefined
}

/** A log of plain text lines, which a server imports, and which is in none of the forms known here. */
const PLAIN_TEXT_NAME = 'database.aof'

/** The manifest in a folder, when there is one. */
function manifestIn(folder: string): string | undefined {
  const name = fs.readdirSync(folder).find((name) => /^(?!temp-).+\.manifest$/.test(name))
  return name === undefined ? undefined : path.join(folder, name)
}

function logOf(files: Files, manifestPath: string): Source {
  const folder = path.dirname(path.resolve(manifestPath))
  const layout = new Layout(files, {
    dir: path.dirname(folder),
    folderName: path.basename(folder),
    fileName: path.basename(manifestPath, '.manifest'),
  })
  const manifest = layout.read()
  if (manifest === undefined) throw new ToolError(`"${manifestPath}" is not there`)
  const base = manifest.base === undefined ? [] : [manifest.base]
  const parts = [...base, ...manifest.increments].map(({ name }) => layout.pathOf(name))
  return { kind: 'log', name: manifestPath, parts, layout }
}

const single = (name: string): Source => ({ kind: 'file', name, parts: [name], layout: undefined })

/**
 * All sets of data that a name stands for, the log before snapshots.
 * @throws ToolError when there is none, AofError when a manifest cannot be read.
 */
export function sourcesAt(files: Files, name: string): Source[] {
  if (!fs.existsSync(name)) throw new ToolError(`"${name}" is not there`)
  if (!fs.statSync(name).isDirectory()) {
    return [name.endsWith('.manifest') ? logOf(files, name) : single(name)]
  }
  const found: Source[] = []
  const here = manifestIn(name)
  if (here !== undefined) return [logOf(files, here)]
  const entries = fs.readdirSync(name, { withFileTypes: true })
  for (const entry of entries.filter((entry) => entry.isDirectory())) {
    const manifest = manifestIn(path.join(name, entry.name))
    if (manifest !== undefined) found.push(logOf(files, manifest))
  }
  for (const ending of ['.aof', '.rdb']) {
    for (const entry of entries) {
      const isPart = /^temp-/.test(entry.name)
      if (
        !entry.isFile() ||
        isPart ||
        entry.name === PLAIN_TEXT_NAME ||
        !entry.name.endsWith(ending)
      )
        continue
      found.push(single(path.join(name, entry.name)))
    }
  }
  if (found.length === 0) throw new ToolError(`"${name}" holds no log and no snapshot`)
  return found
}
