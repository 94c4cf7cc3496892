/**
 * `npm test` and `npm run check`: install, build with all type checks, lint and format check, then
 * every test. `npm test -- getdel` runs only what matches: the test files with that in their path,
 * or, when there are none, the tests with that in their name. The steps before it are the same.
 */
import { build, fail, filesBelow, install, sourceFolders, succeeds, tools } from './setup.mjs'

/** Milliseconds that one file of tests may take. */
const FILE_TIMEOUT_MS = 120_000
/** Files that run side by side: more than the cores of a small machine make timings unfair. */
const CONCURRENCY = 2

const wanted = process.argv.slice(2)

install()
await build()
const colors = process.stdout.isTTY ? [] : ['--colors=off']
const isTidy = succeeds(process.execPath, [tools.linter, 'ci', ...colors, '.'])

const all = sourceFolders.flatMap((folder) => filesBelow(`dist/${folder}`, '.test.js'))
const matches = (path) => wanted.some((word) => path.toLowerCase().includes(word.toLowerCase()))
const matching = all.filter(matches)
const files = matching.length > 0 ? matching : all
const isByName = wanted.length > 0 && matching.length === 0
const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

const options = [
  '--test',
  '--test-reporter=spec',
  `--test-timeout=${FILE_TIMEOUT_MS}`,
  `--test-concurrency=${CONCURRENCY}`,
  ...(isByName ? wanted.map((word) => `--test-name-pattern=/${escaped(word)}/i`) : []),
]
const arePassed = succeeds(process.execPath, [...options, ...files])
// Who works on something wants its tests although a line is not formatted yet: said at the end.
if (!isTidy) fail('the lint or format check failed: see above')
process.exit(arePassed ? 0 : 1)
