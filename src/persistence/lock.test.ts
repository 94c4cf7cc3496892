import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileError, SimulatedDisk, simulatedProcesses } from '../host/index.ts'
import { AofError } from './errors.ts'
import { FolderLock } from './lock.ts'

const LOCK = '/data/holdfast.lock'

function folder(content?: string): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.put('/data/some-file', '')
  if (content !== undefined) disk.put(LOCK, content)
  return disk
}

const take = (disk: SimulatedDisk, id = 5, birth = 'now') =>
  FolderLock.take(disk, simulatedProcesses(id, birth), '/data', () => {})

test('a folder has one holder, until it is released', () => {
  const disk = folder()
  const lock = take(disk)
  assert.throws(() => take(disk), /"\/data" is in use: process 5 holds its lock/)
  lock.release()
  assert.equal(disk.exists(LOCK), false)
  take(disk).release()
})

test('the lock of a process that is gone is taken over', () => {
  take(folder('4711 before simulated\n'))
})

test('the lock of an earlier process with the same id is taken over', () => {
  take(folder('5 before simulated\n'), 5, 'now')
})

test('where births are not known, a living id is respected', () => {
  assert.throws(() => take(folder('5 - simulated\n'), 5, ''), AofError)
  assert.throws(() => take(folder('5 before simulated\n'), 5, ''), AofError)
})

test('the lock of another machine is respected', () => {
  assert.throws(() => take(folder('4711 before elsewhere\n')), /on "elsewhere"/)
})

test('a lock that was cut while it was written is taken over', () => {
  take(folder(''))
  take(folder('47'))
})

test('a lock that is there and cannot be read is respected', () => {
  const disk = folder('4711 before simulated\n')
  disk.readAll = (name) => {
    throw new FileError('EACCES', name, 'refused')
  }
  assert.throws(
    () => take(disk),
    /"\/data" may be in use: .* cannot be read; .* Permission denied\)$/,
  )
  assert.equal(disk.exists(LOCK), true)
})

test('a full disk leaves no empty lock behind', () => {
  const disk = folder()
  disk.capacityBytes = 3
  assert.throws(() => take(disk), { code: 'ENOSPC' })
  assert.equal(disk.exists(LOCK), false)
})
