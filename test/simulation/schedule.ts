/**
 * What happens in a run, drawn from its seed before it begins. Each event has a seed of its own, so
 * that those of a run that failed can be left out one by one without changing the others.
 */
import { Seeded } from '../../src/host/index.ts'

/** The kinds of events, with how often each comes. */
const WEIGHTS = {
  /** A client sends commands on their way. */
  say: 34,
  /** Some of what is on its way arrives. */
  arrive: 34,
  /** The loop goes round. */
  round: 16,
  /** Time goes by. */
  advance: 10,
  /** A connection breaks. */
  break: 1,
  /** An operator changes a setting, or asks for a save. */
  operate: 2,
  /** The clock of the machine is set. */
  jump: 0.6,
  /** Writes, syncs or names fail from now on. */
  disturb: 1.5,
  /** The disk is well again. */
  heal: 1.5,
  /** The power fails at one of the next steps of the disk. */
  cut: 1,
  /** The process is killed at one of the next steps of the disk. */
  kill: 1,
  /** The power fails now, between two events. */
  cutNow: 0.6,
  /** The process is killed now. */
  killNow: 0.4,
  /** The store is closed in good order, and opened again. */
  restart: 0.4,
  /** Time goes by until something is begun off the loop: where that ends at chosen moments. */
  wait: 0,
  /** What was begun off the loop ends, or is done and not yet heard of. */
  finish: 0,
  /** Syncs fail from now on. */
  failSync: 0,
  /** What a client says and a change of settings come in one read. */
  slipIn: 0,
} as const

/** One of them. */
export type EventKind = keyof typeof WEIGHTS

/** How often each comes where snapshots are written slowly: then there have to be some. */
const SLOW_WEIGHTS: Readonly<Record<EventKind, number>> = { ...WEIGHTS, operate: 6 }

/** What is drawn for them comes from a seed of its own: no schedule that was kept is one of them. */
const SLOW_SALT = 389
/** Where the run chooses when what is done off the loop ends, the disk fails often. */
const INTERLEAVED_WEIGHTS: Readonly<Record<EventKind, number>> = {
  ...WEIGHTS,
  ...{ disturb: 5, heal: 4, killNow: 1 },
}

/** The same for those. */
const INTERLEAVED_SALT = 1211
/** And for those in which settings change in the middle of reads. */
const SLIPPING_SALT = 10672

/** Collections of more than two elements are large ones then. */
const SLOW_DIRECTIVES = [
  'hash-max-listpack-entries 2',
  'set-max-listpack-entries 2',
  'set-max-intset-entries 2',
  'zset-max-listpack-entries 2',
  'list-max-listpack-size 2',
  'stream-node-max-entries 2',
]

/** Something that happens. What exactly, it draws from its seed. */
export interface Happening {
  readonly kind: EventKind
  readonly seed: number
}

/** One run from beginning to end. */
export interface Schedule {
  readonly seed: number
  readonly policy: 'always' | 'everysec' | 'no'
  /** Whether the log is on when the store opens. */
  readonly hasLog: boolean
  /** Further lines of configuration. */
  readonly directives: readonly string[]
  /** The longest that a sync off the loop takes. */
  readonly syncMsMax: number
  readonly clients: number
  /** Whether each life begins with so many writes that syncs are made on the loop, while they are quick. */
  readonly beginsBusy: boolean
  /**
   * Whether snapshots and rewrites are asked for often and take their time, while clients change single
   * elements of large collections.
   */
  readonly savesSlowly: boolean
  /**
   * Whether what is done off the loop ends at any moment, also between a command and the end of its turn.
   */
  readonly interleaves: boolean
  /**
   * Whether a power cut may leave each sector as of another moment. What clients say is short then: an
   * argument that takes up a whole sector could be lost in the middle, and a log without checksums
   * does not show that.
   */
  readonly reordersSectors: boolean
  readonly happenings: readonly Happening[]
}

const POLICIES = ['always', 'always', 'everysec', 'no'] as const
const INTERLEAVED_POLICIES = ['always', 'everysec', 'everysec', 'no'] as const

const KINDS = Object.keys(WEIGHTS) as EventKind[]

/** The run of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = new Seeded(seed)
  const slow = new Seeded(seed ^ SLOW_SALT)
  const savesSlowly = slow.chance(0.33)
  const between = new Seeded(seed ^ INTERLEAVED_SALT)
  const interleaves = between.chance(0.25)
  const slipping = new Seeded(seed ^ SLIPPING_SALT)
  const slips = slipping.chance(0.25)
  const weights = interleaves ? INTERLEAVED_WEIGHTS : savesSlowly ? SLOW_WEIGHTS : WEIGHTS
  const hasFailures = random.chance(0.5)
  const left = hasFailures || interleaves ? [] : ['disturb', 'heal']
  const happenings: Happening[] = []
  for (let count = random.between(40, 160); count > 0; count--) {
    const kind = drawKind(random, weights)
    const happening = { kind, seed: random.uint32() }
    if (!left.includes(kind)) happenings.push(happening)
    if (savesSlowly && kind === 'operate') happenings.push(...chatter(slow))
    if (interleaves) happenings.push(...interleaved(kind, between))
    if (slips) happenings.push(...slipped(kind, slipping))
  }
  return {
    seed,
    policy: random.pick(interleaves ? INTERLEAVED_POLICIES : POLICIES),
    // What a log repeats may hide what a snapshot got wrong.
    hasLog: random.chance(savesSlowly ? 0.4 : 0.9),
    directives: [...directivesOf(random), ...(savesSlowly ? slowDirectivesOf(slow) : [])],
    syncMsMax: random.pick([0, 0, 5, 900]),
    clients: random.between(1, 4),
    beginsBusy: new Seeded(seed ^ 3).chance(0.2),
    savesSlowly,
    interleaves,
    reordersSectors: random.chance(0.5),
    happenings,
  }
}

/** What the disk does off the loop ends between the steps of a turn; then the store may be stopped. */
function interleaved(after: EventKind, random: Seeded): Happening[] {
  const kinds: EventKind[] = []
  if (['arrive', 'round', 'operate'].includes(after) && random.chance(0.4)) kinds.push('finish')
  if (after === 'advance' && random.chance(0.5)) kinds.push('wait')
  if (after === 'disturb') {
    if (random.chance(0.5)) kinds.push('failSync')
    kinds.push('say', 'arrive', 'wait', 'say', 'arrive', 'say', 'arrive', 'finish', 'finish')
    kinds.push('arrive', 'round')
    kinds.push(...random.pick([[], ['killNow'], ['cut'], ['finish', 'killNow']] as EventKind[][]))
  }
  return kinds.map((kind) => ({ kind, seed: random.uint32() }))
}

/** Now and then a change of settings comes behind what a client says; and at once where the disk fails. */
function slipped(after: EventKind, random: Seeded): Happening[] {
  const kinds: EventKind[] = []
  if (after === 'disturb') {
    if (random.chance(0.5)) kinds.push('failSync')
    kinds.push('slipIn', ...random.pick([[], ['round'], ['slipIn'], ['cutNow']] as EventKind[][]))
  } else if (random.chance(0.1)) kinds.push('slipIn')
  return kinds.map((kind) => ({ kind, seed: random.uint32() }))
}

/** Clients go on while a snapshot has hardly begun. */
function chatter(random: Seeded): Happening[] {
  const kinds = ['say', 'arrive', 'say', 'arrive', 'arrive'] as const
  return kinds.map((kind) => ({ kind, seed: random.uint32() }))
}

function drawKind(random: Seeded, weights: Readonly<Record<EventKind, number>>): EventKind {
  const weightOfAll = KINDS.reduce((sum, kind) => sum + weights[kind], 0)
  let at = (random.uint32() / 2 ** 32) * weightOfAll
  for (const kind of KINDS) {
    at -= weights[kind]
    if (at < 0) return kind
  }
  return 'say'
}

/** These win over what stands before them. */
function slowDirectivesOf(random: Seeded): string[] {
  return [...SLOW_DIRECTIVES, `rdb-key-save-delay ${random.pick(['1000', '10000', '40000'])}`]
}

/** Small limits, so that few elements are enough for every encoding; and how the log is laid out. */
function directivesOf(random: Seeded): string[] {
  const limit = random.pick(['2', '8', '128'])
  const yesNo = () => random.pick(['yes', 'no'])
  return [
    'databases 2',
    'latency-tracking no',
    `hash-max-listpack-entries ${limit}`,
    `set-max-listpack-entries ${limit}`,
    `set-max-intset-entries ${limit}`,
    `zset-max-listpack-entries ${limit}`,
    `list-max-listpack-size ${random.pick(['2', '-2'])}`,
    `stream-node-max-entries ${random.pick(['2', '100'])}`,
    `aof-use-rdb-preamble ${yesNo()}`,
    `aof-timestamp-enabled ${yesNo()}`,
    `rdbcompression ${yesNo()}`,
    `auto-aof-rewrite-percentage ${random.pick(['0', '20', '100'])}`,
    `auto-aof-rewrite-min-size ${random.pick(['1kb', '64mb'])}`,
    `save ${random.pick(['""', '1 5'])}`,
  ]
}
