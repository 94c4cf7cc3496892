/**
 * `node scripts/record-lua.mjs [file…]`: runs the snippets of `test/lua` in Debian's `lua5.1` and writes
 * what came out below each. Without files, all of them.
 *
 * A snippet is a paragraph. Its outcome is its last line: `=> ok` and the values that it returned,
 * `=> error` and the value that it raised, `=> syntax` and the message.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const driver = `
local source = io.read('*a')
local function quote(text)
  return '"' .. text:gsub('[%c"\\\\\\127-\\255]', function(c) return ('\\\\%03d'):format(c:byte()) end) .. '"'
end
local function show(value)
  if type(value) == 'string' then return quote(value) end
  if type(value) == 'number' then return ('%.17g'):format(value) end
  if type(value) == 'nil' or type(value) == 'boolean' then return tostring(value) end
  return type(value)
end
local function showAll(kind, ...)
  local words = { '=>', kind }
  for at = 1, select('#', ...) do words[#words + 1] = show((select(at, ...))) end
  io.write(table.concat(words, ' '))
end
local chunk, message = loadstring(source, '@snippet')
if not chunk then return showAll('syntax', message) end
local function finish(ok, ...) showAll(ok and 'ok' or 'error', ...) end
finish(pcall(chunk))
`

/** The snippets of a file, without their outcomes. */
export function snippetsOf(text) {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/\n=> .*$/, '').replace(/^\n+|\n+$/g, ''))
    .filter((snippet) => snippet !== '')
}

function outcomeOf(snippet) {
  const { stdout, status, stderr } = spawnSync('lua5.1', ['-e', driver], {
    input: Buffer.from(`${snippet}\n`, 'latin1'),
    timeout: 10_000,
    encoding: 'latin1',
  })
  if (status !== 0 || !stdout.startsWith('=> ')) {
    throw new Error(`lua5.1 failed with ${stderr} at:\n${snippet}`)
  }
  return stdout
}

const folder = join(root, 'test', 'lua')
const named = process.argv.slice(2)
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))
for (const file of files) {
  if (named.length > 0 && !named.some((name) => name.endsWith(file))) continue
  const path = join(folder, file)
  const snippets = snippetsOf(readFileSync(path, 'latin1'))
  const text = snippets.map((snippet) => `${snippet}\n${outcomeOf(snippet)}\n`).join('\n')
  writeFileSync(path, text, 'latin1')
  console.log(`${file}: ${snippets.length} snippets`)
}
