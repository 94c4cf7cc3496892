/** Where an error came from, in the sources: the program was joined into one file, with short names. */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/** A place in a file with a source map beside it: path, line and column, both from 1. */
const PLACE = /([^\s()]+\.c?js):(\d+):(\d+)/g

/**
 * The text and the stack of an error, with places in joined files as those in the sources. A place of
 * which no map tells stays as it is.
 */
export function tracedStack(error: unknown): string {
  const text = (error instanceof Error && error.stack) || String(error)
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (path: string) => {
    if (!maps.has(path)) maps.set(path, readMap(path))
    return maps.get(path)
  }
  return text.replace(PLACE, (place, path: string, line: string, column: string) => {
    const found = mapOf(path)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (found === undefined || !('originalSource' in found)) return place
    const { originalSource, originalLine, originalColumn } = found
    // A map names a source by the way to it from the joined file.
    const source = originalSource.replace(/^(\.\.\/)+/, '')
    return `${source}:${originalLine + 1}:${originalColumn + 1}`
  })
}

function readMap(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  } catch {
    return undefined
  }
}
