/** What each tool says to `--help`. */
export const USAGES: Readonly<Record<string, string>> = {
  check: `Usage: holdfast check FILE|DIR [--fix]

Says what a snapshot, an append-only file, a manifest or a folder of data is, what it holds,
and what is wrong with it, with the place. All of it is loaded, so it takes the memory that
a server with the data takes. The exit status is 0 when all is good, else 1.

  --fix    Cut off an unfinished command at the end of a log. The original is kept beside
           it as FILE.original. Nothing else is repaired.
`,
  dump: `Usage: holdfast dump FILE|DIR [--format rdb|aof|json] [-o OUT]

Writes the data of a snapshot, an append-only file, JSON lines or a folder in another form
(default: json) to OUT, which must not exist, or to standard output. Of a folder it is the
log, where there is one. A running server takes it by
  holdfast dump DIR --format aof | holdfast cli --pipe
`,
  import: `Usage: holdfast import FILE|DIR --to DIR

Makes a new folder of data from a snapshot, an append-only file or JSON lines: dump.rdb and
appendonlydir, so that a server starts from it with appendonly on or off.
`,
  restore: `Usage: holdfast restore DIR (--at TIME | --before-command NAME) --to NEWDIR

Builds a new folder of data as it was earlier, from the append-only file in DIR, which is
not changed. With both options it is the last such command until that time.

  --at TIME               Seconds or milliseconds since 1970, or 2026-01-31T12:00:00Z. Needs
                          a log with timestamps (aof-timestamp-enabled yes).
  --before-command NAME   Before the last command of that name, such as FLUSHALL. Needs no
                          timestamps.
`,
}
