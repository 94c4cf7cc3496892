/**
 * `npm run dev`: compiles at every change and serves with reload. Arguments go to the server:
 * `npm run dev -- --port 7000`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build, bundling, install, root, tools } from './setup.mjs'

install()
await build()

// The compiler says what is wrong; the bundler writes what runs.
const bundler = await import('esbuild')
const watcher = await bundler.context(bundling)
await watcher.watch()

const args = process.argv.slice(2)
const defaults = args.length > 0 ? [] : ['--dir', 'data', '--appendonly', 'yes']
const start = (list) => spawn(process.execPath, list, { cwd: root, stdio: 'inherit' })
const children = [
  start([tools.compiler, '--watch', '--preserveWatchOutput']),
  start([
    '--watch',
    '--watch-preserve-output',
    join(root, 'bin', 'holdfast'),
    ...defaults,
    ...args,
  ]),
]

/** The one ends with the other; both get the signals of the terminal by themselves. */
for (const child of children) {
  child.on('exit', (code) => {
    for (const other of children) other.kill()
    void watcher.dispose()
    process.exitCode = code ?? 0
  })
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal)
  })
}
