/** A hash as the commands that make it. */
import type { EffectArgument } from '../../engine/index.ts'
import type { Rebuild } from '../rebuild.ts'

/** Fields that one HSET sets at most. */
const FIELDS_PER_COMMAND = 64

/** Emits the fields, also those that are due and not removed yet: the log may still speak of them. */
export const rebuildHash: Rebuild = (db, value, key, emit) => {
  const { hashes } = db.keyspace
  let pairs: Uint8Array[] = []
  const timed: (readonly EffectArgument[])[] = []
  const flush = () => {
    if (pairs.length > 0) emit('HSET', key, ...pairs)
    for (const args of timed) emit('HPEXPIREAT', key, ...args)
    pairs = []
    timed.length = 0
  }
  hashes.each(value, (place) => {
    hashes.read(value, place)
    const { expiryMs } = hashes
    const field = hashes.field.copyOf()
    pairs.push(field, hashes.content.copyOf())
    if (expiryMs !== 0) timed.push([expiryMs, 'FIELDS', 1, field])
    if (pairs.length >= 2 * FIELDS_PER_COMMAND) flush()
  })
  flush()
}
