import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedDisk } from '../host/index.ts'
import { TemporaryNames } from './temporary-names.ts'

test('a name is given out again when no file has it, and not while one may', () => {
  const held: (() => void)[] = []
  const disk = new SimulatedDisk((finish) => held.push(finish))
  const names = new TemporaryNames(disk)
  const take = () => {
    const path = names.take((number) => `/temp-${number}`)
    disk.put(path, 'part')
    return path
  }
  const end = () => {
    for (const finish of held.splice(0)) finish()
  }
  assert.deepEqual([take(), take()], ['/temp-1', '/temp-2'])
  names.free('/temp-2')
  assert.equal(take(), '/temp-2')

  names.remove('/temp-1')
  assert.equal(take(), '/temp-3', 'it is being removed')
  end()
  assert.equal(take(), '/temp-1')

  disk.fail('remove', 'EIO')
  names.remove('/temp-1')
  end()
  assert.equal(take(), '/temp-4', 'it could not be removed')
  disk.fail('remove', 'EROFS')
  names.remove('/temp-2')
  end()
  assert.equal(take(), '/temp-2', 'nothing can be written to it either')
})
