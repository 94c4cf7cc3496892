/** `npm run build`: installs what is missing and compiles into `dist`. */
import { build, install } from './setup.mjs'

install()
await build()
