/** What the program `holdfast` loads when it serves or works on files; the prompt is a file of its own. */
export { projectVersion, type RunOptions, runServer, USAGE } from '../server/index.ts'
export { runTool } from '../tools/index.ts'
