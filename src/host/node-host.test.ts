/** The real files keep the contract of `host.ts`, and so does the simulated disk beside them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { FileError, type Files } from './host.ts'
import { nodeHost } from './node-host.ts'
import { SimulatedDisk } from './simulated-disk.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

function keepsTheContract(files: Files, dir: string): void {
  const name = path.join(dir, 'a', 'f')
  assert.throws(() => files.open(name, 'append'), { code: 'ENOENT' })
  files.makeFolder(path.join(dir, 'a'))
  files.makeFolder(path.join(dir, 'a'))
  assert.throws(() => files.open(name, 'read'), { code: 'ENOENT', path: name })
  assert.throws(() => files.remove(name), FileError)

  const file = files.open(name, 'exclusive')
  assert.throws(() => files.open(name, 'exclusive'), { code: 'EEXIST' })
  assert.equal(file.write(Buffer.from('xhello'), 1, 6), 5)
  file.truncate(3)
  file.write(Buffer.from('p!'), 0, 2)
  assert.equal(file.rewrite(Buffer.from('HE'), 0, 2, 0), 2)
  assert.equal(file.size(), 5)
  const into = new Uint8Array(4)
  assert.equal(file.read(into, 1, 3, 2), 3)
  assert.equal(text(into), '\0lp!')
  assert.equal(file.read(into, 0, 4, 5), 0)
  file.sync()
  file.close()

  const again = files.open(name, 'append')
  again.write(Buffer.from('+'), 0, 1)
  again.close()
  assert.equal(text(files.readAll(name)), 'HElp!+')
  const old = files.open(`${name}2`, 'create')
  old.write(Buffer.from('of another'), 0, 10)
  files.rename(name, `${name}2`)
  assert.equal(text(files.readAll(`${name}2`)), 'HElp!+')
  // Whoever has the file open that was replaced goes on with it.
  assert.equal(old.size(), 10)
  old.close()
  files.syncFolder(path.join(dir, 'a'))
  assert.deepEqual(files.list(path.join(dir, 'a')), ['f2'])
  assert.equal(files.exists(name), false)
  files.open(`${name}2`, 'create').close()
  assert.equal(files.readAll(`${name}2`).length, 0)
  files.remove(`${name}2`)
  assert.deepEqual(files.list(path.join(dir, 'a')), [])
}

/** What a call off the loop ends with. */
const ended = (begin: (done: (error: FileError | undefined) => void) => void) =>
  new Promise<FileError | undefined>((resolve) => begin(resolve))

async function keepsItOffTheLoop(files: Files, dir: string): Promise<void> {
  const name = path.join(dir, 'later')
  const file = files.open(name, 'create')
  assert.equal(await ended((done) => file.writeLater(Buffer.from('xhello'), 1, 6, done)), undefined)
  file.write(Buffer.from('!'), 0, 1)
  assert.equal(await ended((done) => file.syncLater(done)), undefined)
  assert.equal(text(files.readAll(name)), 'hello!')
  file.close()
  assert.equal(await ended((done) => files.removeLater(name, done)), undefined)
  assert.equal((await ended((done) => files.removeLater(name, done)))?.code, 'ENOENT')
  assert.equal(await ended((done) => files.syncFolderLater(dir, done)), undefined)
  const missing = path.join(dir, 'missing')
  assert.equal((await ended((done) => files.syncFolderLater(missing, done)))?.code, 'ENOENT')
}

test('real files keep the contract off the loop', async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-host-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  await keepsItOffTheLoop(nodeHost().files, dir)
})

test('simulated files keep the contract off the loop', async () => {
  await keepsItOffTheLoop(new SimulatedDisk((finish) => setImmediate(finish)), '/')
})

test('real files keep the contract', (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-host-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  keepsTheContract(nodeHost().files, dir)
})

test('simulated files keep the contract', () => {
  keepsTheContract(new SimulatedDisk(), '/')
})

test('a real sync off the loop ends, also when the file is closed meanwhile', async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-host-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  const file = nodeHost().files.open(path.join(dir, 'f'), 'append')
  file.write(Buffer.from('x'), 0, 1)
  const error = await new Promise((resolve) => {
    file.syncLater(resolve)
    file.close()
    file.close()
  })
  assert.equal(error, undefined)
})

test('a full device answers ENOSPC', { skip: !fs.existsSync('/dev/full') }, async () => {
  const file = nodeHost().files.open('/dev/full', 'append')
  const refusal = {
    name: 'FileError',
    code: 'ENOSPC',
    message: 'Cannot write "/dev/full": No space left on device',
  }
  assert.throws(() => file.write(Buffer.from('x'), 0, 1), refusal)
  const error = await ended((done) => file.writeLater(Buffer.from('x'), 0, 1, done))
  assert.throws(() => {
    throw error
  }, refusal)
  file.close()
})

test('processes are told apart by their birth', () => {
  const { processes } = nodeHost()
  assert.equal(processes.id, process.pid)
  assert.notEqual(processes.birthOf(processes.id), undefined)
  assert.equal(processes.birthOf(processes.id), processes.birthOf(processes.id))
  const ended = spawnSync(process.execPath, ['-e', '0'])
  assert.equal(processes.birthOf(ended.pid), undefined)
  assert.ok(processes.machine.length > 0)
})

test('real timers fire, and stop', async () => {
  const { timers, clock } = nodeHost()
  const began = clock.monotonicMs()
  timers.after(1, () => assert.fail('stopped')).stop()
  // A timer of the host keeps no process alive, so the test does.
  const alive = setTimeout(() => {}, 10_000)
  await new Promise<void>((resolve) => {
    let ticks = 0
    const every = timers.every(1, () => {
      if (++ticks < 3) return
      every.stop()
      timers.soon(resolve)
    })
  })
  clearTimeout(alive)
  assert.ok(clock.monotonicMs() > began)
})

test('at the end of a turn what can wait comes behind all that was asked for soon', async () => {
  const { timers } = nodeHost()
  const calls: string[] = []
  await new Promise<void>((resolve) => {
    timers.later(() => {
      calls.push('slice')
      timers.later(() => {
        calls.push('next slice')
        resolve()
      })
      timers.soon(() => calls.push('reply'))
    })
    timers.soon(() => calls.push('earlier reply'))
  })
  assert.deepEqual(calls, ['earlier reply', 'slice', 'reply', 'next slice'])
})

test('what waits for the end of a turn behind a call that fails has its turn', async () => {
  const program = `
    import { nodeHost } from ${JSON.stringify(import.meta.resolve('./node-host.js'))}
    const { timers } = nodeHost()
    process.on('uncaughtException', (error) => console.log(error.message))
    timers.later(() => console.log('last'))
    timers.soon(() => console.log('first'))
    timers.soon(() => { throw new Error('failed') })
    timers.soon(() => console.log('behind'))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program])
  assert.equal(stdout.toString(), 'first\nfailed\nbehind\nlast\n')
})

test('real randomness fills and draws', () => {
  const { random } = nodeHost()
  const bytes = new Uint8Array(64)
  random.fill(bytes)
  assert.ok(new Set(bytes).size > 16)
  const words = new Set(Array.from({ length: 600 }, () => random.uint32()))
  assert.ok(words.size > 590)
})
