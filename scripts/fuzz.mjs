/** `npm run fuzz`: builds, then tries damaged payloads and snapshots with the arguments given. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, install, root } from './setup.mjs'

install()
await build()
const built = join(root, 'dist', 'test', 'fuzz', 'main.js')
const { main } = await import(pathToFileURL(built).href)
process.exitCode = main(process.argv.slice(2), (line) => console.log(line))
