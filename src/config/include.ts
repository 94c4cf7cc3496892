/** Reads included files, whose names may have wildcards: `include conf.d/*.conf`. */
import { basename, dirname, join } from 'node:path'
import { globMatches, latin1 } from '../bytes/index.ts'
import type { Files } from '../host/index.ts'

/**
 * A `readInclude` for `Config.parse` that reads from `files`. Matching files are put together in
 * the order of their names; a wildcard that matches none reads as nothing. Wildcards count in the
 * last part of the path.
 */
export function includeFrom(files: Files): (path: string) => string {
  return (path) => {
    if (!/[*?[]/.test(path)) return latin1(files.readAll(path))
    const folder = dirname(path)
    if (!files.exists(folder)) return ''
    const pattern = Buffer.from(basename(path))
    return files
      .list(folder)
      .filter((name) => {
        const bytes = Buffer.from(name)
        const isHidden = name.startsWith('.') && pattern[0] !== '.'.charCodeAt(0)
        return !isHidden && globMatches(pattern, 0, pattern.length, bytes, 0, bytes.length, false)
      })
      .map((name) => latin1(files.readAll(join(folder, name))))
      .join('')
  }
}
