/** The data as the commands that make it, for a log that begins with data already in memory. */
import { rebuildEntry } from '../commands/index.ts'
import { type EffectSink, Effects } from '../engine/index.ts'
import type { Keyspace } from '../keyspace/index.ts'

/** Writes every key of every database to `sink`. */
export function dumpAsCommands(keyspace: Keyspace, sink: EffectSink): void {
  const effects = new Effects()
  effects.sink = sink
  for (const database of keyspace.databases) {
    database.each((entry) => {
      rebuildEntry(database, entry, (name, ...args) => {
        effects.sendAlone(database.index, name, ...args)
      })
    })
  }
  effects.flush()
}
