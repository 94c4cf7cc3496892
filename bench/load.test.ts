import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBenchmarkCsv } from './load.ts'
import { splitCommand } from './servers.ts'

test('rows are read with and without a header, and warnings between them are passed over', () => {
  const output = [
    'WARNING: Could not fetch server CONFIG',
    '"test","rps","avg_latency_ms","min_latency_ms"',
    '"SET","571428.56","1.229","0.472"',
    'SET: rps=0.0\r"GET","100.50","1","2"',
    '',
  ].join('\n')
  assert.deepEqual(parseBenchmarkCsv(output), [
    { test: 'SET', requestsPerSecond: 571428.56 },
    { test: 'GET', requestsPerSecond: 100.5 },
  ])
  assert.deepEqual(parseBenchmarkCsv('"INCR","88.00"\r\n'), [
    { test: 'INCR', requestsPerSecond: 88 },
  ])
})

test('a test name may hold spaces, brackets and commas', () => {
  const output = '"LRANGE_100 (first 100 elements)","60606.06","0.7"\n"SET a,b","5.00"\n'
  assert.deepEqual(
    parseBenchmarkCsv(output).map((row) => row.test),
    ['LRANGE_100 (first 100 elements)', 'SET a,b'],
  )
})

test('output without a row gives none', () => {
  assert.deepEqual(parseBenchmarkCsv(''), [])
  assert.deepEqual(parseBenchmarkCsv('"test","rps"\n'), [])
  assert.deepEqual(parseBenchmarkCsv('Error from server: ERR no'), [])
})

test('a command line keeps quoted spaces and empty arguments', () => {
  assert.deepEqual(splitCommand('redis-server --port {port} --save "" --x \'a b\'  '), [
    'redis-server',
    '--port',
    '{port}',
    '--save',
    '',
    '--x',
    'a b',
  ])
  assert.deepEqual(splitCommand(''), [])
})
