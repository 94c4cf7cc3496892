/** What `holdfast --help` prints. */
export const USAGE = `Usage: holdfast [FILE.conf] [--directive value]...   start a server
       holdfast -                                  read the configuration from standard input
       holdfast cli [options] [command [arg]...]   the prompt; see holdfast cli --help
       holdfast check | dump | import | restore    the files of a store; each has its --help
       holdfast --help | --version

Configuration files and directives are those of redis.conf, for example:
  holdfast --port 7000 --dir /srv/data --appendonly yes --appendfsync always
`
