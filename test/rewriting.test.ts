/**
 * Rewriting the log while commands go on: the disk is cut at every step of it, and what a new start
 * finds is compared with the data after each command that had been run by then.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import { PowerCut, Seeded, type SimulatedDisk, seeded } from '../src/host/index.ts'
import { figuresOf, textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { randomCommand } from './support/random-commands.ts'
import { dataOf, type Guest, World } from './support/world.ts'

const FOLDER = '/data/appendonlydir'
const MANIFEST = `${FOLDER}/appendonly.aof.manifest`
const NOW_MS = 1_720_000_000_000

const figures = (world: World) => figuresOf(world, 'persistence')

function settle(world: World): void {
  for (let i = 0; figures(world).get('aof_rewrite_in_progress') === '1'; i++) {
    assert.ok(i < 1000, 'the rewrite ends')
    world.host.timers.turn()
    world.wait(1)
  }
}

const manifestOf = (world: World) => latin1(world.host.files.readAll(MANIFEST))

test('a rewrite makes the data the base, and what was before it goes', () => {
  const world = new World({ directives: ['--aof-use-rdb-preamble', 'no'] })
  for (let i = 0; i < 50; i++) world.ask('INCR', 'counter')
  world.ask('RPUSH', 'list', 'a', 'b')
  const before = Number(figures(world).get('aof_current_size'))
  assert.equal(textOf(world.ask('BGREWRITEAOF')), 'Background append only file rewriting started')
  settle(world)
  assert.equal(
    manifestOf(world),
    'file appendonly.aof.2.base.aof seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
  )
  assert.deepEqual(world.host.files.list(FOLDER), [
    'appendonly.aof.2.base.aof',
    'appendonly.aof.2.incr.aof',
    'appendonly.aof.manifest',
  ])
  const after = figures(world)
  assert.ok(Number(after.get('aof_current_size')) < before)
  assert.equal(after.get('aof_last_bgrewrite_status'), 'ok')
  assert.equal(after.get('aof_rewrites'), '1')
  world.ask('INCR', 'counter')
  const data = dataOf(world.store)
  world.close()
  assert.deepEqual(dataOf(world.reopened().store), data)
})

test('a rewrite beside a log that is off leaves nothing of what was before it either', () => {
  const world = new World()
  world.ask('SET', 'key', 'value')
  world.ask('CONFIG', 'SET', 'appendonly', 'no')
  world.ask('SET', 'other', 'value')
  world.ask('BGREWRITEAOF')
  settle(world)
  assert.equal(manifestOf(world), 'file appendonly.aof.2.base.rdb seq 2 type b\n')
  assert.deepEqual(world.host.files.list(FOLDER), [
    'appendonly.aof.2.base.rdb',
    'appendonly.aof.manifest',
  ])
  const data = dataOf(world.store)
  world.close()
  assert.deepEqual(dataOf(world.reopened().store), data)
})

test('what rewrites have replaced can be kept, and goes when it is wanted no more', () => {
  const world = new World({ directives: ['--aof-disable-auto-gc', 'yes'] })
  const name = (sequence: number, kind: string) => `appendonly.aof.${sequence}.${kind}`
  const line = (sequence: number, kind: string, type: string) =>
    `file ${name(sequence, kind)} seq ${sequence} type ${type}`
  const lines = () => manifestOf(world).trimEnd().split('\n')
  const base = 'base.rdb'
  const increment = 'incr.aof'
  for (let i = 0; i < 2; i++) {
    world.ask('SET', 'key', String(i))
    world.ask('BGREWRITEAOF')
    settle(world)
  }
  const ends = [line(3, base, 'b'), line(3, increment, 'i')] as const
  const history = [2, 1].flatMap((at) => [line(at, increment, 'h'), line(at, base, 'h')])
  assert.deepEqual(lines(), [ends[0], ...history, ends[1]])
  const kept = [1, 2, 3].flatMap((at) => [name(at, base), name(at, increment)])
  assert.deepEqual(world.host.files.list(FOLDER), [...kept, 'appendonly.aof.manifest'].sort())

  assert.equal(textOf(world.ask('CONFIG', 'SET', 'aof-disable-auto-gc', 'no')), 'OK')
  assert.deepEqual(lines(), ends)
  const left = [name(3, base), name(3, increment), 'appendonly.aof.manifest']
  assert.deepEqual(world.host.files.list(FOLDER), left.sort())
  const data = dataOf(world.store)
  world.close()
  assert.deepEqual(dataOf(world.reopened().store), data)
})

test('the log is rewritten when it has grown by so many percent', () => {
  const world = new World({
    directives: ['--auto-aof-rewrite-percentage', '100', '--auto-aof-rewrite-min-size', '1kb'],
  })
  for (let i = 0; i < 100; i++) world.ask('SET', 'key', `value ${i}`)
  world.wait(200)
  settle(world)
  assert.equal(figures(world).get('aof_rewrites'), '1')
  assert.ok(
    world.lines.some((line) => /Starting automatic rewriting of AOF on \d+% growth/.test(line)),
  )
  world.wait(1000)
  assert.equal(figures(world).get('aof_rewrites'), '1', 'it has not grown since')
})

test('after three failures rewriting by growth waits, and the log says so', () => {
  const world = new World({
    directives: ['--auto-aof-rewrite-percentage', '1', '--auto-aof-rewrite-min-size', '1kb'],
  })
  const lines = () => world.lines.filter((line) => line.includes('triggered the limit'))
  for (let i = 0; i < 3; i++) {
    assert.equal(lines().length, 0)
    world.host.files.fail('open', 'ENOSPC')
    world.ask('BGREWRITEAOF')
    settle(world)
  }
  assert.match(lines().join(), /repeatedly failed and triggered the limit, will retry in 1 minutes/)
  world.ask('SET', 'key', 'x'.repeat(2000))
  world.wait(50_000)
  assert.equal(figures(world).get('aof_rewrites'), '3')
  world.wait(20_000)
  assert.equal(figures(world).get('aof_rewrites'), '4')
  assert.equal(figures(world).get('aof_last_bgrewrite_status'), 'ok')
})

/** A world in which commands run, and the log is rewritten from time to time. */
class Life {
  /** The data after each command. */
  readonly states: string[]
  /** How many of them are acknowledged to be safe. */
  acknowledged = 0
  readonly world: World
  readonly #guest: Guest
  readonly #random: Seeded

  constructor(seed: number, directives: readonly string[], disk?: SimulatedDisk) {
    this.world = new World({ seed, nowMs: NOW_MS, directives, ...(disk && { disk }) })
    // The folder for data has been there for long.
    this.world.host.files.syncFolder('/')
    this.#guest = this.world.connect()
    this.#random = new Seeded(seed)
    this.states = [this.#state()]
  }

  /** One command, in whose turn the disk also ends what was begun. */
  step(argv?: string[]): void {
    const mix = { random: this.#random, keys: 3, databases: 2 }
    const command = argv ?? randomCommand(mix)
    const { engine } = this.world.store
    const bytes = encode(command)
    try {
      engine.receive(this.#guest.client, bytes, 0, bytes.length)
    } finally {
      // Also when the power is cut while it is written.
      this.states.push(this.#state())
    }
    this.world.host.timers.turn()
    this.acknowledged += this.#guest.take().length
  }

  #state(): string {
    return dataOf(this.world.store).join('\n')
  }
}

function live(life: Life): void {
  for (let i = 0; i < 8; i++) life.step()
  for (let rewrite = 0; rewrite < 2; rewrite++) {
    life.step(['BGREWRITEAOF'])
    for (let i = 0; i < 8; i++) life.step()
  }
}

function cutEverywhere(
  seed: number,
  directives: readonly string[],
  begin: (life: Life) => void,
  isPromised = true,
): number {
  for (let step = 1; ; step++) {
    const life = new Life(seed, directives)
    const { files } = life.world.host
    files.stopAtStep = files.steps + step
    let wasCut = false
    try {
      begin(life)
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      wasCut = true
    }
    if (!wasCut) return step - 1
    for (let crash = 0; crash < 2; crash++) {
      const disk = files.crash(new Seeded(seed + step * 31 + crash))
      const again = [...directives, '--appendonly', 'yes']
      const found = new Life(seed + 1, again, disk).states[0]!
      const from = isPromised ? life.acknowledged : 0
      const at = life.states.indexOf(found, from)
      assert.ok(
        at >= 0,
        `seed ${seed}, step ${step}, crash ${crash}: not a state since command ${from}`,
      )
    }
  }
}

test('a power cut at any step of a rewrite leaves a log that holds what was acknowledged', () => {
  for (const preamble of ['yes', 'no']) {
    const directives = ['--appendfsync', 'always', '--aof-use-rdb-preamble', preamble]
    const cuts = cutEverywhere(seeded().seed, directives, live)
    assert.ok(cuts > 30, `only ${cuts} steps`)
  }
})

test('a power cut while the log is turned on leaves all of it or nothing', () => {
  const directives = ['--appendonly', 'no', '--appendfsync', 'always']
  const begin = (life: Life) => {
    for (let i = 0; i < 8; i++) life.step()
    life.step(['CONFIG', 'SET', 'appendonly', 'yes'])
    for (let i = 0; i < 24; i++) life.step()
  }
  const cuts = cutEverywhere(seeded().seed, directives, begin, false)
  assert.ok(cuts > 20, `only ${cuts} steps`)
})

test('turning the log on takes what is there and what comes meanwhile', () => {
  const directives = ['--appendonly', 'no', '--appendfsync', 'always']
  const world = new World({ directives, nowMs: NOW_MS })
  for (let i = 0; i < 500; i++) world.ask('SADD', `set:${i % 10}`, `member ${i}`)
  assert.equal(textOf(world.ask('CONFIG', 'SET', 'appendonly', 'yes')), 'OK')
  world.ask('SADD', 'later', 'a')
  settle(world)
  world.ask('SADD', 'later', 'b')
  const data = dataOf(world.store)
  world.close()
  const again = world.reopened()
  assert.deepEqual(dataOf(again.store), data)
})

test('a log that is turned off has what came before that in the same read', () => {
  const world = new World({ nowMs: NOW_MS })
  const argvs = [
    ['SET', 'a', '1'],
    ['SET', 'b', '1'],
    ['CONFIG', 'SET', 'appendonly', 'no'],
    ['SET', 'c', '1'],
  ]
  world.connect().send(Buffer.concat(argvs.map(encode)))
  world.close()
  const again = world.reopened()
  const keys = ['a', 'b', 'c'].map((key) => textOf(again.ask('EXISTS', key)))
  assert.deepEqual(keys, ['1', '1', '0'])
})

test('a log that a transaction turns on begins when it is over, and the server says so', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const guest = world.connect()
  for (const argv of [
    ['MULTI'],
    ['SET', 'before', '1'],
    ['CONFIG', 'SET', 'appendonly', 'yes'],
    ['SET', 'after', '1'],
    ['EXEC'],
  ]) {
    guest.send(encode(argv))
  }
  assert.ok(world.lines.some((line) => line.includes('An AOF background was scheduled')))
  world.wait(200)
  settle(world)
  const data = dataOf(world.store)
  world.close()
  assert.deepEqual(dataOf(world.reopened().store), data)
})

test('a rewrite that the disk refuses leaves the log as it was', () => {
  const verbs = ['open', 'write', 'sync', 'rename', 'syncFolder', 'remove'] as const
  const seed = seeded().seed
  for (const verb of verbs) {
    for (let skipped = 0; skipped < 6; skipped++) {
      const life = new Life(seed, ['--appendfsync', 'everysec'])
      const { world } = life
      for (let i = 0; i < 20; i++) life.step()
      world.host.files.fail(verb, 'ENOSPC', 1, skipped)
      life.step(['BGREWRITEAOF'])
      for (let i = 0; i < 10; i++) life.step()
      settle(world)
      world.wait(3000)
      world.host.files.heal()
      const where = `${verb} after ${skipped}`
      world.ask('SET', 'string:1', where)
      world.ask('BGREWRITEAOF')
      settle(world)
      assert.equal(figures(world).get('aof_last_bgrewrite_status'), 'ok', where)
      world.ask('SET', 'string:2', 'x')
      const data = dataOf(world.store)
      world.close()
      const again = world.reopened()
      assert.deepEqual(dataOf(again.store), data, where)
      assert.equal(manifestOf(again).split('\n').length, 3, where)
    }
  }
})

test('the remains of a log that was given up never take the files of the next one away', () => {
  const world = new World({ directives: ['--appendonly', 'no', '--appendfsync', 'always'] })
  const turn = (isOn: string) => textOf(world.ask('CONFIG', 'SET', 'appendonly', isOn))
  for (let i = 0; i < 1000; i++) world.ask('SET', `key:${i}`, 'x'.repeat(1000))
  const release = world.holdDisk()
  for (const isOn of ['yes', 'no', 'yes']) assert.equal(turn(isOn), 'OK')
  world.wait(1000)
  release()
  world.wait(1000)
  settle(world)
  world.ask('SET', 'later', '1')
  const data = dataOf(world.store)
  world.close()
  assert.equal(world.host.files.list(FOLDER).length, 3)
  assert.deepEqual(dataOf(world.reopened().store), data)
})

test('a rewrite begins beside the remains of one that was given up', () => {
  const world = new World({ directives: ['--appendonly', 'no', '--enable-debug-command', 'yes'] })
  for (let i = 0; i < 1000; i++) world.ask('SET', `key:${i}`, 'x'.repeat(1000))
  const data = dataOf(world.store)
  const release = world.holdDisk()
  world.ask('BGREWRITEAOF')
  // There is no log yet, and what is being written is given up for it.
  assert.match(textOf(world.ask('DEBUG', 'LOADAOF')), /not in use/)
  world.ask('BGREWRITEAOF')
  release()
  settle(world)
  assert.equal(figures(world).get('aof_last_bgrewrite_status'), 'ok')
  assert.deepEqual(world.host.files.list(FOLDER).length, 2)
  world.close()
  assert.deepEqual(dataOf(world.reopened().store), data)
})
