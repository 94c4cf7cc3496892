/** How error messages show the name of a chunk. */

/** The longest that is shown, with a zero byte at its end that only the reference has. */
const SHOWN_MAX = 60
/** The same for what is said about a chunk that is no Lua. */
export const UNCOMPILED_SHOWN_MAX = 80

/**
 * What stands before the line in messages: `=name` and `@file` as they are, cut when they are long;
 * anything else is the text of a script, of which the first line is shown.
 */
export function shownName(chunkName: string, shownMax = SHOWN_MAX): string {
  if (chunkName.startsWith('=')) return chunkName.slice(1, shownMax)
  if (chunkName.startsWith('@')) {
    const name = chunkName.slice(1)
    const room = shownMax - ' "..." '.length - 1
    return name.length > room ? `...${name.slice(name.length - room)}` : name
  }
  const room = shownMax - ' [string "..."] '.length - 1
  const lineEnd = chunkName.search(/[\r\n]/)
  const line = lineEnd < 0 ? chunkName : chunkName.slice(0, lineEnd)
  if (line.length <= room && line.length === chunkName.length) return `[string "${line}"]`
  return `[string "${line.slice(0, room)}..."]`
}
