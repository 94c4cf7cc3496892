/**
 * `npm run bench`: builds when a source is newer than what was built, then runs the benchmark with
 * the arguments it was given.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, bundlePath, filesBelow, install, root } from './setup.mjs'

const built = join(root, 'dist', 'bench', 'main.js')
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
const builtMs = Math.min(changedMs(built), changedMs(join(root, bundlePath, 'program.cjs')))
const sources = ['src', 'bench'].flatMap((folder) => filesBelow(folder, '.ts'))
if (sources.some((path) => builtMs < changedMs(join(root, path)))) {
  install()
  await build()
}

// In this process, so that a signal that ends it finds the servers that it has to end.
await import(pathToFileURL(built).href)
