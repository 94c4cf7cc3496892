/** Directives about the process: its log, its place in the system, its debugging. */
import { Refusal } from '../directive.ts'
import { bool, choice, integer, path, text } from '../kinds.ts'
import { INT32_MAX } from '../numbers.ts'
import { oomScores } from '../specials.ts'

const fixedAndInert = { immutable: true, inert: true } as const
const processors = (alias: string) => text('', { ...fixedAndInert, optional: true, alias })
const whoMay = () => choice(['no', 'yes', 'local'], 'no', { immutable: true })

export const processes = {
  logfile: path('', { immutable: true }),
  loglevel: choice(['debug', 'verbose', 'notice', 'warning', 'nothing'], 'notice'),
  'hide-user-data-from-log': bool(false),
  'syslog-enabled': bool(false, fixedAndInert),
  'syslog-facility': choice(
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    'local0',
    fixedAndInert,
  ),
  'syslog-ident': text('redis', fixedAndInert),
  'crash-log-enabled': bool(true, { inert: true }),
  'crash-memcheck-enabled': bool(true, { inert: true }),
  'use-exit-on-panic': bool(false, { hidden: true, inert: true }),
  'watchdog-period': integer(0, [0, INT32_MAX], { hidden: true, inert: true }),
  daemonize: bool(false, fixedAndInert),
  supervised: choice(['upstart', 'systemd', 'auto', 'no'], 'no', fixedAndInert),
  pidfile: path('', { immutable: true, optional: true }),
  'always-show-logo': bool(false, { immutable: true }),
  'set-proc-title': bool(true, fixedAndInert),
  'proc-title-template': text('{title} {listen-addr} {server-mode}', {
    inert: true,
    check: checkTitle,
  }),
  'ignore-warnings': text('', { inert: true }),
  hz: integer(10, [0, INT32_MAX], { clamp: [1, 500] }),
  'dynamic-hz': bool(true, { inert: true }),
  'io-threads': integer(1, [1, 128], fixedAndInert),
  'io-threads-do-reads': bool(false, fixedAndInert),
  'disable-thp': bool(true, fixedAndInert),
  'oom-score-adj': choice(['no', 'yes', 'relative', 'absolute'], 'no', {
    inert: true,
    synonyms: { relative: 'yes' },
  }),
  'oom-score-adj-values': oomScores({ inert: true }),
  'server-cpulist': processors('server_cpulist'),
  'bio-cpulist': processors('bio_cpulist'),
  'aof-rewrite-cpulist': processors('aof_rewrite_cpulist'),
  'bgsave-cpulist': processors('bgsave_cpulist'),
  'enable-protected-configs': whoMay(),
  'enable-debug-command': whoMay(),
  'enable-module-command': whoMay(),
}

const TITLE_VARIABLES = [
  'title',
  'listen-addr',
  'server-mode',
  'config-file',
  'port',
  'tls-port',
  'unixsocket',
]

/** Variables that do not save a template from coming out empty. */
const MAY_BE_EMPTY = ['title', 'server-mode', 'unixsocket']

/** A template of text and `{variable}`; `{{` is a brace. It may not come out empty. */
function checkTitle(template: string): void {
  let words = 0
  const rest = template.replace(/\{(?:\{|([^}]*)\})/g, (whole, name: string | undefined) => {
    if (name === undefined) {
      words++
      return ''
    }
    if (!MAY_BE_EMPTY.includes(name)) words++
    return TITLE_VARIABLES.includes(name) ? '' : whole
  })
  if (rest.includes('{') || (words === 0 && /^ *$/.test(rest))) {
    throw new Refusal('template format is invalid or contains unknown variables')
  }
}
