import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCommand, infoField, parseReply } from './client.ts'

const wire = '*4\r\n$3\r\nabc\r\n:-7\r\n*-1\r\n*2\r\n+OK\r\n$-1\r\n'

test('a nested reply is read whole, and cut at any byte it is not there yet', () => {
  const bytes = Buffer.from(wire)
  assert.deepEqual(parseReply(bytes), { value: ['abc', -7, null, ['OK', null]], end: bytes.length })
  for (let size = 0; size < bytes.length; size++) {
    assert.equal(parseReply(bytes.subarray(0, size)), undefined, `cut at ${size}`)
  }
})

test('an error reply is an error, and so is what is no reply', () => {
  assert.deepEqual(parseReply(Buffer.from('-ERR no\r\n'))?.value, new Error('ERR no'))
  assert.ok(parseReply(Buffer.from('HTTP/1.1 400\r\n'))?.value instanceof Error)
})

test('a command counts bytes, not characters', () => {
  assert.equal(encodeCommand(['ECHO', 'é']), '*2\r\n$4\r\nECHO\r\n$2\r\né\r\n')
})

test('a field of INFO is found by its whole name', () => {
  const info = '# Server\r\nredis_version:7.0.15\r\nprocess_id:42\r\n'
  assert.equal(infoField(info, 'process_id'), '42')
  assert.equal(infoField(info, 'process'), undefined)
})
