import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileError, runSteps, SimulatedDisk, type Steps } from '../host/index.ts'
import { Layout } from './layout.ts'
import type { Part } from './manifest.ts'
import { ManifestKeeper } from './manifest-keeper.ts'

const part = (sequence: number, kind: 'base.rdb' | 'incr.aof'): Part => ({
  name: `a.${sequence}.${kind}`,
  sequence,
  extra: [],
})

/** A log of one base and one increment, and a file that could be its next base. */
function begun() {
  const disk = new SimulatedDisk((finish) => finish())
  const layout = new Layout(disk, { dir: '/data', folderName: 'aof', fileName: 'a' })
  const current = { base: part(1, 'base.rdb'), history: [], increments: [part(1, 'incr.aof')] }
  for (const { name } of [current.base, ...current.increments]) disk.put(layout.pathOf(name), name)
  disk.put(layout.pathOf('temp-base'), 'new')
  layout.write(current)
  const keeper = new ManifestKeeper(layout, disk, current, () => {})
  const run = (steps: () => Steps) => {
    let failure: FileError | undefined
    runSteps(steps, (error) => {
      failure = error
    })
    return failure
  }
  const replace = () => {
    return run(() => keeper.replaceBase(layout.pathOf('temp-base'), part(2, 'base.rdb'), []))
  }
  return { disk, layout, current, keeper, run, replace }
}

test('a change that fails is taken back, and its file goes', () => {
  const { disk, layout, current, keeper, replace } = begun()
  disk.fail('syncFolder', 'EIO', 1, 1)
  assert.ok(replace() instanceof FileError)
  assert.ok(keeper.isCertain)
  assert.deepEqual(layout.read(), current)
  assert.ok(!disk.exists(layout.pathOf('a.2.base.rdb')))
})

test('what a manifest that could not be taken back may name is kept', () => {
  const { disk, layout, current, keeper, run, replace } = begun()
  // The new manifest has its name by now, and the disk refuses that to be stable, and another one.
  disk.fail('syncFolder', 'EIO', 1, 1)
  disk.fail('open', 'EIO', 3, 1)
  assert.ok(replace() instanceof FileError)
  assert.ok(!keeper.isCertain)
  assert.equal(keeper.current, current)
  const found = layout.read()!
  assert.equal(found.base?.name, 'a.2.base.rdb')
  for (const { name } of [found.base!, ...found.increments, current.base, ...current.increments]) {
    assert.ok(disk.exists(layout.pathOf(name)), name)
  }

  assert.equal(
    run(() => keeper.takeBack(current, 'a.2.base.rdb')),
    undefined,
  )
  assert.ok(keeper.isCertain)
  assert.deepEqual(layout.read(), current)
  assert.ok(!disk.exists(layout.pathOf('a.2.base.rdb')))
})

test('history whose file is gone goes from the manifest too', () => {
  const { disk, layout, current, keeper, run } = begun()
  const history = [part(7, 'incr.aof')]
  run(() => keeper.adopt({ ...current, history }))
  assert.deepEqual(layout.read()!.history, history)
  assert.ok(!disk.exists(layout.pathOf('a.7.incr.aof')))
  disk.fail('syncFolder', 'EIO')
  run(() => keeper.removeHistory())
  assert.deepEqual(layout.read()!.history, history, 'what fails is left for later')
  assert.ok(keeper.isCertain)
  run(() => keeper.removeHistory())
  assert.deepEqual(layout.read(), current)
})

test('a base never gets the name of one that is still to go', () => {
  const { layout, current } = begun()
  const history = [part(6, 'incr.aof'), part(4, 'base.rdb')]
  assert.equal(layout.nextBase({ ...current, history }, 'rdb').name, 'a.5.base.rdb')
  assert.equal(
    layout.nextBase({ ...current, base: undefined, history }, 'aof').name,
    'a.5.base.aof',
  )
})
