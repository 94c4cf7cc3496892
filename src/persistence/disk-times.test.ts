/** How long writes and syncs of the log take is told, to those who want to know. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SimulatedHost, simulatedHost } from '../host/index.ts'
import { encode, openLog } from './fixtures.ts'

/** A world in which every write to a file takes so long. */
function slowWrites(tookMs: number): SimulatedHost {
  const host = simulatedHost(1)
  const { files } = host
  const open = files.open.bind(files)
  files.open = (path, mode) => {
    const file = open(path, mode)
    const write = file.write.bind(file)
    file.write = (bytes, start, end) => {
      host.clock.advance(tookMs)
      return write(bytes, start, end)
    }
    return file
  }
  return host
}

class Times {
  isOn = false
  readonly told: string[] = []

  wrote(tookMs: number, isSyncing: boolean): void {
    this.told.push(`wrote ${tookMs} ${isSyncing}`)
  }

  synced(tookMs: number): void {
    this.told.push(`synced ${tookMs}`)
  }
}

test('writes are timed while somebody wants to know, and it is told whether a sync ran beside', () => {
  const times = new Times()
  const { log, write, host } = openLog({ host: slowWrites(7), times })
  write(encode('SET', 'a', '1'))
  assert.deepEqual(times.told, [])
  times.isOn = true
  write(encode('SET', 'a', '2'))
  host.timers.advance(1000)
  times.told.length = 0
  write(encode('SET', 'a', '3'))
  assert.deepEqual(times.told, ['wrote 7 false'])
  host.clock.advance(2000)
  log.flush()
})

test('syncs that replies wait for are timed, and no others', () => {
  const times = new Times()
  const { log, write, host } = openLog({ policy: 'always', times })
  times.isOn = true
  write(encode('SET', 'a', '1'))
  write(encode('SET', 'a', '2'))
  host.clock.advance(30)
  host.timers.turn()
  log.flush()
  host.timers.turn()
  assert.deepEqual(times.told, ['wrote 0 false', 'synced 30', 'wrote 0 false', 'synced 0'])
  log.setPolicy('everysec')
  times.told.length = 0
  write(encode('SET', 'a', '3'))
  host.timers.advance(1000)
  host.timers.turn()
  assert.deepEqual(times.told, ['wrote 0 false'])
})
