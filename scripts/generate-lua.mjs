/**
 * `node scripts/generate-lua.mjs [seed]`: writes `test/lua/generated.txt`, snippets that nobody would
 * think of: operators and functions of the libraries on values of all kinds. `record-lua.mjs` then
 * records what they do.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const COUNT = 400
let state = Number(process.argv[2] ?? 51)

/** A number from 0 up to but not including a limit. */
function below(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}

const pick = (list) => list[below(list.length)]

const NUMBERS = ['0', '1', '2', '3', '7', '10', '0.5', '1.5', '100', '255', '1e15', '2^53', '1/3']
const STRINGS = ["'abc'", "'10'", "''", "'a b c'", "'x=1,y=2'", "'0x1F'", "'hello world'", "' 7 '"]
const OTHERS = [
  'nil',
  'true',
  'false',
  '{}',
  '{1, 2, 3}',
  '{x = 1}',
  'm',
  'a',
  'b',
  't',
  't.x',
  'g',
]
const PATTERNS = ["'%w+'", "'.'", "'(.)(.)'", "'[a-c]+'", "'%d*'", "'^%a'", "'b?'", "'()'", "'.-c'"]
const FORMATS = [
  "'%5d'",
  "'%-5s|'",
  "'%.3f'",
  "'%g'",
  "'%x'",
  "'%q'",
  "'%s %s'",
  "'%05.1f'",
  "'%e'",
]
const ARITHMETIC = ['+', '-', '*', '/', '%', '^']
const OPERATORS = [...ARITHMETIC, '..', '==', '~=', '<', '<=', '>', '>=', 'and', 'or']

const CALLS = [
  () => `tostring(${pick(NUMBERS)} ${pick(ARITHMETIC)} ${pick(NUMBERS)})`,
  () => `tonumber(${value()})`,
  () => `type(${value()})`,
  () => `select(${pick(['1', '2', "'#'", '-1', '0'])}, ${value()}, ${value()})`,
  () => `rawequal(${value()}, ${value()})`,
  () => `string.sub(${pick(STRINGS)}, ${integer()}, ${integer()})`,
  () => `string.rep(${value()}, ${integer()})`,
  () => `string.byte(${pick(STRINGS)}, ${integer()}, ${integer()})`,
  () => `string.find(${pick(STRINGS)}, ${pick(PATTERNS)}, ${integer()})`,
  () => `string.match(${pick(STRINGS)}, ${pick(PATTERNS)})`,
  () =>
    `string.gsub(${pick(STRINGS)}, ${pick(PATTERNS)}, ${pick(["'<%0>'", "'%1'", 't', 'g', '5'])})`,
  () => `string.format(${pick(FORMATS)}, ${value()}, ${value()})`,
  () =>
    `table.concat(${pick(['{1, 2, 3}', "{'a', 'b'}", 't', '{}'])}, ${pick(["','", "''", 'nil'])})`,
  () => `math.floor(${value()})`,
  () => `math.max(${value()}, ${value()})`,
  () => `math.fmod(${pick(NUMBERS)}, ${pick(NUMBERS)})`,
  () => `unpack(${pick(['{1, 2, 3}', 't', '{}'])}, ${integer()}, ${integer()})`,
  () => `#${value()}`,
  () => `(${value()})[${value()}]`,
  () => `(${pick(STRINGS)}):${pick(['upper', 'len', 'reverse', 'byte', 'nope'])}()`,
]

function integer() {
  return pick(['-3', '-1', '0', '1', '2', '4', '10', '1.9', "'2'"])
}

function value() {
  return pick([NUMBERS, STRINGS, OTHERS][below(3)])
}

function expression(depth) {
  if (depth === 0) return value()
  switch (below(6)) {
    case 0:
      return pick(CALLS)()
    case 1:
      return `${pick(['-', 'not ', '#'])}${expression(depth - 1)}`
    default:
      return `(${expression(depth - 1)} ${pick(OPERATORS)} ${expression(depth - 1)})`
  }
}

const PRELUDE = `local a, b, t = 4, 'five', {7, 8, x = 9}
local m = setmetatable({}, {__add = function() return 'm+' end, __concat = function() return 'm..' end,
  __index = function(_, k) return k end, __lt = function() return true end})
local function g(x) return x end`

const snippets = Array.from({ length: COUNT }, () => {
  return `${PRELUDE}\nreturn ${expression(1 + below(3))}, ${pick(CALLS)()}`
})
writeFileSync(join(root, 'test', 'lua', 'generated.txt'), `${snippets.join('\n\n')}\n`)
console.log(`generated.txt: ${snippets.length} snippets, not recorded yet`)
