/** What `holdfast cli --help` says. */

/** The help on the command line. */
export const USAGE = `Usage: holdfast cli [OPTIONS] [cmd [arg [arg ...]]]

Where to
  -h <hostname>      Server hostname (default: 127.0.0.1).
  -p <port>          Server port (default: 6379).
  -s <socket>        Server socket (instead of hostname and port).
  -u <uri>           redis://user:password@host:port/database; rediss:// for TLS.
  -t <timeout>       Seconds to wait for the connection (default: 0, no limit).
  -4, -6             Look up IPv4 or IPv6 addresses only.
  --tls              Connect by TLS; --cacert, --cert and --key name files, --sni a
                     server name, --insecure skips the check of the certificate.

Who
  -a, --pass <password>  Password. The REDISCLI_AUTH environment variable is safer.
  --user <username>  User name to go with the password.
  --askpass          Type the password, unseen.
  --no-auth-warning  Don't warn of a password on the command line.

What
  -n <db>            Database number.
  -r <repeat>        Run the command N times; -1 is for ever.
  -i <interval>      Seconds between repetitions, as in -i 0.1. Also the interval of
                     --scan, --stat and --latency.
  -x                 Take the last argument from standard input.
  -X <tag>           Take the argument that is <tag> from standard input.
  --quoted-input     Arguments in quotes are unquoted, with escapes like \\x00.
  --eval <file>      Run a script: --eval FILE key1 key2 , arg1 arg2
  -2, -3             Speak RESP2 or RESP3.
  -e                 Stop at an error reply, telling it on standard error.
  -c                 Accepted; there is no cluster mode yet.

How replies look
  --raw              As they are (default when standard output is no terminal).
  --no-raw           For people, even when standard output is no terminal.
  --csv, --json      As CSV or JSON. --quoted-json keeps to ASCII.
  -d <delimiter>     Between the elements of a raw reply (default: newline).
  -D <delimiter>     After each raw reply (default: newline).
  --show-pushes <yn> Whether to show what the server pushes in RESP3.

Other things to do
  --pipe             Send ready-made protocol from standard input, count the replies.
  --pipe-timeout <n> Give up when there is no reply for n seconds (default: 30, 0 never).
  --stat             Figures of the server, a line a second.
  --latency          How long a PING takes. --latency-history tells it every 15 seconds,
                     --latency-dist as a spectrum (--mono in grays).
  --intrinsic-latency <sec>  How long this machine itself keeps a program waiting.
  --scan             List keys. --pattern <pat>, --quoted-pattern <pat>, --count <n>.
  --bigkeys          The largest keys by elements; --memkeys by memory,
                     --memkeys-samples <n> looks at n elements of each.
  --help, --version  This text; the version.

The exit status is 1 when a reply was an error or there was no connection.
Without a command it is a prompt, or reads one command a line from a pipe.
`
