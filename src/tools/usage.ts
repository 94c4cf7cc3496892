/** What each tool says to `--help`. */
export const USAGES: Readonly<Record<string, string>> = {
  check: `Usage: holdfast check FILE|DIR [--fix]

Says what a snapshot, an append-only file, a manifest or a folder of data is, what it holds,
and what is wrong with it, with the place. All of it is loaded, so it takes the memory that
a server with the data takes. The exit status is 0 when all is good, else 1.

  --fix    Cut off what is unfinished or damaged at the end of a log, from the first command
           on that is not whole. The original is kept beside it as FILE.original. Only the
           last file of a log is cut; snapshots and manifests are never changed.
`,
  dump: `Usage: holdfast dump FILE|DIR [--format rdb|aof|json] [-o OUT]

Writes the data of a snapshot, an append-only file, JSON lines or a folder in another form
(default: json) to OUT, which must not exist, or to standard output. Of a folder it is the
log, where there is one. A running server takes it by
  holdfast dump DIR --format aof | holdfast cli --pipe
`,
  import: `Usage: holdfast import FILE|DIR [--format rdb|aof|json] --to DIR
       holdfast import FILE|DIR [--format rdb|aof|json] --port N [options]

Makes a new folder of data from a snapshot, an append-only file or JSON lines: dump.rdb and
appendonlydir, so that a server starts from it with appendonly on or off. Or puts the data
into a running server, which may be another one that knows RESTORE.

  --format NAME   What FILE is; without it that is seen from its first bytes.
  --port N        The port of the server.
  --host NAME     Its host (default: 127.0.0.1).
  --user NAME     For AUTH.
  --password TEXT The same; better in the environment, as REDISCLI_AUTH.
  --replace       Keys and libraries that the server has are replaced. Without it they stay.
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
