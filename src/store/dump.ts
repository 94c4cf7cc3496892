/** The data as the commands that make it, for a log that begins with data already in memory. */
import { type EffectSink, Effects } from '../engine/index.ts'
import { type Keyspace, NEVER } from '../keyspace/index.ts'

/** Writes every key of every database to `sink`. */
export function dumpAsCommands(keyspace: Keyspace, sink: EffectSink): void {
  const effects = new Effects()
  effects.sink = sink
  for (const database of keyspace.databases) {
    database.each((entry) => {
      const expiry = database.expiryOf(entry)
      const options = expiry === NEVER ? [] : ['PXAT', expiry]
      const key = database.keyOf(entry)
      effects.sendAlone(database.index, 'SET', key, database.stringOf(entry), ...options)
    })
  }
  effects.flush()
}
