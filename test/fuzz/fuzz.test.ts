import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../src/host/index.ts'
import { main } from './main.ts'
import { type Bench, newBench, runCase } from './run.ts'

/** How many cases the short form tries, and within how many each broken store is found out. */
const SHORT_CASES = 600
const FOUND_CASES_MAX = 300

const LIBRARY = "#!lua name=l\nredis.register_function('f', function() end)"

/** Stores that do what they must not. */
const BROKEN: readonly (readonly [name: string, damage: (bench: Bench) => void])[] = [
  [
    'keeps something of what it refuses',
    (bench) => onRefusal(bench, () => bench.world.ask('SET', 'a', 'b')),
  ],
  [
    'fails in a way that nobody expects',
    (bench) =>
      onRefusal(bench, () => {
        throw new RangeError('Invalid typed array length')
      }),
  ],
  [
    'takes memory for what does not come',
    (bench) => onRefusal(bench, () => bench.world.store.keyspace.arena.allocate(2 ** 25)),
  ],
  [
    'keeps libraries that it refuses',
    (bench) => {
      const { restoreLibraries } = bench
      bench.restoreLibraries = (payload) => {
        const reply = restoreLibraries(payload)
        if (reply.kind === 'error') bench.world.ask('FUNCTION', 'LOAD', LIBRARY)
        return reply
      }
    },
  ],
  [
    'counts the members of a set wrongly',
    ({ world }) => {
      world.store.keyspace.sets.count = () => 2
    },
  ],
  [
    'restores another value than was dumped',
    ({ world }) => {
      const { ask } = world
      let restored = 0
      world.ask = (...argv) => {
        const isSecond = argv[0] === 'RESTORE' && ++restored === 2
        return isSecond ? ask.call(world, 'SET', 'k', 'other') : ask.call(world, ...argv)
      }
    },
  ],
]

/** Does something when a payload or a file was refused. */
function onRefusal(bench: Bench, act: () => void): void {
  for (const verb of ['restore', 'restoreLibraries', 'load'] as const) {
    const call = bench[verb]
    bench[verb] = (bytes) => {
      const reply = call(bytes)
      if (reply.kind === 'error') act()
      return reply
    }
  }
}

test('damaged payloads and snapshots are refused, or make values that work', () => {
  const printed: string[] = []
  const { seed } = seeded()
  const status = main(['--cases', String(SHORT_CASES), '--seed', String(seed)], (line) =>
    printed.push(line),
  )
  assert.equal(status, 0, printed.join('\n'))
  assert.match(printed.at(-1)!, /^600 cases in .*, \d+ accepted: .* 0 violations$/)
})

test('a bench that is replaced leaves its memory to the next', () => {
  const benches: Bench[] = []
  const make = () => {
    const bench = newBench()
    benches.push(bench)
    return bench
  }
  main(['--cases', '501', '--seed', '1'], () => {}, make)
  const held = benches.map(({ world }) => world.store.keyspace.arena.heldBytes)
  assert.equal(held.length, 2)
  assert.equal(held[0], 0)
  assert.ok(held[1]! > 0)
})

test('a case happens the same way each time', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { readMs: _, ...once } = runCase(seed, newBench())
    const { readMs: __, ...again } = runCase(seed, newBench())
    assert.deepEqual(again, once)
  }
})

test('a seed makes a file or payload of every kind, some of which are accepted', () => {
  const bench = newBench()
  const names = new Set<string>()
  let accepted = 0
  for (let seed = 0; seed < FOUND_CASES_MAX; seed++) {
    const { name, isAccepted } = runCase(seed, bench)
    names.add(name)
    if (isAccepted) accepted++
  }
  assert.ok(names.size > 40, `${names.size} kinds`)
  assert.ok(accepted > 50 && accepted < 250, `${accepted} accepted`)
})

for (const [name, damage] of BROKEN) {
  test(`the fuzz has teeth: it finds a store that ${name}`, () => {
    for (let seed = 0; seed < FOUND_CASES_MAX; seed++) {
      const bench = newBench()
      damage(bench)
      if (runCase(seed, bench).violation !== undefined) return
    }
    assert.fail(`not found within ${FOUND_CASES_MAX} cases`)
  })
}

test('the program says what it takes, and refuses the rest', () => {
  const printed: string[] = []
  const print = (line: string) => printed.push(line)
  assert.equal(main(['--seed=-1'], print), 2)
  assert.equal(main(['--seconds=0'], print), 2)
  assert.equal(main(['--what'], print), 2)
  assert.equal(main(['--help'], print), 0)
  assert.match(printed.join('\n'), /--seed must be a whole number from 0/)
})
