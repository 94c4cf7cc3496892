/**
 * The tools for the files of a store, `holdfast check`, `dump`, `import` and `restore`. They work on files
 * alone: what they need of data is loaded into a store inside of this process, and nothing that they read
 * is ever changed, but by `check --fix`, which keeps the original.
 */
export { runTool } from './run.ts'
