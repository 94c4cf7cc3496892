/** Where things lie in the checkout, seen from the built tests. */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. This file runs as `dist/test/support/paths.js`. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The program. */
export const program = join(root, 'bin', 'holdfast')

/** Every file below a folder of the checkout whose name ends so, as sorted paths from the root. */
export function filesBelow(folder: string, ending = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}
