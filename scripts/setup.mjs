/**
 * What the scripts share: installing what is missing, building, and starting programs. Each step is
 * skipped when there is nothing to do, so a script may ask for all of them every time.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** The folders that the compiler reads; each has its twin in `dist`. */
export const sourceFolders = ['src', 'test', 'bench']

const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** Programs of the development dependencies, as arguments for Node. */
export const tools = {
  compiler,
  linter: join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'),
}

/** Every file below a folder of the checkout whose name ends so, as paths from the root. */
export function filesBelow(folder, ending) {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
}

/** Runs a program in the root and shows what it says. @returns whether it went well. */
export function succeeds(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  return status === 0
}

/** Installs the dependencies of the lock file, unless that has been done. Ends with 1 on failure. */
export function install() {
  const marker = join(root, 'node_modules', '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return
  console.log('Installing what is needed…')
  // On Windows npm is a script, which only a shell can start.
  const options = { shell: process.platform === 'win32' }
  const isDone = succeeds(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    options,
  )
  if (!isDone) fail('the installation failed')
}

/**
 * Compiles into `dist`, joins the programs into few files, and removes what has no source any more.
 * Ends with 1 on failure.
 */
export async function build() {
  if (!succeeds(process.execPath, [compiler])) fail('the build failed')
  await bundle()
  removeStale()
}

/** Where the joined programs are. */
export const bundlePath = 'dist/bundle'

/**
 * How what each program loads is joined: finding some hundred modules takes longer than all else at a
 * start. What they share lies as deep as they do, so that paths from a module lead to the same places.
 */
export const bundling = {
  absWorkingDir: root,
  entryPoints: ['src/server/index.ts', 'src/cli/index.ts', 'src/tools/index.ts'],
  outdir: bundlePath,
  chunkNames: 'shared/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
}

async function bundle() {
  const bundler = await import('esbuild')
  rmSync(join(root, bundlePath), { recursive: true, force: true })
  await bundler.build(bundling)
}

/** A test whose source was removed would otherwise go on running. */
function removeStale() {
  for (const folder of sourceFolders) {
    for (const path of filesBelow(`dist/${folder}`, '.js')) {
      const source = path.replace(/^dist\//, '').replace(/\.js$/, '.ts')
      if (existsSync(join(root, source))) continue
      rmSync(join(root, path), { force: true })
      rmSync(join(root, `${path}.map`), { force: true })
    }
  }
}

/** Ends the script with one line and exit status 1. */
export function fail(message) {
  console.error(message)
  process.exit(1)
}
