/**
 * The most naive store that could be: JavaScript maps, one command after another. It says what each
 * command must answer, and writes every atomic step into the history of the run.
 */
import type { Change, History } from './history.ts'
import { COMMANDS, SCRIPTS } from './model-commands.ts'
import { list } from './model-rows.ts'
import { contentOf, type Entry, emptyValue, isGone, type Typed, type Value } from './values.ts'

/** What one client has said so far, beside the data. */
export class Speaker {
  database = 0
  /** Commands since MULTI. */
  queue: (readonly string[])[] | undefined
  isRefused = false
  /** Keys that are watched, and whether one has changed. */
  watched = new Set<string>()
  isStale = false
  /** The command that waits for a key. */
  waiting: readonly string[] | undefined
}

/** A reply: `+OK`, `:1`, `$text`, `_`, `-CODE`, `*` for whatever it is, or several. */
export type Answer = string | { readonly items: readonly Answer[]; readonly isOrdered: boolean }

/** A command has nothing to serve. */
export const WAIT = Symbol('wait')

/** An error whose code the reply begins with. */
export class Refusal extends Error {}

/** Told of an answer, which comes later when the command had to wait. */
export type Answered = (speaker: Speaker, argv: readonly string[], answer: Answer) => void

export class Model {
  /** Milliseconds since 1970, for the present command. */
  nowMs = 0
  /** Whether writes are refused at the moment. */
  isRefusing = false
  /** Keys that the present command has looked at. */
  readonly touched = new Set<string>()
  readonly databases: Map<string, Entry>[]
  readonly #history: History
  readonly #answered: Answered
  readonly #changed = new Set<string>()
  readonly #ready = new Set<string>()
  readonly #watchers = new Set<Speaker>()
  #waiting: Speaker[] = []
  #isAtomic = false
  #mayWait = true
  speaker = new Speaker()

  constructor(
    databases: Map<string, Entry>[],
    options: { readonly history: History; readonly answered: Answered },
  ) {
    this.databases = databases
    this.#history = options.history
    this.#answered = options.answered
  }

  /** Runs a command and answers, now or when it has been served. */
  say(speaker: Speaker, argv: readonly string[]): void {
    this.touched.clear()
    const answer = this.#answer(speaker, argv)
    this.#commit()
    if (answer === WAIT) {
      speaker.waiting = argv
      this.#waiting.push(speaker)
    } else this.#answered(speaker, argv, answer)
    this.#serve()
  }

  /** A speaker is gone. */
  forget(speaker: Speaker): void {
    this.#waiting = this.#waiting.filter((other) => other !== speaker)
    this.#watchers.delete(speaker)
    speaker.waiting = undefined
  }

  /** A command has waited long enough. */
  timeOut(speaker: Speaker): void {
    const argv = speaker.waiting!
    this.#waiting = this.#waiting.filter((other) => other !== speaker)
    speaker.waiting = undefined
    this.touched.clear()
    this.#answered(speaker, argv, '_')
  }

  /** The store says that it has removed a key or a field whose time had come. */
  expired(database: number, key: string, field?: string): void {
    const entries = this.databases[database]!
    const entry = entries.get(key)
    if (entry === undefined) return
    if (field === undefined) {
      if (entry.expiresMs <= this.nowMs) this.#remove(database, key)
      return
    }
    if (entry.value.type !== 'hash') return
    const found = entry.value.fields.get(field)
    if (found === undefined || found.expiresMs > this.nowMs) return
    entry.value.fields.delete(field)
    if (isGone(entry.value)) entries.delete(key)
    this.change(key, database)
    this.#commit()
  }

  /** The entry at a key, unless its time has come. */
  find(key: string, database = this.speaker.database): Entry | undefined {
    const id = `${database}:${key}`
    this.touched.add(id)
    const entry = this.databases[database]!.get(key)
    if (entry === undefined) return undefined
    if (entry.expiresMs <= this.nowMs) {
      this.#remove(database, key)
      return undefined
    }
    return entry
  }

  /** Takes a field out that is met when its time has come. A hash that becomes empty goes with it. */
  meetField(key: string, name: string): void {
    const fields = this.value(key, 'hash')?.fields
    const field = fields?.get(name)
    if (fields === undefined || field === undefined || field.expiresMs > this.nowMs) return
    fields.delete(name)
    this.change(key)
    if (!this.#isAtomic) this.#commit()
  }

  /** The value at a key. @throws Refusal when it has another type. */
  value<T extends Value['type']>(key: string, type: T): Typed<T> | undefined {
    const entry = this.find(key)
    if (entry === undefined) return undefined
    if (entry.value.type !== type) throw new Refusal('WRONGTYPE')
    return entry.value as Typed<T>
  }

  /** The same, made when there is none. Whoever asks for it puts something in. */
  open<T extends Value['type']>(key: string, type: T): Typed<T> {
    const found = this.value(key, type)
    if (found !== undefined) return found
    const value = emptyValue(type) as Typed<T>
    this.databases[this.speaker.database]!.set(key, { value, expiresMs: Infinity })
    return value
  }

  /** Puts an entry at a key. */
  put(key: string, entry: Entry, database = this.speaker.database): void {
    this.databases[database]!.set(key, entry)
    this.change(key, database)
  }

  /** Takes the entry at a key away. @returns whether there was one. */
  delete(key: string, database = this.speaker.database): boolean {
    if (this.find(key, database) === undefined) return false
    this.databases[database]!.delete(key)
    this.change(key, database)
    return true
  }

  /** A key has another value now; an empty one is gone. */
  change(key: string, database = this.speaker.database): void {
    const id = `${database}:${key}`
    const entries = this.databases[database]!
    const entry = entries.get(key)
    if (entry !== undefined && isGone(entry.value)) entries.delete(key)
    this.#changed.add(id)
    this.#ready.add(id)
    this.touched.add(id)
    for (const watcher of this.#watchers) if (watcher.watched.has(id)) watcher.isStale = true
  }

  /** Runs a command inside of another one. */
  call(argv: readonly string[]): Answer {
    const answer = this.#run(argv)
    return answer === WAIT ? '_' : answer
  }

  #answer(speaker: Speaker, argv: readonly string[]): Answer | typeof WAIT {
    this.speaker = speaker
    const name = argv[0]!
    switch (name) {
      case 'MULTI':
        speaker.queue = []
        return '+OK'
      case 'WATCH':
        this.find(argv[1]!)
        // Its answer shows nothing of the key, and leaves also while the log is stuck.
        this.touched.clear()
        speaker.watched.add(`${speaker.database}:${argv[1]!}`)
        this.#watchers.add(speaker)
        return '+OK'
      case 'EXEC':
        return this.#exec(speaker)
      case 'EVAL':
        return this.#eval(speaker, argv)
      case 'CONFIG':
      case 'BGREWRITEAOF':
        return '*'
    }
    const isRefused = this.isRefusing && (COMMANDS[name]?.isWrite ?? false)
    if (isRefused) {
      if (speaker.queue !== undefined) speaker.isRefused = true
      return '-MISCONF'
    }
    if (speaker.queue !== undefined) {
      speaker.queue.push(argv)
      return '+QUEUED'
    }
    return this.#run(argv)
  }

  #run(argv: readonly string[]): Answer | typeof WAIT {
    const command = COMMANDS[argv[0]!]
    if (command === undefined) throw new Error(`the model does not know ${argv[0]}`)
    try {
      const answer = command.run(this, argv.slice(1))
      return answer === WAIT && !this.#mayWait ? '_' : answer
    } catch (error) {
      if (error instanceof Refusal) return `-${error.message}`
      throw error
    }
  }

  #exec(speaker: Speaker): Answer {
    const { queue = [], isRefused, isStale } = speaker
    speaker.queue = undefined
    speaker.isRefused = false
    speaker.isStale = false
    speaker.watched = new Set()
    this.#watchers.delete(speaker)
    if (isRefused) return '-EXECABORT'
    const writes = queue.some(([name]) => name === 'EVAL' || COMMANDS[name!]!.isWrite)
    if (this.isRefusing && writes) return '-'
    if (isStale) return '_'
    return this.#atomically(() => list(queue.map((argv) => this.call(argv))))
  }

  #eval(speaker: Speaker, argv: readonly string[]): Answer {
    if (this.isRefusing) return '-MISCONF'
    if (speaker.queue !== undefined) throw new Error('scripts are not queued here')
    const calls = SCRIPTS[argv[1]!]!(argv.slice(3))
    return this.#atomically(() => {
      for (const call of calls) {
        const answer = this.call(call)
        if (typeof answer === 'string' && answer.startsWith('-')) return '-'
      }
      return ':1'
    })
  }

  #atomically(run: () => Answer): Answer {
    this.#isAtomic = true
    this.#mayWait = false
    try {
      return run()
    } finally {
      this.#isAtomic = false
      this.#mayWait = true
    }
  }

  /** Serves those who wait, in the order in which their keys became ready and they began to wait. */
  #serve(): void {
    while (this.#ready.size > 0) {
      const ready = [...this.#ready]
      this.#ready.clear()
      for (const id of ready) {
        for (const speaker of [...this.#waiting]) this.#serveOne(speaker, id)
      }
    }
  }

  #serveOne(speaker: Speaker, id: string): void {
    const argv = speaker.waiting
    if (argv === undefined || !this.#waiting.includes(speaker)) return
    // Of two keys, BLMOVE waits for the first.
    const keys = argv.slice(1, argv[0] === 'BLMOVE' ? 2 : -1)
    if (!keys.some((key) => `${speaker.database}:${key}` === id)) return
    this.touched.clear()
    this.speaker = speaker
    const answer = this.#run(argv)
    this.#commit()
    if (answer === WAIT || answer === '-WRONGTYPE') return
    this.#waiting = this.#waiting.filter((other) => other !== speaker)
    speaker.waiting = undefined
    this.#answered(speaker, argv, answer)
  }

  /** Removes what has expired: a step of its own, unless a transaction is running. */
  #remove(database: number, key: string): void {
    const earlier = [...this.#changed]
    if (!this.#isAtomic) this.#changed.clear()
    this.databases[database]!.delete(key)
    this.change(key, database)
    if (this.#isAtomic) return
    this.#commit()
    for (const id of earlier) this.#changed.add(id)
  }

  #commit(): void {
    const changes: Change[] = []
    for (const id of this.#changed) {
      const at = id.indexOf(':')
      const entry = this.databases[Number(id.slice(0, at))]!.get(id.slice(at + 1))
      changes.push([id, entry === undefined ? undefined : contentOf(entry)])
    }
    this.#changed.clear()
    this.#history.commit(changes)
  }
}
