/**
 * `npm run bench`: builds when a source is newer than what was built, then runs the benchmark with
 * the arguments it was given.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, 'dist', 'bench', 'main.js')
const compiler = join(root, 'node_modules', '.bin', 'tsc')

/** The time of the newest TypeScript file below a folder. */
function newest(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .reduce((time, entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name)
      return Math.max(time, statSync(path).mtimeMs)
    }, 0)
}

const isStale =
  !existsSync(built) || statSync(built).mtimeMs < Math.max(newest('src'), newest('bench'))
if (isStale) {
  if (!existsSync(compiler)) {
    console.error('bench: nothing is installed yet; run "npm install" first')
    process.exit(1)
  }
  const { status } = spawnSync('npx', ['tsc'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error('bench: the build failed')
    process.exit(1)
  }
}

// In this process, so that a signal that ends it finds the servers that it has to end.
await import(pathToFileURL(built).href)
