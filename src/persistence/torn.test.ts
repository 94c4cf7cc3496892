/** What a power cut or a failed sync has left behind, and what a start makes of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Seeded, type SimulatedDisk, simulatedHost } from '../host/index.ts'
import { AofError } from './errors.ts'
import { encode, openLog } from './fixtures.ts'

const FILE = '/data/appendonlydir/appendonly.aof.1.incr.aof'
const NOTE = '/data/appendonlydir/appendonly.aof.unsynced'
const SET = encode('SET', 'key', 'value')

/** The disk of a log with as many commands, closed in good order. */
function diskWith(count: number): SimulatedDisk {
  const { log, host, write } = openLog()
  write(...Array.from({ length: count }, () => SET))
  log.stop(() => {})
  host.timers.turn()
  return host.files
}

const opened = (disk: SimulatedDisk, options: Parameters<typeof openLog>[0] = {}) =>
  openLog({ ...options, host: simulatedHost(2, disk) })

test('a sector that was never written ends the log, and what follows is kept aside', () => {
  const disk = diskWith(60)
  const bytes = Buffer.from(disk.readAll(FILE))
  disk.put(FILE, Buffer.from(bytes).fill(0, 512, 1024))
  const { loaded, lines } = opened(disk)
  const whole = Math.floor(512 / SET.length) * SET.length
  assert.equal(loaded, bytes.subarray(0, whole).toString())
  assert.ok(lines.some((line) => line.includes('torn')))
  for (let seed = 0; seed < 10; seed++) {
    const found = disk.crash(new Seeded(seed))
    const kept = Buffer.from(found.readAll(`${FILE}.torn-at-${whole}`))
    assert.ok(kept.equals(Buffer.from(bytes).fill(0, 512, 1024).subarray(whole)))
  }
  assert.equal(disk.readAll(FILE).length, whole)
})

test('what is cut off a base does not come back when a power cut follows', () => {
  const base = '/data/appendonlydir/appendonly.aof.1.base.aof'
  for (let seed = 0; seed < 10; seed++) {
    const disk = diskWith(1)
    disk.put(base, Buffer.concat([SET, SET.subarray(0, 10)]))
    disk.put(FILE, '')
    disk.put(
      '/data/appendonlydir/appendonly.aof.manifest',
      'file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    )
    const { log, write } = opened(disk)
    write(SET)
    log.stop(() => {})
    assert.equal(opened(disk.crash(new Seeded(seed))).loaded, SET.toString().repeat(2))
  }
})

test('an annotation may be torn too', () => {
  const disk = diskWith(60)
  const bytes = Buffer.from(disk.readAll(FILE))
  const note = Buffer.from('#TS:1720000000\r\n')
  for (let split = 1; split < note.length; split++) {
    const before = Math.floor((512 - split) / SET.length) * SET.length
    // Sectors of zeros in which it ends, and behind them the middle of something.
    const filler = '#'.padEnd(512 - split - before - 1, '.')
    const head = [bytes.subarray(0, before), Buffer.from(`${filler}\n`), note.subarray(0, split)]
    const torn = Buffer.concat([...head, Buffer.alloc(512), bytes.subarray(10, 700)])
    assert.equal(torn.indexOf('\0'), 512)
    disk.put(FILE, torn)
    const { loaded, log } = opened(disk)
    log.stop(() => {})
    assert.equal(loaded, bytes.subarray(0, before).toString(), `split at ${split}`)
  }
})

test('zeros that are no whole sector, or a log that may not be cut, are refused', () => {
  const disk = diskWith(60)
  const bytes = Buffer.from(disk.readAll(FILE))
  disk.put(FILE, Buffer.from(bytes).fill(0, 512, 1020))
  assert.throws(() => opened(disk), AofError)
  disk.put(FILE, Buffer.from(bytes).fill(0, 512, 1024))
  const names = disk.list('/data/appendonlydir')
  assert.throws(() => opened(disk, { allowsCutTail: false }), AofError)
  assert.equal(disk.readAll(FILE).length, bytes.length)
  assert.deepEqual(disk.list('/data/appendonlydir'), names, 'nothing is kept aside')
})

test('what a failed sync left in the cache only is written again by the next process', () => {
  const { log, host, write } = openLog()
  host.files.fail('sync', 'EIO', 10)
  write(SET)
  host.timers.advance(1000)
  assert.ok(host.files.exists(NOTE))
  log.stop(() => {})
  host.files.heal()

  const killed = host.files.afterKill()
  const next = opened(killed)
  assert.equal(next.loaded, SET.toString())
  assert.equal(killed.exists(NOTE), false)
  for (let seed = 1; seed < 9; seed++) {
    const found = killed.crash(new Seeded(seed))
    assert.equal(Buffer.from(found.readAll(FILE)).toString(), SET.toString())
  }
})

test('a start that cannot make stable what it found leaves a note of that', () => {
  const { host, write } = openLog()
  write(SET)
  const killed = host.files.afterKill()
  killed.fail('sync', 'EIO')
  assert.throws(() => opened(killed), /Input\/output error/)
  assert.ok(killed.exists(NOTE))
})

test('the note goes when the bytes are stable after all', () => {
  const { log, host, write } = openLog()
  host.files.fail('sync', 'EIO', 1)
  write(SET)
  host.timers.advance(1000)
  log.setPolicy('no')
  assert.ok(host.files.exists(NOTE))
  host.timers.advance(1000)
  assert.equal(host.files.exists(NOTE), false)
})

test('writes that failed are taken again with every policy, and who listens hears of it', () => {
  for (const policy of ['no', 'everysec', 'always'] as const) {
    const { log, host, write } = openLog({ policy })
    host.files.fail('write', 'ENOSPC', 1)
    write(SET)
    assert.notEqual(log.refusal(), undefined)
    let wasHeard = false
    log.onDurable(() => {
      wasHeard ||= log.refusal() === undefined
    })
    host.timers.advance(1000)
    assert.ok(wasHeard, policy)
  }
})

test('what a failed sync covered and nobody kept is read back and written anew, and a rewrite asked for', () => {
  const { log, host, lines, write } = openLog({ policy: 'no' })
  write(SET, SET)
  assert.equal(log.needsRewrite, false)
  host.files.fail('sync', 'EIO')
  log.setPolicy('always')
  host.timers.turn()
  assert.equal(log.releasedOffset, 0)
  host.timers.advance(1000)
  assert.equal(log.releasedOffset, log.appendedOffset)
  assert.equal(log.needsRewrite, true)
  assert.equal(lines.filter((line) => line.includes('BGREWRITEAOF')).length, 1)
  const found = opened(host.files.crash(new Seeded(1)))
  assert.equal(found.loaded, SET.toString().repeat(2))

  log.startNewIncrement({ begun: () => {}, done: (error) => assert.equal(error, undefined) })
  host.timers.turn()
  host.files.put(log.temporaryBase(1), SET)
  log.replaceBase(log.temporaryBase(1), 'aof', (error) => assert.equal(error, undefined))
  host.timers.turn()
  assert.equal(log.needsRewrite, false)
})

test('a log that ends after a failed sync writes anew what that covered', () => {
  const { log, host, write } = openLog()
  host.files.fail('sync', 'EIO')
  write(SET)
  host.timers.advance(1000)
  assert.ok(log.refusal() !== undefined)
  log.stop((error) => assert.equal(error, undefined))
  for (let seed = 0; seed < 10; seed++) {
    assert.equal(opened(host.files.crash(new Seeded(seed))).loaded, SET.toString())
  }
})

test('what came while a sync ran is kept after it, and what is stable stays so', () => {
  const { log, host, write } = openLog()
  let finish = () => {}
  host.files.finishLater = (call) => {
    finish = call
  }
  write(SET)
  host.timers.advance(1000)
  write(SET)
  finish()
  assert.equal(log.durableOffset, SET.length)
  host.files.fail('sync', 'EIO')
  host.timers.advance(1000)
  finish()
  assert.notEqual(log.refusal(), undefined)
  host.timers.advance(1000)
  finish()
  assert.deepEqual([log.refusal(), log.durableOffset], [undefined, SET.length * 2])
  assert.equal(log.needsRewrite, false, 'the second was kept')

  write(SET)
  host.timers.advance(1000)
  write(SET)
  log.readAgain()
  assert.equal(log.durableOffset, SET.length * 4)
  finish()
  assert.equal(log.durableOffset, SET.length * 4)
})
