import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskLatency } from './disk-latency.ts'

test('a slow write is told twice, the second time by what ran beside it', () => {
  const told: string[] = []
  const latency = { isOn: true, add: (event: string, ms: number) => told.push(`${event} ${ms}`) }
  let isSaving = false
  const times = diskLatency(latency, () => isSaving)
  times.wrote(6, true)
  times.wrote(7, false)
  isSaving = true
  times.wrote(8, false)
  times.synced(9)
  assert.deepEqual(told, [
    'aof-write-pending-fsync 6',
    'aof-write 6',
    'aof-write-alone 7',
    'aof-write 7',
    'aof-write-active-child 8',
    'aof-write 8',
    'aof-fsync-always 9',
  ])
  latency.isOn = false
  assert.equal(times.isOn, false)
})
