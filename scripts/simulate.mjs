/** `npm run simulate`: builds, then runs schedules of the simulated world with the arguments given. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, install, root } from './setup.mjs'

install()
await build()
const built = join(root, 'dist', 'test', 'simulation', 'main.js')
const { main } = await import(pathToFileURL(built).href)
process.exitCode = await main(process.argv.slice(2), (line) => console.log(line))
