/**
 * What the scripts share: installing what is missing, building, and starting programs. Each step is
 * skipped when there is nothing to do, so a script may ask for all of them every time.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
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

/**
 * Installs the dependencies of the lock file, unless that has been done. Ends with 1 on failure. A folder
 * that is a link, as of a second work tree, is left to where it leads: installing would empty it there.
 */
export function install() {
  const folder = join(root, 'node_modules')
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return
  const marker = join(folder, '.package-lock.json')
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

/** Where the joined files of the program are. */
export const bundlePath = 'dist/bundle/program'

const joined = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
}

/**
 * How the program is joined: finding some hundred modules takes long at a start. Each file is one
 * function that the launcher calls with what a module is given, and lies as deep as the modules of
 * `dist/src`, so that paths from a module lead to the same places.
 */
export const bundling = {
  ...joined,
  entryPoints: { program: 'src/program/program.ts', cli: 'src/cli/index.ts' },
  outdir: bundlePath,
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'programUrl' },
  banner: {
    js: `(function (exports, require, module, __filename, __dirname) {
const programUrl = require('node:url').pathToFileURL(__filename).href`,
  },
  footer: { js: '})' },
  sourcemap: true,
  // V8 keeps the text as long as the program runs, in two bytes a letter if one of them needs that, as
  // some in our comments do. Without comments and blanks, and with short names, it takes a fifth. Whoever
  // reports an internal error looks up the names and places of the sources in the map.
  minify: true,
  lineLimit: 400,
}

const launcher = {
  ...joined,
  entryPoints: ['src/program/index.ts'],
  outfile: `${bundlePath}/launch.cjs`,
}

async function bundle() {
  const bundler = await import('esbuild')
  rmSync(join(root, 'dist', 'bundle'), { recursive: true, force: true })
  await Promise.all([bundler.build(bundling), bundler.build(launcher)])
  // In a process of its own, since it changes settings of V8 for all that comes after.
  const keepCode = `require('./${bundlePath}/launch.cjs').keepCode()`
  if (!succeeds(process.execPath, ['--eval', keepCode])) fail('the build failed')
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
