import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Seeded } from './seeded.ts'
import { PowerCut, SimulatedDisk } from './simulated-disk.ts'

const write = (disk: SimulatedDisk, name: string, text: string) => {
  const file = disk.open(name, 'append')
  file.write(Buffer.from(text), 0, text.length)
  return file
}

/** All the texts that `name` can have after a power cut; `none` when it is not there. */
function outcomes(disk: SimulatedDisk, name: string): Set<string> {
  const found = new Set<string>()
  for (let seed = 0; seed < 300; seed++) {
    const after = disk.crash(new Seeded(seed))
    const bytes = after.exists(name) ? Buffer.from(after.readAll(name)).toString() : 'none'
    found.add(bytes.replaceAll('\0', '0'))
  }
  return found
}

test('a synced file whose folder is synced is always there', () => {
  const disk = new SimulatedDisk()
  write(disk, '/f', 'abc').sync()
  assert.deepEqual(outcomes(disk, '/f'), new Set(['abc', 'none']))
  disk.syncFolder('/')
  assert.deepEqual(outcomes(disk, '/f'), new Set(['abc']))
})

test('unsynced bytes are lost, kept, torn at any byte, or zeros', () => {
  const disk = new SimulatedDisk()
  disk.put('/f', 'ab')
  write(disk, '/f', 'cd')
  assert.deepEqual(outcomes(disk, '/f'), new Set(['ab', 'abc', 'abcd', 'abc0', 'ab00']))
})

test('a sync covers what was written before it began, not what came meanwhile', () => {
  const disk = new SimulatedDisk()
  disk.put('/f', '')
  const file = write(disk, '/f', 'a')
  let isDone = false
  file.syncLater(() => {
    isDone = true
  })
  assert.equal(isDone, false)
  write(disk, '/f', 'b')
  assert.equal(disk.finishSyncs(), 1)
  assert.equal(isDone, true)
  assert.deepEqual(outcomes(disk, '/f'), new Set(['a', 'ab', 'a0']))
})

test('a rename whose folder is not synced may be undone, but is never half done', () => {
  const disk = new SimulatedDisk()
  disk.put('/old', 'old')
  disk.put('/new', 'new')
  disk.rename('/new', '/old')
  for (let seed = 0; seed < 50; seed++) {
    const after = disk.crash(new Seeded(seed))
    const isDone = Buffer.from(after.readAll('/old')).toString() === 'new'
    assert.equal(after.exists('/new'), !isDone)
  }
  assert.deepEqual(outcomes(disk, '/old'), new Set(['old', 'new']))
  disk.syncFolder('/')
  assert.deepEqual(outcomes(disk, '/old'), new Set(['new']))
})

test('files of a folder that was lost are lost', () => {
  const disk = new SimulatedDisk()
  disk.makeFolder('/a/b')
  write(disk, '/a/b/f', 'x').sync()
  disk.syncFolder('/a/b')
  assert.deepEqual(outcomes(disk, '/a/b/f'), new Set(['x', 'none']))
  disk.syncFolder('/a')
  disk.syncFolder('/')
  assert.deepEqual(outcomes(disk, '/a/b/f'), new Set(['x']))
})

test('after a failed sync the next one succeeds and has saved nothing', () => {
  const disk = new SimulatedDisk()
  disk.put('/f', '')
  const file = write(disk, '/f', 'lost')
  disk.fail('sync', 'EIO')
  assert.throws(() => file.sync(), { code: 'EIO' })
  file.sync()
  assert.deepEqual(outcomes(disk, '/f'), new Set(['0000']))
  file.rewrite(Buffer.from('lost'), 0, 4, 0)
  file.sync()
  assert.deepEqual(outcomes(disk, '/f'), new Set(['lost']))
})

test('a sync off the loop that fails forgets what came meanwhile too, and can be heard of later', () => {
  const disk = new SimulatedDisk()
  disk.put('/f', '')
  const refused: string[] = []
  disk.onRefused = (verb, name) => refused.push(`${verb} ${name}`)
  let tell = () => {}
  disk.afterDone = (call) => {
    tell = call
  }
  const file = write(disk, '/f', 'a')
  let code: string | undefined
  file.syncLater((error) => {
    code = error?.code
  })
  write(disk, '/f', 'b')
  disk.fail('sync', 'EIO')
  disk.finishSyncs()
  assert.deepEqual(refused, ['sync /f'])
  assert.equal(code, undefined)
  assert.ok(disk.hasForgotten)
  tell()
  assert.equal(code, 'EIO')
  file.sync()
  assert.deepEqual(outcomes(disk, '/f'), new Set(['00']))
})

test('the power can be cut at any step, and then nothing works', () => {
  const disk = new SimulatedDisk()
  disk.stopAtStep = 2
  const file = disk.open('/f', 'create')
  assert.throws(() => file.write(Buffer.from('x'), 0, 1), PowerCut)
  assert.throws(() => disk.exists('/f'), PowerCut)
  assert.equal(disk.afterKill().readAll('/f').length, 1)
})

test('space runs out in the middle of a write, and comes back', () => {
  const disk = new SimulatedDisk()
  disk.put('/f', 'abc')
  disk.capacityBytes = 5
  const file = disk.open('/f', 'append')
  assert.equal(file.write(Buffer.from('defg'), 0, 4), 2)
  assert.throws(() => file.write(Buffer.from('fg'), 0, 2), { code: 'ENOSPC', path: '/f' })
  file.truncate(1)
  assert.equal(file.write(Buffer.from('fg'), 0, 2), 2)
  assert.equal(Buffer.from(disk.readAll('/f')).toString(), 'afg')
})
