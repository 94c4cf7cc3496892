/** Figures of memory: that they add up, in INFO and in MEMORY STATS, and are what is compared with limits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf, textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

/** The figures of INFO as numbers. */
function info(world: World, section = 'memory') {
  const fields = figuresOf(world, section)
  return (name: string) => Number.parseFloat(fields.get(name) ?? 'NaN')
}

/** Those of MEMORY STATS. */
function stats(world: World) {
  const reply = world.ask('MEMORY', 'STATS')
  assert.ok(reply?.kind === 'array')
  const { items } = reply
  return (name: string) => {
    const at = items.findIndex((item, i) => i % 2 === 0 && textOf(item) === name)
    return Number(textOf(items[at + 1]))
  }
}

function checkSums(world: World): void {
  const of = info(world)
  const used = of('used_memory')
  assert.ok(used > 0 && used <= of('used_memory_peak'))
  assert.ok(of('used_memory_overhead') <= used)
  assert.equal(of('used_memory_dataset'), used - of('used_memory_overhead'))
  const share = (of('used_memory_dataset') * 100) / (used - of('used_memory_startup'))
  assert.equal(of('used_memory_dataset_perc'), Number(share.toFixed(2)))
  assert.ok(share >= 0 && share <= 100)
  assert.equal(
    of('used_memory_peak_perc'),
    Number(((used * 100) / of('used_memory_peak')).toFixed(2)),
  )
  assert.equal(of('allocator_allocated'), used)
  assert.ok(of('allocator_active') >= used)
  assert.equal(of('allocator_frag_bytes'), of('allocator_active') - used)
  assert.equal(of('mem_fragmentation_bytes'), of('used_memory_rss') - used)

  const told = stats(world)
  assert.equal(told('dataset.bytes'), of('used_memory_dataset'))
  assert.equal(told('total.allocated') - told('overhead.total'), told('dataset.bytes'))
  const parts = ['clients.normal', 'aof.buffer', 'lua.caches', 'functions.caches']
  const sum = parts.reduce((whole, name) => whole + told(name), told('overhead.db.hashtable.lut'))
  assert.equal(told('overhead.total'), sum)
}

test('the figures of memory add up, with data and without, with clients and scripts', () => {
  const world = new World()
  checkSums(world)
  for (let i = 0; i < 2000; i++) world.ask('SET', `key:${i}`, 'v'.repeat(i % 200))
  checkSums(world)
  world.ask('EVAL', `return '${'x'.repeat(5000)}'`, '0')
  world.ask('FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() end)")
  const guest = world.connect()
  guest.send(Buffer.from(`*2\r\n$500000\r\n${'v'.repeat(100_000)}`))
  checkSums(world)
  assert.ok(info(world)('mem_clients_normal') > 100_000)
  world.ask('FLUSHALL')
  world.wait(5000)
  checkSums(world)
  assert.equal(info(world)('used_memory_dataset'), 0)
  world.close()
})

test('what is compared with maxmemory is used_memory without what is not counted, to the byte', () => {
  const world = new World()
  world.ask('SET', 'key', 'v'.repeat(10_000))
  world.ask('EVAL', "return 'a script'", '0')
  const guest = world.connect()
  const ask = (...argv: string[]) => {
    guest.send(encode(argv))
    return textOf(guest.take()[0])
  }
  const told = ask('INFO', 'memory')
  const of = (name: string) => Number(new RegExp(`^${name}:(.*)\r$`, 'm').exec(told)?.[1])
  const counted = of('used_memory') - of('mem_not_counted_for_evict')
  const isRefused = (limit: number) => {
    assert.equal(ask('CONFIG', 'SET', 'maxmemory', String(limit)), 'OK')
    return ask('SETRANGE', 'key', '0', 'x').startsWith('OOM')
  }
  assert.deepEqual([isRefused(counted), isRefused(counted - 1)], [false, true])
  world.close()
})

test('the largest request and the most output of late are remembered for some seconds', () => {
  const world = new World()
  const guest = world.connect()
  guest.send(Buffer.from(`*2\r\n$500000\r\n${'v'.repeat(100_000)}`))
  assert.ok(info(world, 'clients')('client_recent_max_input_buffer') >= 100_000)
  guest.send(Buffer.from(`${'v'.repeat(400_000)}\r\n$1\r\nv\r\n`))
  world.wait(5000)
  assert.ok(info(world, 'clients')('client_recent_max_input_buffer') >= 100_000)
  world.wait(5000)
  assert.equal(info(world, 'clients')('client_recent_max_input_buffer'), 0)
  world.close()
})
