import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  LuaMachine,
  LuaTable,
  type LuaValue,
  type MachineOptions,
  type Outcome,
  type Realm,
} from './index.ts'

interface World {
  readonly machine: LuaMachine
  /** What the host function `note` was called with. */
  readonly notes: LuaValue[]
}

function world(options: Partial<MachineOptions> = {}): World {
  const notes: LuaValue[] = []
  const machine = new LuaMachine({
    clock: () => performance.now(),
    heapUsed: () => process.memoryUsage().heapUsed,
    memoryLimitBytes: 64 * 2 ** 20,
    stackBytes: 600_000,
    plainMs: 2,
    setup(realm: Realm) {
      const note = ([value]: readonly LuaValue[]) => {
        notes.push(value)
        return notes.length
      }
      realm.globals.set('note', realm.hostFunction(note))
      const list = () => LuaTable.fromArray(['a', LuaTable.fromArray(['b'])])
      realm.globals.set('list', realm.hostFunction(list))
    },
    ...options,
  })
  return { machine, notes }
}

function begin({ machine }: World, source: string, sliceMs = 2): Outcome {
  const chunk = machine.compile(source, '@script')
  return machine.start({ enter: (realm) => ({ callee: chunk.main(realm), args: [] }) }, sliceMs)
}

/** Runs a script to its end, however often it pauses. */
function finish(it: World, source: string): Outcome {
  let outcome = begin(it, source)
  while (outcome.kind === 'paused') outcome = it.machine.resume(2)
  return outcome
}

function values(outcome: Outcome): readonly LuaValue[] {
  assert.equal(outcome.kind, 'done', outcome.kind === 'failed' ? outcome.error.message : 'paused')
  return outcome.kind === 'done' ? outcome.values : []
}

function message(outcome: Outcome): string {
  return outcome.kind === 'failed' ? outcome.error.message : outcome.kind
}

/** Loops without an end, each in another place where a script can be. */
const ENDLESS = [
  'while true do end',
  'repeat until false',
  'for i = 1, math.huge do end',
  'while 1 do pcall(function() error("x") end) end',
  'while true do pcall(pcall, error) end',
  'local function f() return f() end f()',
  'local function f() pcall(f) return f() end f()',
  'local t = setmetatable({}, {__index = function() while true do end end}) pcall(function() return t.x end)',
  'local t = setmetatable({}, {__lt = function() while true do end end}) return t < t',
  'local t = setmetatable({}, {__concat = function() while true do end end}) return t .. "x"',
  'table.sort({1, 2, 3}, function() while true do end end)',
  'string.gsub("abc", ".", function() while true do end end)',
  'for x in function() while true do end end do end',
  'for x in function() return 1 end do end',
  'coroutine.wrap(function() while true do end end)()',
  'local f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end',
  'xpcall(error, function() while true do end end)',
  'tostring(setmetatable({}, {__tostring = function() while true do end end}))',
  'load(function() while true do end end)',
  'while true do loadstring("return 1")() end',
  'local s = ("x"):rep(1e6) while true do s:upper() end',
  'local t = {} for i = 1, 1e4 do t[i] = i end while true do table.insert(t, 1, 1) table.remove(t, 1) end',
]

test('a script is paused wherever it loops, goes on, and is gone when it is killed', () => {
  for (const source of ENDLESS) {
    const it = world()
    assert.equal(begin(it, source).kind, 'paused', source)
    for (let slice = 0; slice < 3; slice++)
      assert.equal(it.machine.resume(1).kind, 'paused', source)
    it.machine.kill()
    assert.deepEqual(values(finish(it, 'return 1')), [1])
  }
})

test('what a host function did is not done again when the run begins again', () => {
  const it = world()
  const source = `
    local r = {}
    for i = 1, 5 do r[#r + 1] = note(i) end
    local n = 0
    while n < 3e6 do n = n + 1 end
    for i = 6, 8 do r[#r + 1] = note(i) end
    return table.concat(r, ' '), n`
  assert.deepEqual(values(finish(it, source)), ['1 2 3 4 5 6 7 8', 3e6])
  assert.deepEqual(it.notes, [1, 2, 3, 4, 5, 6, 7, 8])
})

test('a host function is told where nobody takes its results, and nothing is done twice', () => {
  const did: LuaValue[] = []
  const act =
    (how: string) =>
    ([value]: readonly LuaValue[]) => {
      did.push(`${how} ${value}`)
      return value
    }
  const it = world({
    setup(realm) {
      realm.globals.set('act', realm.hostFunction(act('value'), act('effect')))
    },
  })
  const source = `
    act(1)
    local f = act
    f(2)
    local x = act(3)
    pcall(act, 4)
    if act(5) then act(6) end
    local n = 0
    while n < 3e6 do n = n + 1 end
    act(7)
    return x + act(8)`
  assert.deepEqual(values(finish(it, source)), [11])
  // What runs pausably asks for the results, and has those of the calls that were made before.
  const before = ['effect 1', 'effect 2', 'value 3', 'value 4', 'value 5', 'effect 6']
  assert.deepEqual(did, [...before, 'value 7', 'value 8'])
})

test('tables of the host are as they were when the run begins again, whatever was done to them', () => {
  const source = `
    local t = list()
    local seen = t[1] .. t[2][1] .. #t
    t[1] = 'changed' t[2][1] = 'too' table.insert(t, 'more')
    local u = list()
    u[2] = t
    local n = 0
    while n < 3e6 do n = n + 1 end
    return seen, t[1], t[2][1], #t, u[1], u[2] == t`
  assert.deepEqual(values(finish(world(), source)), ['ab2', 'changed', 'too', 3, 'a', true])
})

test('errors of the host are the same when the run begins again', () => {
  let calls = 0
  const it = world({
    setup(realm) {
      realm.globals.set(
        'fail',
        realm.hostFunction(() => {
          calls++
          return realm.call(realm.globals.get('error'), [LuaTable.fromArray([calls])])
        }),
      )
    },
  })
  const source = `
    local ok, e = pcall(fail)
    local n = 0
    while n < 3e6 do n = n + 1 end
    return ok, e[1]`
  assert.deepEqual(values(finish(it, source)), [false, 1])
  assert.equal(calls, 1)
})

test('random numbers are those of the plain run when it begins again, and go on after it', () => {
  const numbers = (between: string) => {
    const it = world()
    const first = values(finish(it, `local a = math.random() ${between} return a, math.random()`))
    return [...first, ...values(finish(it, 'return math.random()'))]
  }
  const direct = numbers('')
  assert.deepEqual(numbers('local n = 0 while n < 3e6 do n = n + 1 end'), direct)
  assert.equal(Math.round(Number(direct[0]) * 1e6), 396465)
})

test('coroutines work in a run that began in the plain mode', () => {
  const it = world()
  const source = `
    note('before')
    local f = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
    return f(), f(), note('after')`
  assert.deepEqual(values(finish(it, source)), [1, 2, 2])
  assert.deepEqual(it.notes, ['before', 'after'])
})

test('scripts that want all memory get an error, and the machine goes on', () => {
  const greedy = [
    'return string.rep("x", 1e10)',
    'return string.rep("x", 2e9)',
    'local s = "x" while true do s = s .. s end',
    'local t = {} while true do t[#t + 1] = {1, 2, 3} end',
    'local t = {} while true do t = {t} end',
    'local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end',
    'local t = {} for i = 1, 7000 do t[i] = i end local r = {} while true do r[#r + 1] = {unpack(t)} end',
    'local t = {} for i = 1, 1000 do t[i] = ("x"):rep(1e6) end return #table.concat(t)',
  ]
  const it = world()
  for (const source of greedy) {
    assert.equal(message(finish(it, source)), 'not enough memory', source)
  }
  assert.deepEqual(values(finish(it, 'return pcall(string.rep, "x", 1e10)')), [
    false,
    'not enough memory',
  ])
})

test('scripts that go too deep get an error, in either mode', () => {
  const deep: Readonly<Record<string, RegExp>> = {
    'local function f() return f() + 1 end return f()': /^script:1: stack overflow$/,
    'local function f(...) return f(1, ...) end return f()': /stack overflow/,
    'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x':
      /C stack overflow/,
    'local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) return tostring(t)':
      /C stack overflow/,
    'local function f(x) return (x:gsub(".", f)) end return f("a")': /C stack overflow/,
    'local function f() return coroutine.wrap(f)() end return f()': /C stack overflow/,
    'return ("x"):rep(300000):match(("x?"):rep(5000))': /pattern too complex/,
    'return ("a"):rep(60):find(("a*"):rep(30) .. "b")': /pattern too complex/,
  }
  for (const [source, expected] of Object.entries(deep)) {
    assert.match(message(finish(world({ plainMs: 1000 }), source)), expected, source)
    assert.match(message(finish(world({ plainMs: -1, fuel: 1000 }), source)), expected, source)
  }
})

test('what is nested too deeply is no script, and long sums are errors at worst', () => {
  const it = world()
  const nested = `return ${'('.repeat(500)}1${')'.repeat(500)}`
  assert.throws(() => it.machine.compile(nested, '@script'), {
    message: 'script:1: chunk has too many syntax levels',
  })
  const long = `return loadstring("return 1" .. ("+1"):rep(1e5)) == nil`
  assert.deepEqual(values(finish(it, long)), [true])
})

test('nothing of JavaScript can be reached', () => {
  const names = ['constructor', '__proto__', 'prototype', 'length', 'toString', 'valueOf', 'call']
  for (const name of names) {
    const source = `
      local function try(v) local ok, x = pcall(function() return v['${name}'] end) return x end
      return ({})['${name}'], _G['${name}'], string['${name}'], ('x')['${name}'],
        try(function() end), try(pcall), try(5), try(newproxy())`
    const found = values(finish(world(), source))
    assert.deepEqual(found.slice(0, 4), [undefined, undefined, undefined, undefined], name)
    for (const error of found.slice(4)) assert.match(String(error), /attempt to index/)
  }
})

test('an error tells where it was raised, whatever its value is', () => {
  const outcome = finish(world(), '\n\nerror({})')
  assert.equal(outcome.kind, 'failed')
  if (outcome.kind === 'failed') {
    assert.deepEqual(outcome.error.place, { chunkName: '@script', line: 3 })
  }
})

test('a run cannot begin while another one is paused', () => {
  const it = world()
  begin(it, 'while true do end')
  assert.equal(it.machine.isPaused, true)
  assert.throws(() => begin(it, 'return 1'), /another one is paused/)
})
