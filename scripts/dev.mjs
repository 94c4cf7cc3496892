/**
 * `npm run dev`: compiles at every change and serves with reload. Arguments go to the server:
 * `npm run dev -- --port 7000`.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, bundling, install, root, tools } from './setup.mjs'

install()
await build()

const args = process.argv.slice(2)
const data = join(root, 'data')
const defaults = args.length > 0 ? [] : ['--dir', data, '--appendonly', 'yes']
if (defaults.length > 0) mkdirSync(data, { recursive: true })
const start = (list) => spawn(process.execPath, list, { cwd: root, stdio: 'inherit' })
const compiler = start([tools.compiler, '--watch', '--preserveWatchOutput'])
let server
let isEnding = false

/** Ends the server that runs, and starts one when it is gone, since they want the same port. */
function serve() {
  if (server?.exitCode === null) {
    server.kill()
    return
  }
  server = start([join(root, 'bin', 'holdfast'), ...defaults, ...args])
  // One that failed waits for the next change.
  server.on('exit', () => {
    if (!isEnding && server.killed) serve()
  })
}

// The compiler says what is wrong; the bundler writes what runs.
const bundler = await import('esbuild')
const reload = {
  name: 'reload',
  setup({ onEnd }) {
    onEnd(({ errors }) => {
      if (errors.length === 0) serve()
    })
  },
}
const watcher = await bundler.context({ ...bundling, plugins: [reload] })
await watcher.watch()

function end(signal) {
  isEnding = true
  compiler.kill(signal)
  server?.kill(signal)
  void watcher.dispose()
}
compiler.on('exit', (code) => {
  process.exitCode = code ?? 0
  end()
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(signal))
