/** Of which version a snapshot is: the oldest that can hold the data, so that older servers can read it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { versionFor } from '../src/rdb/index.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

for (const database of ['0', '3', '15']) {
  test(`fields that expire in database ${database} need the newer version, as long as they do`, () => {
    const world = new World()
    const version = () => versionFor(world.store.keyspace)
    const guest = world.connect()
    const send = (...argv: string[]) => guest.send(encode(argv))
    send('SELECT', database)
    send('HSET', 'hash', 'f', 'v', 'g', 'w')
    const base = version()
    send('HPEXPIRE', 'hash', '100000', 'FIELDS', '1', 'g')
    assert.ok(version() > base)
    send('HPERSIST', 'hash', 'FIELDS', '1', 'g')
    assert.equal(version(), base)
    send('HPEXPIRE', 'hash', '100000', 'FIELDS', '1', 'g')
    send('DEL', 'hash')
    assert.equal(version(), base)
    world.close()
  })
}
