/**
 * `holdfast cli`: the prompt, single commands, commands from a pipe, and the modes that watch or
 * feed a server. What people know from redis-cli works the same: options, drawing, exit status.
 * It talks to any server of the protocol and knows no command by itself.
 */
export type { CliInput, CliIo, CliOutput } from './io.ts'
export { processIo } from './io.ts'
export { runCli } from './run.ts'
