/**
 * `npm start`: installs and builds when something is missing, then serves on port 6379 with the data
 * in `data` and the append-only file on. Arguments are those of the program, and win over that:
 * `npm start -- --port 7000`, `npm start -- my.conf`.
 */
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, bundlePath, filesBelow, install, root } from './setup.mjs'

const DEFAULTS = ['--dir', join(root, 'data'), '--appendonly', 'yes', '--appendfsync', 'everysec']

/** When a file was last changed; 0 when there is none. */
function changedMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

const builtMs = changedMs(join(bundlePath, 'program.cjs'))
const isStale = filesBelow('src', '.ts').some((path) => builtMs < changedMs(path))
// The server itself has no dependencies: what is installed is needed for building.
if (isStale) {
  install()
  await build()
}

const { launch } = createRequire(import.meta.url)('../dist/bundle/program/launch.cjs')
await launch(process.argv.slice(2), { defaults: DEFAULTS, banner: true })
