/**
 * One run: the whole store on a simulated disk, clients beside it, and a naive store that knows what
 * it must answer and what it must still hold after each cut. See `schedule.ts` for what happens.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FileError, PowerCut, Seeded, SimulatedDisk } from '../../src/host/index.ts'
import { AofError } from '../../src/persistence/index.ts'
import type { Reply } from '../../src/resp/reply.ts'
import { Disturber } from './disturber.ts'
import { type Content, History, loaded } from './history.ts'
import { Life } from './life.ts'
import { Model, type Speaker } from './model.ts'
import { Operator } from './operator.ts'
import { type Outcome, type RunOptions, Violation } from './outcome.ts'
import { Promises } from './promises.ts'
import { disksAfter, type End, endOf } from './recovery.ts'
import { Removals } from './removals.ts'
import type { EventKind, Schedule } from './schedule.ts'
import {
  agrees,
  answerText,
  type Expected,
  Session,
  shortened,
  wordsIn,
  wordsOf,
} from './session.ts'
import { databasesOf } from './states.ts'
import { sayings, waits } from './words.ts'

/** A store that is well again has answered everything within this time. */
const CALM_MS = 8000
/** Twelve slow syncs: a change of the log's files that has begun is made to its end. */
const CLOSING_STEPS_MAX = 240
/** More than the quick syncs after which they are made on the loop. */
const BUSY_WRITES = 66
/** In so long a sync is begun, where there is something to sync. */
const WAIT_MS = 1001
/** A time at which nothing has expired yet. */
const LONG_AGO_MS = 1000

/** Runs a schedule to its end, or to the first violation. */
export async function run(schedule: Schedule, options: RunOptions = {}): Promise<Outcome> {
  // What is only weakly held stays alive for as long as JavaScript goes on without a pause, and with
  // each Lua script a whole store: run on run, more and more of them.
  await nextTurn()
  return new Run(schedule, options).outcome()
}

class Run {
  readonly #schedule: Schedule
  readonly #options: RunOptions
  readonly #trace: string[] = []
  readonly #counts = { cuts: 0, kills: 0, restarts: 0, commands: 0, replies: 0 }
  #boots = 0
  #life!: Life
  #history!: History
  #promises!: Promises
  #model!: Model
  #disturber!: Disturber
  #operator!: Operator
  #sessions: Session[] = []
  #bySpeaker = new Map<Speaker, Session>()
  #sessionCount = 0
  #removals!: Removals
  /** A snapshot that is being written in the background. */
  #saving: { readonly state: number; readonly saves: number } | undefined
  /** What the next `PowerCut` means. */
  #cutsAs: End = 'cut'

  constructor(schedule: Schedule, options: RunOptions) {
    this.#schedule = schedule
    this.#options = options
  }

  outcome(): Outcome {
    let violation: string | undefined
    try {
      this.#runAll()
    } catch (error) {
      if (error instanceof Violation) violation = error.message
      else violation = `the store failed: ${(error as Error).stack ?? error}`
    }
    this.#life?.end()
    return { violation, ...this.#counts, trace: this.#trace }
  }

  #runAll(): void {
    const disk = new SimulatedDisk()
    disk.reordersSectors = this.#schedule.reordersSectors
    this.#start(disk)
    for (const happening of this.#schedule.happenings) {
      const random = new Seeded(happening.seed)
      try {
        this.#happen[happening.kind](random)
        this.#settle()
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error
        this.#recover(this.#cutsAs, random)
      }
    }
    this.#calmDown()
    this.#end(new Seeded(this.#schedule.seed ^ 1))
  }

  /** The first opening, which is cut at times as every other. */
  #start(disk: SimulatedDisk): void {
    this.#history = new History(new Map())
    const random = new Seeded(this.#schedule.seed ^ 2)
    const options = { nowMs: 1_720_000_000_000, needed: 0, random }
    this.#begin(this.#reopen(disk, options).life, new Map())
  }

  readonly #happen: Readonly<Record<EventKind, (random: Seeded) => void>> = {
    say: (random) => this.#say(random),
    arrive: (random) => this.#arrive(random),
    round: () => this.#life.timers.round(),
    advance: (random) =>
      this.#advance(random.chance(0.6) ? random.between(1, 20) : random.between(20, 1500)),
    break: (random) => this.#break(random),
    operate: (random) => this.#operate(random),
    jump: (random) => this.#jump(random),
    disturb: (random) => this.#disturb(random),
    failSync: (random) => this.#disturb(random, true),
    slipIn: (random) => this.#slipIn(random),
    heal: () => this.#heal(),
    cut: (random) => this.#cutSoon('cut', random),
    kill: (random) => this.#cutSoon('kill', random),
    cutNow: (random) => this.#recover('cut', random),
    killNow: (random) => this.#recover('kill', random),
    restart: (random) => this.#restart(random),
    wait: () => this.#wait(),
    finish: (random) => this.#finish(random),
  }

  /**
   * The power fails, or the process is killed, at one of the next steps of the disk, or the next time
   * that something in particular is done.
   */
  #cutSoon(how: End, random: Seeded): void {
    this.#cutsAs = how
    const { disk } = this.#life
    disk.stopAtStep = disk.steps + random.between(1, 12)
    if (!random.chance(0.3)) return
    disk.stopAtStep = Number.POSITIVE_INFINITY
    disk.stopAtVerb = random.pick(['rename', 'sync', 'syncFolder', 'open', 'remove'])
  }

  #say(random: Seeded): void {
    const session = this.#session(random)
    if (!session.isTalking) return
    session.say(this.#sayings(random))
  }

  #sayings(random: Seeded): string[][] {
    const { reordersSectors: isShort, savesSlowly: changesElements } = this.#schedule
    return sayings(random, { isShort, changesElements })
  }

  /** The operator's words are the last of a read, so that all before them was done under the old settings. */
  #slipIn(random: Seeded): void {
    const session = this.#session(random)
    const said = this.#sayings(random)
    if (!session.isTalking || session.hasUnsent || session.client.isLate) return
    if (said.some(waits)) return
    const asides = this.#operator.asides(random)
    session.say([...said, ...asides])
    this.#deliver(session, Number.POSITIVE_INFINITY)
    if (asides.some((argv) => argv[2] === 'appendonly' && argv[3] === 'no'))
      this.#promises.turnOff()
    this.#seeSettings()
  }

  #arrive(random: Seeded): void {
    // One who has just been served goes on in the next round, and others may come before.
    const sessions = this.#sessions.filter((one) => one.hasUnsent && !one.client.isBlocked)
    if (sessions.length === 0) return
    const size = random.pick([Infinity, random.between(1, 40), random.between(1, 2000)])
    this.#deliver(random.pick(sessions), size)
  }

  /** The model is told first: what the store answers at once must be expected. */
  #deliver(session: Session, sizeMax: number): void {
    const { size, commands } = session.arriving(sizeMax)
    this.#counts.commands += commands.length
    for (const argv of commands) this.#note(() => `client ${session.number}: ${wordsIn(argv)}`)
    const model = this.#model
    model.nowMs = this.#life.clock.nowMs()
    model.isRefusing = this.#life.isRefusing
    for (const argv of commands) model.say(session.speaker, argv)
    this.#removals.during(() => session.deliver(size))
  }

  #advance(ms: number): void {
    this.#note(() => `${ms} ms go by`)
    this.#life.timers.advance(ms)
  }

  /** Time goes by until the disk is given something to do off the loop, such as the sync of each second. */
  #wait(): void {
    const { offLoop, timers } = this.#life
    const { begun } = offLoop
    this.#note(() => 'some time goes by')
    timers.advance(WAIT_MS, () => offLoop.begun > begun)
  }

  #finish(random: Seeded): void {
    const said = this.#life.offLoop.goOn(random)
    if (said !== undefined) this.#note(() => `what the disk was given off the loop ${said}`)
  }

  #break(random: Seeded): void {
    if (this.#sessions.length === 0) return
    const session = random.pick(this.#sessions)
    this.#note(() => `client ${session.number} is gone`)
    this.#model.forget(session.speaker)
    if (random.chance(0.3)) session.leave()
    else session.break()
    this.#sessions = this.#sessions.filter((other) => other !== session)
  }

  #operate(random: Seeded): void {
    const { said, answer } = this.#operator.operate(random)
    this.#note(() => `operator: ${said} ${answer.trim()}`)
    this.#seeSettings()
    if (this.#schedule.hasLog) return
    if (said === 'SAVE' && answer.startsWith('+OK')) this.#promises.promiseAll()
    if (answer.startsWith('+Background saving')) {
      this.#saving = { state: this.#history.length, saves: this.#life.saves.count }
    }
  }

  #seeSettings(): void {
    const { store, clock, log } = this.#life
    this.#promises.changePolicy(store.config.values.appendfsync, clock.monotonicMs())
    this.#promises.seeLog(log)
  }

  /** A snapshot in the background is promised when it is done, as of the moment when it began. */
  #seeSaving(): void {
    const saving = this.#saving
    if (saving === undefined) return
    const { count, isRunning } = this.#life.saves
    if (isRunning) return
    this.#saving = undefined
    if (count > saving.saves) this.#promises.promise(saving.state)
  }

  #disturb(random: Seeded, isSync = false): void {
    const what = this.#disturber.disturb(random, isSync)
    this.#note(() => `the disk: ${what}`)
    this.#promises.suspend()
  }

  #heal(): void {
    this.#note(() => 'the disk is well')
    this.#disturber.heal()
    this.#promises.resume(this.#life.clock.monotonicMs())
  }

  #jump(random: Seeded): void {
    const drawn = random.pick([-86_400_000, -5000, -300, 300, 5000, 86_400_000])
    // A snapshot still has what had expired when it was loaded: back in time it would be there again.
    const ms = this.#schedule.hasLog ? drawn : Math.abs(drawn)
    this.#note(() => `the clock is set by ${ms} ms`)
    this.#life.clock.set(this.#life.clock.nowMs() + ms)
  }

  #restart(random: Seeded): void {
    let isDone = false
    let failure: Error | undefined
    this.#note(() => 'the store is closed')
    this.#life.isClosing = true
    this.#life.offLoop.isChosen = false
    this.#life.store.close((error) => {
      isDone = true
      failure = error
    })
    for (let i = 0; !isDone && i < CLOSING_STEPS_MAX; i++) this.#life.timers.advance(50)
    if (!isDone) throw new Violation('the store does not close')
    if (failure !== undefined && !this.#disturber.isDisturbed) {
      throw new Violation(`the store could not be closed: ${failure.message}`)
    }
    if (failure === undefined && this.#promises.isLogOn) this.#promises.promiseAll()
    // What it could not write is lost, and it said so.
    else this.#promises.turnOff()
    this.#counts.restarts++
    this.#recover('kill', random)
  }

  /** After each event: what time has made binding, and who has waited for long enough. */
  #settle(): void {
    this.#seeSaving()
    const { clock, store } = this.#life
    if (!this.#promises.isLogOn) this.#promises.seeLog(this.#life.log)
    this.#promises.settle(clock.monotonicMs(), this.#life.mayLose)
    this.#model.nowMs = clock.nowMs()
    for (const { speaker, client, isOpen } of this.#sessions) {
      const isWaiting = store.engine.serving.isWaiting(client)
      if (isOpen && speaker.waiting !== undefined && !isWaiting) this.#model.timeOut(speaker)
    }
  }

  #told(session: Session, reply: Reply): void {
    const { speaker, client } = session
    const { clock, store } = this.#life
    if (session.expected.length === 0 && speaker.waiting !== undefined) {
      if (!store.engine.serving.isWaiting(client)) this.#model.timeOut(speaker)
    }
    const expected = session.expected.shift()
    this.#counts.replies++
    if (expected === undefined) {
      throw new Violation(`client ${session.number} was told ${wordsOf(reply)} without asking`)
    }
    this.#note(() => `client ${session.number} is told ${shortened(wordsOf(reply))}`)
    if (!agrees(reply, expected.answer)) {
      throw new Violation(
        `client ${session.number} asked ${wordsIn(expected.argv)} and was told ` +
          `${shortened(wordsOf(reply))}, not ${shortened(answerText(expected.answer))}`,
      )
    }
    const { needed, isAlways } = expected
    this.#promises.acknowledge(needed, clock.monotonicMs(), this.#life.mayLose, isAlways)
    session.heard()
  }

  #closed(session: Session): void {
    this.#model.forget(session.speaker)
    this.#sessions = this.#sessions.filter((other) => other !== session)
    this.#note(() => `client ${session.number} is cut off by the server`)
    if (session.isLeaving || this.#disturber.hasDisturbed) return
    throw new Violation(`client ${session.number} was cut off for no reason`)
  }

  /** The power fails, or the process is killed: another life begins with what is left. */
  #recover(wanted: End, random: Seeded): void {
    const { clock, disk } = this.#life
    const how = endOf(disk, wanted)
    this.#promises.settle(clock.monotonicMs(), this.#life.mayLose)
    this.#counts[how === 'cut' ? 'cuts' : 'kills']++
    const history = this.#history
    const needed = how === 'cut' ? history.promised : Math.max(history.written, history.promised)
    this.#note(() => `${how}: ${history.length} steps so far, ${needed} are binding`)
    const nowMs = clock.nowMs() + random.pick([0, 5, 3000])
    let next: { life: Life; state: number } | undefined
    this.#life.end()
    for (const found of disksAfter(how, disk, random)) {
      next?.life.end()
      next = this.#reopen(found, { nowMs, needed, random })
    }
    const contents = history.contentsAt(next!.state)
    this.#begin(next!.life, this.#schedule.hasLog ? contents : loaded(contents, nowMs))
  }

  /** Opens what was found, perhaps with further cuts while it opens, and compares. */
  #reopen(
    found: SimulatedDisk,
    options: { readonly nowMs: number; readonly needed: number; readonly random: Seeded },
  ): { life: Life; state: number } {
    const { nowMs, random } = options
    let { needed } = options
    let disk = found
    for (let cutsLeft = random.chance(0.3) ? random.between(1, 2) : 0; ; cutsLeft--) {
      if (cutsLeft > 0) disk.stopAtStep = random.between(1, 16)
      try {
        const life = this.#open(disk, nowMs)
        // What has expired is not taken over from a snapshot, while a log may need it.
        const atMs = this.#schedule.hasLog ? LONG_AGO_MS : nowMs
        const found = life.everythingAt(atMs)
        disk.keepOn()
        return { life, state: this.#compare(found, atMs, needed) }
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error
        const isKilled = random.chance(0.3)
        this.#note(() => `${isKilled ? 'killed' : 'cut'} again while it opens`)
        disk = isKilled ? disk.afterKill() : disk.crash(random)
        // What a killed process had written, and the power took before it was read.
        if (!isKilled) needed = this.#history.promised
      }
    }
  }

  #compare(found: ReadonlyMap<string, string>, atMs: number, needed: number): number {
    const history = this.#history
    const state = history.find(found, atMs)
    this.#note(() => `opened again: state ${state ?? '?'} of ${history.length}`)
    if (state !== undefined && state >= needed) return state
    const what =
      state === undefined
        ? 'what was found is no state of the history'
        : `state ${needed} was promised, ${state} was found`
    throw new Violation([what, ...history.explain(found, atMs, needed)].join('\n'))
  }

  #open(disk: SimulatedDisk, nowMs: number): Life {
    const { seed, policy, hasLog, directives } = this.#schedule
    const boot = ++this.#boots
    try {
      return new Life({
        disk,
        nowMs,
        boot,
        directives: [`appendonly ${hasLog ? 'yes' : 'no'}`, `appendfsync ${policy}`, ...directives],
        random: new Seeded(seed + boot),
        variant: this.#options.variant,
      })
    } catch (error) {
      if (!(error instanceof AofError) && !(error instanceof FileError)) throw error
      throw new Violation(`the store refuses to open: ${error.message}`)
    }
  }

  #begin(life: Life, contents: ReadonlyMap<string, Content>): void {
    const { policy, hasLog, savesSlowly, syncMsMax } = this.#schedule
    this.#life = life
    this.#history = new History(contents)
    this.#promises = new Promises(this.#history, { policy, isLogOn: hasLog, syncMsMax })
    this.#model = new Model(databasesOf(contents), {
      history: this.#history,
      answered: (speaker, argv, answer) => {
        const needed = this.#history.neededFor(this.#model.touched)
        const { isAlways } = this.#promises
        const expected = { argv, answer, needed, isAlways } satisfies Expected
        this.#bySpeaker.get(speaker)?.expected.push(expected)
      },
    })
    this.#disturber = new Disturber(life, syncMsMax, this.#schedule.seed)
    this.#operator = new Operator(life.store, { hasLog, savesOften: savesSlowly })
    this.#sessions = []
    this.#saving = undefined
    this.#bySpeaker = new Map()
    this.#removals = new Removals(life.store.keyspace, (database, key, field) => {
      this.#model.nowMs = life.clock.nowMs()
      this.#model.expired(database, key, field)
    })
    if (this.#schedule.beginsBusy) this.#beBusy()
    life.offLoop.isChosen = this.#schedule.interleaves
  }

  /** One client writes again and again, and each write is acknowledged before the next. */
  #beBusy(): void {
    const session = this.#session(new Seeded(0))
    for (let i = 0; i < BUSY_WRITES; i++) {
      session.say([['SET', 's0', String(i)]])
      this.#deliver(session, Number.POSITIVE_INFINITY)
      this.#life.timers.settle()
    }
  }

  #session(random: Seeded): Session {
    if (this.#sessions.length >= this.#schedule.clients) return random.pick(this.#sessions)
    const session = new Session(this.#life.store, ++this.#sessionCount, {
      told: (it, reply) => this.#told(it, reply),
      closed: (it) => this.#closed(it),
    })
    this.#sessions.push(session)
    this.#bySpeaker.set(session.speaker, session)
    return session
  }

  /** The disk is well and time goes by: everything must be answered, and writes accepted. */
  #calmDown(): void {
    const life = this.#life
    life.disk.keepOn()
    life.syncMs = () => 0
    life.offLoop.isChosen = false
    this.#note(() => 'all is well again')
    this.#disturber.heal()
    this.#promises.resume(life.clock.monotonicMs())
    for (let ms = 0; ms < CALM_MS; ms += 500) {
      this.#advance(500)
      this.#settle()
    }
    if (life.isRefusing) throw new Violation('writes are refused although the disk is well')
    for (const session of this.#sessions) {
      if (session.hasUnsent) this.#deliver(session, Number.POSITIVE_INFINITY)
    }
    this.#advance(2000)
    this.#settle()
    for (const { expected, number } of this.#sessions) {
      if (expected.length === 0) continue
      throw new Violation(`client ${number} never got an answer to ${wordsIn(expected[0]!.argv)}`)
    }
    const found = life.everythingAt(LONG_AGO_MS)
    this.#compare(found, LONG_AGO_MS, this.#history.length)
  }

  #end(random: Seeded): void {
    this.#recover(random.chance(0.7) ? 'cut' : 'kill', random)
  }

  #note(text: () => string): void {
    if (!this.#options.isTraced) return
    const line = text()
    this.#trace.push(line)
    this.#options.print?.(line)
  }
}
