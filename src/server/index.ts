/** Sockets, signals and start-up: the store as a server program. */
export { type RunOptions, runServer } from './main.ts'
export { USAGE } from './usage.ts'
export { projectVersion } from './version.ts'
