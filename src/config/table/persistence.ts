/** Directives about files of data: snapshots and the append-only file. */
import { INT64_MAX } from '../../bytes/index.ts'
import { Refusal } from '../directive.ts'
import { bool, choice, flags, integer, memory, path } from '../kinds.ts'
import { INT32_MAX, INT32_MIN } from '../numbers.ts'
import { folder, savePoints } from '../specials.ts'

const MIB = 2 ** 20

/** The file's name only, so that it cannot leave the data folder. */
function baseName(directive: string, what: 'filename' | 'dirname', mayBeEmpty: boolean) {
  return (value: string): void => {
    if (value === '' && !mayBeEmpty) throw new Refusal(`${directive} can't be empty`)
    if (/[/\\]/.test(value)) throw new Refusal(`${directive} can't be a path, just a ${what}`)
  }
}

const onSignal = () =>
  flags(['save', 'nosave', 'now', 'force'], (value) => {
    if (value.includes('save') && value.includes('nosave')) {
      throw new Refusal("shutdown options SAVE and NOSAVE can't be used simultaneously")
    }
  })

export const persistence = {
  dir: folder('.', { guarded: true, deniedWhileLoading: true }),
  save: savePoints([
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 10000 },
  ]),
  dbfilename: path('dump.rdb', {
    guarded: true,
    check: baseName('dbfilename', 'filename', true),
  }),
  rdbchecksum: bool(true, { immutable: true }),
  rdbcompression: bool(true),
  'rdb-del-sync-files': bool(false),
  'rdb-save-incremental-fsync': bool(true),
  'rdb-key-save-delay': integer(0, [INT32_MIN, INT32_MAX], { hidden: true }),
  'save-bytes-per-second': memory(128 * MIB, [0, INT64_MAX]),
  'key-load-delay': integer(0, [INT32_MIN, INT32_MAX], { hidden: true }),
  'loading-process-events-interval-bytes': integer(2 * MIB, [1024, INT32_MAX], { hidden: true }),
  'stop-writes-on-bgsave-error': bool(true),
  appendonly: bool(false),
  appendfilename: path('appendonly.aof', {
    immutable: true,
    check: baseName('appendfilename', 'filename', false),
  }),
  appenddirname: path('appendonlydir', {
    immutable: true,
    check: baseName('appenddirname', 'dirname', false),
  }),
  appendfsync: choice(['everysec', 'always', 'no'], 'everysec'),
  'no-appendfsync-on-rewrite': bool(false),
  'auto-aof-rewrite-percentage': integer(100, [0, INT32_MAX]),
  'auto-aof-rewrite-min-size': memory(64 * MIB, [0, INT64_MAX]),
  'aof-rewrite-incremental-fsync': bool(true),
  'aof-load-truncated': bool(true),
  'aof-use-rdb-preamble': bool(true),
  'aof-timestamp-enabled': bool(false),
  'aof-disable-auto-gc': bool(false, { hidden: true }),
  'shutdown-timeout': integer(10, [0, INT32_MAX]),
  'shutdown-on-sigint': onSignal(),
  'shutdown-on-sigterm': onSignal(),
}
