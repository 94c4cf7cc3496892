import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FileError,
  type Paced,
  Seeded,
  type SimulatedHost,
  simulatedHost,
} from '../host/index.ts'
import { AofError } from './errors.ts'
import { encode, openLog } from './fixtures.ts'

const FOLDER = '/data/appendonlydir'
const MANIFEST = `${FOLDER}/appendonly.aof.manifest`
const INCREMENT = `${FOLDER}/appendonly.aof.1.incr.aof`
const SET = encode('SET', 'key', 'value')
const TEXT = SET.toString()
const SNAPSHOT = Buffer.from('REDIS0011…', 'latin1')

function* loadSnapshot(): Paced<number> {
  yield 0
  return SNAPSHOT.length
}

/** A world with these files in it. */
function world(files: Record<string, string | Uint8Array>): SimulatedHost {
  const host = simulatedHost(1)
  for (const [name, content] of Object.entries(files)) host.files.put(name, content)
  return host
}

const text = (host: SimulatedHost, name: string) => Buffer.from(host.files.readAll(name)).toString()

test('a new log is one increment and its manifest, and is found again', () => {
  const { log, host, write } = openLog()
  assert.equal(text(host, MANIFEST), 'file appendonly.aof.1.incr.aof seq 1 type i\n')
  write(SET, SET)
  log.stop(() => {})
  assert.deepEqual(host.files.list('/data'), ['appendonlydir'], 'the lock is gone')
  const again = openLog({ host })
  assert.equal(again.loaded, TEXT + TEXT)
  assert.equal(again.log.loadedCommands, 2)
  again.write(SET)
  assert.equal(text(host, INCREMENT), TEXT.repeat(3))
  assert.equal(again.log.figures().aof_current_size, TEXT.length * 3)
})

test('a folder in use is refused', () => {
  const { host } = openLog()
  assert.throws(() => openLog({ host }), /in use/)
})

test('base and increments are loaded in order, and history is removed', () => {
  const host = world({
    [MANIFEST]:
      'file b.aof seq 2 type b\nfile old.aof seq 1 type h\n' +
      'file i1.aof seq 1 type i\nfile i2.aof seq 2 type i\n',
    [`${FOLDER}/b.aof`]: encode('SET', 'a', '1'),
    [`${FOLDER}/old.aof`]: 'whatever',
    [`${FOLDER}/i1.aof`]: encode('SET', 'b', '2'),
    [`${FOLDER}/i2.aof`]: '',
  })
  const { loaded, log, write } = openLog({ host })
  assert.equal(loaded, encode('SET', 'a', '1').toString() + encode('SET', 'b', '2').toString())
  assert.equal(host.files.exists(`${FOLDER}/old.aof`), false)
  assert.ok(!text(host, MANIFEST).includes('type h'))
  write(SET)
  assert.equal(text(host, `${FOLDER}/i2.aof`), TEXT)
  assert.equal(log.figures().aof_base_size, encode('SET', 'a', '1').length)
})

test('a base may be a snapshot, with commands behind it', () => {
  const files = {
    [MANIFEST]: 'file b.rdb seq 1 type b\nfile i.aof seq 1 type i\n',
    [`${FOLDER}/b.rdb`]: Buffer.concat([SNAPSHOT, SET]),
    [`${FOLDER}/i.aof`]: SET,
  }
  assert.equal(openLog({ host: world(files), loadSnapshot }).loaded, TEXT + TEXT)
})

test('a log of one file is taken over as the base', () => {
  const host = world({ '/data/appendonly.aof': Buffer.concat([SNAPSHOT, SET]) })
  const { loaded, lines, write } = openLog({ host, loadSnapshot })
  assert.equal(loaded, TEXT)
  assert.equal(host.files.exists('/data/appendonly.aof'), false)
  assert.equal(
    text(host, MANIFEST),
    'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
  )
  assert.ok(lines.some((line) => line.includes('Successfully migrated')))
  write(SET)
  assert.equal(text(host, INCREMENT), TEXT)
})

test('taking over a single file survives a power cut at every step', () => {
  for (let step = 1; ; step++) {
    const host = world({ '/data/appendonly.aof': SET })
    host.files.stopAtStep = step
    let wasCut = false
    try {
      openLog({ host })
    } catch {
      wasCut = true
    }
    for (let crash = 0; crash < 6; crash++) {
      const found = host.files.crash(simulatedHost(step * 10 + crash).random)
      assert.equal(openLog({ host: simulatedHost(2, found) }).loaded, TEXT, `step ${step}`)
    }
    if (!wasCut) break
  }
})

test('a cut tail is removed when that is allowed, and refused when not', () => {
  const files = {
    [MANIFEST]: 'file appendonly.aof.1.incr.aof seq 1 type i\n',
    [INCREMENT]: `${TEXT}${encode('MULTI')}${TEXT}`,
  }
  assert.throws(
    () => openLog({ host: world(files), allowsCutTail: false }),
    (error) => error instanceof AofError && error.offsetBytes === TEXT.length,
  )
  const host = world(files)
  const { loaded, lines } = openLog({ host })
  assert.equal(loaded, TEXT)
  assert.equal(text(host, INCREMENT), TEXT)
  assert.ok(
    lines.some((line) =>
      line.includes(`Truncating the AOF appendonly.aof.1.incr.aof at offset ${TEXT.length}`),
    ),
  )
})

test('damage, a cut file that is not the last, and a missing file are refused by name', () => {
  const manifest = 'file i1.aof seq 1 type i\nfile i2.aof seq 2 type i\n'
  const attempt = (i1: string, i2: string | undefined) => () =>
    openLog({
      host: world({
        [MANIFEST]: manifest,
        [`${FOLDER}/i1.aof`]: i1,
        ...(i2 === undefined ? {} : { [`${FOLDER}/i2.aof`]: i2 }),
      }),
    })
  assert.throws(
    attempt(`${TEXT}garbage${TEXT}`, TEXT),
    /i1\.aof" at byte 33: expected '\*', found 'g'.*redis-check-aof --fix appendonlydir\/appendonly\.aof\.manifest/,
  )
  assert.throws(
    attempt(TEXT.slice(0, -3), TEXT),
    /i1\.aof" ends inside .* byte 0.* not the last file/,
  )
  assert.throws(attempt(TEXT, undefined), /i2\.aof cannot be opened: No such file/)
})

test('a refused log leaves the folder free', () => {
  const host = world({ [MANIFEST]: 'nonsense\n' })
  assert.throws(() => openLog({ host }), AofError)
  assert.deepEqual(host.files.list('/data'), ['appendonlydir'])
})

test('files without their manifest are not written over', () => {
  const host = world({ [INCREMENT]: SET })
  assert.throws(() => openLog({ host }), /manifest .* is missing/)
  assert.equal(text(host, INCREMENT), TEXT)
})

test('a command that cannot be replayed is named by file and byte', () => {
  const host = world({ [MANIFEST]: 'file i1.aof seq 1 type i\n', [`${FOLDER}/i1.aof`]: SET })
  const apply = () => {
    throw new Error('unknown command')
  }
  assert.throws(() => openLog({ host, apply }), /bytes 0 to 33 of .*i1\.aof": unknown command/)
})

test('a rewrite goes on in a new increment and then replaces what was before it', () => {
  const { log, host, write } = openLog()
  write(SET)
  let error: unknown = 'not called'
  const done = (failure: unknown) => {
    error = failure
  }
  log.startNewIncrement({ begun: () => {}, done })
  host.timers.turn()
  assert.equal(error, undefined)
  assert.equal(log.durableOffset, SET.length)
  write(encode('SET', 'b', '2'))
  assert.equal(log.figures().aof_current_size, SET.length + encode('SET', 'b', '2').length)
  host.files.put(`${FOLDER}/temp-rewrite`, encode('SET', 'a', '1'))
  log.replaceBase(`${FOLDER}/temp-rewrite`, 'aof', done)
  host.timers.turn()
  assert.equal(error, undefined)
  assert.equal(
    text(host, MANIFEST),
    'file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
  )
  assert.equal(host.files.exists(INCREMENT), false)
  log.stop(() => {})
  const expected = encode('SET', 'a', '1').toString() + encode('SET', 'b', '2').toString()
  assert.equal(openLog({ host }).loaded, expected)
})

test('a new increment that cannot be made leaves the old one in use', () => {
  const { log, host, write } = openLog()
  write(SET)
  host.files.fail('rename', 'EIO')
  let code: string | undefined
  const done = (failure: FileError | undefined) => {
    code = failure?.code
  }
  log.startNewIncrement({ begun: () => {}, done })
  host.timers.turn()
  assert.equal(code, 'EIO')
  write(SET)
  assert.equal(text(host, INCREMENT), TEXT + TEXT)
  log.stop(() => {})
  assert.equal(openLog({ host }).loaded, TEXT + TEXT)
})

test('starting over leaves the old log in force until there is a base', () => {
  const first = openLog()
  first.write(SET)
  first.log.stop(() => {})
  const { host } = first
  const over = openLog({ host, startsOver: true })
  const later = encode('SET', 'later', '1')
  over.write(later)
  assert.equal(over.loaded, '')
  const killed = simulatedHost(2, host.files.afterKill())
  assert.equal(openLog({ host: killed }).loaded, TEXT)

  const fresh = encode('SET', 'fresh', '1')
  host.files.put(over.log.temporaryBase(1), fresh)
  over.log.replaceBase(over.log.temporaryBase(1), 'aof', (error) => assert.equal(error, undefined))
  host.timers.turn()
  assert.equal(host.files.exists(INCREMENT), false)
  over.log.stop(() => {})
  assert.equal(openLog({ host }).loaded, fresh.toString() + later.toString())
})

test('an increment begins empty, whatever a log that was never in force has left in its file', () => {
  const first = openLog()
  first.write(SET)
  first.log.stop(() => {})
  const over = openLog({ host: first.host, startsOver: true })
  over.write(encode('SET', 'later', '1'))
  first.host.timers.advance(2000)
  first.host.files.syncFolder(FOLDER)
  for (const moves of [true, false]) {
    const killed = simulatedHost(2, first.host.files.afterKill())
    killed.files.afterwards = (finish) => killed.timers.soon(finish)
    const again = openLog({ host: killed, startsOver: !moves })
    if (moves) again.log.startNewIncrement({ begun: () => {}, done: () => {} })
    killed.timers.turn()
    if (!moves) {
      killed.files.put(again.log.temporaryBase(1), TEXT)
      again.log.replaceBase(again.log.temporaryBase(1), 'aof', () => {})
      killed.timers.turn()
    }
    for (let seed = 0; seed < 20; seed++) {
      const disk = killed.files.crash(new Seeded(seed))
      assert.equal(openLog({ host: simulatedHost(3, disk) }).loaded, TEXT)
    }
  }
})

test('a log that was never in force leaves nothing behind', () => {
  const host = simulatedHost(1)
  const { log, write } = openLog({ host, startsOver: true })
  write(SET)
  log.stop(() => {})
  host.timers.turn()
  assert.equal(host.files.exists(INCREMENT), false)
  assert.equal(openLog({ host }).loaded, '')
})

test('a log that may be in force keeps its files', () => {
  const first = openLog()
  first.write(SET)
  first.log.stop(() => {})
  const { host } = first
  const { log, write } = openLog({ host, startsOver: true })
  write(encode('SET', 'later', '1'))
  host.files.put(log.temporaryBase(1), encode('SET', 'fresh', '1'))
  // The new manifest has its name by now, and the disk refuses that to be stable, and another one.
  host.files.fail('syncFolder', 'EIO', 1, 1)
  host.files.fail('open', 'EIO', 3, 1)
  let code: string | undefined
  log.replaceBase(log.temporaryBase(1), 'aof', (error) => {
    code = error?.code
  })
  host.timers.turn()
  assert.equal(code, 'EIO')
  host.files.heal()
  log.stop(() => {})
  host.timers.turn()
  const commands = [encode('SET', 'fresh', '1'), encode('SET', 'later', '1')]
  assert.equal(openLog({ host }).loaded, Buffer.concat(commands).toString())
})

test('a base that cannot be put in force leaves the log as it was', () => {
  const verbs = ['rename', 'syncFolder', 'sync', 'open', 'write'] as const
  for (const verb of verbs) {
    for (let skipped = 0; skipped < 3; skipped++) {
      const { log, host, write } = openLog()
      write(SET)
      log.startNewIncrement({ begun: () => {}, done: () => {} })
      host.timers.turn()
      write(SET)
      host.files.put(log.temporaryBase(1), encode('SET', 'base', '1'))
      host.files.fail(verb, 'EIO', 1, skipped)
      let error: FileError | undefined
      log.replaceBase(log.temporaryBase(1), 'aof', (failure) => {
        error = failure
      })
      host.timers.turn()
      host.files.heal()
      write(SET)
      log.stop(() => {})
      const base = error === undefined ? encode('SET', 'base', '1').toString() : TEXT
      const { loaded } = openLog({ host: simulatedHost(2, host.files.crash(host.random)) })
      assert.equal(loaded, base + TEXT + TEXT, `${verb} after ${skipped}`)
    }
  }
})

test('what fails while a log begins leaves no log behind', () => {
  const host = simulatedHost(1)
  const beginWith = () => {
    throw new AofError('line 3 is malformed', { path: 'database.aof' })
  }
  assert.throws(() => openLog({ host, beginWith }), /line 3/)
  assert.equal(host.files.exists(MANIFEST), false)
  openLog({ host, beginWith: (log) => log.append(SET, 0, SET.length) })
  assert.equal(text(host, INCREMENT), TEXT)
})

test('a log that begins is synced once, however it comes and whatever the policy', () => {
  const host = simulatedHost(1)
  const { log } = openLog({
    host,
    policy: 'always',
    beginWith(begun) {
      begun.append(SET, 0, SET.length)
      begun.flush()
      assert.equal(text(host, INCREMENT), TEXT)
      assert.equal(begun.figures().aof_pending_bio_fsync, 0)
      begun.append(SET, 0, SET.length)
    },
  })
  assert.equal(log.durableOffset, log.appendedOffset)
  assert.equal(
    openLog({ host: simulatedHost(2, host.files.crash(host.random)) }).loaded,
    TEXT + TEXT,
  )
})

test('starting works on a full disk that holds a log', () => {
  const first = openLog()
  first.write(SET)
  first.log.stop(() => {})
  first.host.files.capacityBytes = 0
  const { loaded, lines } = openLog({ host: first.host })
  assert.equal(loaded, TEXT)
  assert.ok(lines.some((line) => line.includes('without a lock')))
})
