/**
 * A conversation with a server: it connects, sends commands, draws replies, and keeps in mind what
 * the prompt shows: database, transaction, subscriptions, protocol.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type CommandWord, Connection, ConnectionError } from './connection.ts'
import { drawPush, drawReply } from './draw.ts'
import { type CliIo, Exit, write } from './io.ts'
import type { CliOptions } from './options.ts'
import { type Reply, replyText } from './reply.ts'
import { binary, unbinary } from './words.ts'

/** What a new connection may do besides dialling. */
export interface ConnectOptions {
  /** Say nothing when it fails. */
  readonly isQuiet?: boolean
}

/** The state of one conversation. */
export class Session {
  readonly io: CliIo
  readonly options: CliOptions
  /** The loop that reads lines sets this: errors do not end it, and the prompt is kept up. */
  isLoop = false
  /** Whether any reply was an error, or could not be had. */
  hadError = false
  isSubscribed = false
  #connection: Connection | undefined
  #database = 0
  #wantedDatabase: number
  #databaseBeforeMulti = 0
  #isInMulti = false
  #isMonitoring = false
  #isAborted = false
  #isShuttingDown = false
  #isLeaving = false
  /** What waits to be drawn, so that pushes and replies keep their order. */
  #written: Promise<void> = Promise.resolve()

  constructor(io: CliIo, options: CliOptions) {
    this.io = io
    this.options = options
    this.#wantedDatabase = options.database
  }

  /** What stands in front of the line that a person types. */
  get prompt(): string {
    if (this.#connection === undefined) return 'not connected> '
    const { host, port, socketPath } = this.options
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    const place = socketPath === undefined ? address : `redis ${socketPath}`
    const database = this.#database === 0 ? '' : `[${this.#database}]`
    const multi = this.#isInMulti ? '(TX)' : ''
    return `${place}${database}${multi}${this.isSubscribed ? '(subscribed mode)' : ''}> `
  }

  /** Whether replies stream in until someone stops them. */
  get isStreaming(): boolean {
    return this.#isMonitoring || this.isSubscribed
  }

  /** Whether the connection is on another database than was asked for: SELECT, or AUTH, was refused. */
  get isElsewhere(): boolean {
    return this.#connection !== undefined && this.#database !== this.#wantedDatabase
  }

  /** The connection, for modes that talk to the server themselves. */
  get connection(): Connection {
    if (this.#connection === undefined) throw new Exit(1)
    return this.#connection
  }

  /**
   * Connects anew, and logs in, selects the database and switches the protocol as the options say.
   * Failures are told on standard error.
   * @returns whether all went well. The connection may stand although, say, the password was wrong.
   */
  async connect(how: ConnectOptions = {}): Promise<boolean> {
    this.close()
    let connection: Connection
    try {
      connection = await Connection.open(this.options)
    } catch (error) {
      if (how.isQuiet !== true) await this.#say(this.#cannotConnect(error as Error))
      return false
    }
    this.#connection = connection
    this.#database = 0
    this.#isInMulti = false
    this.#isMonitoring = false
    this.isSubscribed = false
    this.#showPushes()
    try {
      return (await this.logIn(connection)) && (await this.#select()) && (await this.#switch())
    } catch (error) {
      await this.#say(`Error: ${(error as Error).message}`)
      this.close()
      return false
    }
  }

  /** Logs a connection in with the password of the options, where there is one. */
  async logIn(connection: Connection): Promise<boolean> {
    const { user, password } = this.options
    if (password === undefined) return true
    const words = user === undefined ? [password] : [user, password]
    const reply = await connection.command('AUTH', ...words)
    if (reply.kind === 'error') await this.#say(`AUTH failed: ${replyText(reply)}`)
    return reply.kind !== 'error'
  }

  /**
   * Sends a command, connecting first where needed, and draws what comes back.
   * @param repeat how often; a negative number means for ever.
   * @returns whether the connection held.
   */
  async issue(words: readonly CommandWord[], repeat: number): Promise<boolean> {
    if (this.#connection?.isOpen !== true) {
      if (!(await this.connect()) && this.#connection === undefined) {
        this.hadError = true
        return false
      }
    }
    try {
      await this.#issueRepeatedly(words, repeat)
      return true
    } catch (error) {
      if (error instanceof Exit) throw error
      return await this.#lost(error as Error)
    }
  }

  /** Draws the next reply or message, waiting for it. */
  async showNext(isReport = false): Promise<Reply> {
    const reply = await this.connection.read()
    await this.#show(reply, isReport)
    return reply
  }

  /** Draws the next message of a subscription, or notices that there will be none. */
  async showMessage(): Promise<void> {
    try {
      await this.showNext()
    } catch (error) {
      if (error instanceof Exit) throw error
      await this.#lost(error as Error)
    }
  }

  /** Ends a stream, as Ctrl-C does: the server only stops when the connection ends. */
  abort(): void {
    this.#isAborted = true
    this.#connection?.close()
  }

  /** Lets go of the connection in the middle of a command, without a word. */
  leave(): void {
    this.#isLeaving = true
    this.close()
  }

  /** Ends the subscriptions by connecting anew. */
  async leaveSubscriptions(): Promise<void> {
    this.isSubscribed = false
    await this.connect()
  }

  /** Goes to another server. */
  async moveTo(host: string, port: number): Promise<void> {
    this.options.host = host
    this.options.port = port
    await this.connect()
  }

  /** Writes text for people to standard output. */
  async print(text: string | Uint8Array): Promise<void> {
    this.#written = this.#written.then(() => write(this.io.stdout, text))
    await this.#written
  }

  /** Lets go of the connection. */
  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  async #issueRepeatedly(words: readonly CommandWord[], repeat: number): Promise<void> {
    const name = wordText(words[0]!)
    if (name === 'shutdown') this.#isShuttingDown = true
    for (let left = repeat; left !== 0; left--) {
      this.connection.send(words)
      if (name === 'monitor') await this.#monitor()
      else if (/^[ps]?(un)?subscribe$/.test(name)) await this.#subscribe(name, words)
      else await this.#await(name, words)
      if (this.options.intervalMs > 0 && left !== 1) await pause(this.options.intervalMs)
    }
  }

  async #monitor(): Promise<void> {
    this.#isMonitoring = true
    while (this.#isMonitoring) {
      const reply = await this.showNext()
      if (reply.kind === 'error') this.#isMonitoring = false
    }
  }

  /** One confirmation comes for each channel, among messages that may come already. */
  async #subscribe(name: string, words: readonly CommandWord[]): Promise<void> {
    this.connection.onPush = undefined
    for (let left = Math.max(1, words.length - 1); left > 0; ) {
      const reply = await this.showNext()
      const event = 'items' in reply ? replyText(reply.items[0]) : undefined
      if (event === undefined) break
      if (event !== name) continue
      left--
      if (!name.includes('un')) this.isSubscribed = true
    }
    if (!this.isSubscribed) this.#showPushes()
  }

  async #await(name: string, words: readonly CommandWord[]): Promise<void> {
    let reply = await this.showNext(isReport(words))
    // While subscribed, messages come in between and are none of this command's business.
    while (this.isSubscribed && isMessage(reply)) reply = await this.showNext(isReport(words))
    await this.#follow(name, words, reply)
  }

  /** Keeps up with what a command did to the connection. */
  async #follow(name: string, words: readonly CommandWord[], reply: Reply): Promise<void> {
    const isError = reply.kind === 'error'
    if (name === 'auth') await this.#select()
    if (name === 'exec' && words.length === 1 && this.#isInMulti) {
      this.#isInMulti = false
      if (isError || reply.kind === 'null') this.#setDatabase(this.#databaseBeforeMulti)
    }
    if (isError) return
    if (name === 'select' && words.length === 2) this.#setDatabase(Number(wordText(words[1]!)) || 0)
    if (name === 'multi' && words.length === 1) {
      this.#isInMulti = true
      this.#databaseBeforeMulti = this.#database
    }
    if (name === 'discard' && words.length === 1) {
      this.#isInMulti = false
      this.#setDatabase(this.#databaseBeforeMulti)
    }
    if (name === 'reset' && words.length === 1) {
      this.#isInMulti = false
      this.isSubscribed = false
      this.#setDatabase(0)
      this.#showPushes()
    }
  }

  #setDatabase(database: number): void {
    this.#database = database
    this.#wantedDatabase = database
  }

  async #select(): Promise<boolean> {
    if (this.#wantedDatabase === this.#database) return true
    const reply = await this.connection.command('SELECT', String(this.#wantedDatabase))
    if (reply.kind === 'error') {
      await this.#say(`SELECT ${this.#wantedDatabase} failed: ${replyText(reply)}`)
      return false
    }
    this.#database = this.#wantedDatabase
    return true
  }

  async #switch(): Promise<boolean> {
    const { protocol } = this.options
    if (protocol !== 3 && protocol !== 'prefer3') return true
    const reply = await this.connection.command('HELLO', '3')
    if (reply.kind !== 'error') return true
    await this.#say(`HELLO 3 failed: ${replyText(reply)}`)
    return protocol === 'prefer3'
  }

  #showPushes(): void {
    const isShown = this.options.showsPushes
    this.connection.onPush = (push) => {
      if (isShown) void this.print(unbinary(drawPush(push, this.options)))
    }
  }

  async #show(reply: Reply, isReport: boolean): Promise<void> {
    if (reply.kind === 'error') {
      this.hadError = true
      if (this.options.stopsAtError && !this.isLoop) {
        await this.#say(binary(reply.bytes), 'latin1')
        throw new Exit(1)
      }
    }
    await this.print(unbinary(drawReply(reply, this.options, isReport)))
  }

  async #lost(error: Error): Promise<boolean> {
    const wasAborted = this.#isAborted
    this.#isAborted = false
    this.close()
    if (wasAborted) return await this.connect()
    this.isSubscribed = false
    if (this.#isLeaving) return false
    // A server that was told to stop keeps its word by hanging up.
    if (this.#isShuttingDown && error instanceof ConnectionError) return true
    this.hadError = true
    await this.#say(`Error: ${error.message}`)
    return false
  }

  async #say(line: string, encoding: 'utf8' | 'latin1' = 'utf8'): Promise<void> {
    await write(this.io.stderr, Buffer.from(`${line}\n`, encoding))
  }

  #cannotConnect(error: Error): string {
    const { host, port, socketPath } = this.options
    return `Could not connect to Redis at ${socketPath ?? `${host}:${port}`}: ${error.message}`
  }
}

/** A word of a command in lower case, for comparing. */
export function wordText(word: CommandWord): string {
  return (typeof word === 'string' ? word : binary(word)).toLowerCase()
}

function isMessage(reply: Reply): boolean {
  if (reply.kind === 'push') return true
  if (reply.kind !== 'array' || reply.items.length < 3) return false
  return /(message|subscribe)$/.test(replyText(reply.items[0]) ?? '')
}

/** Commands whose answer is a text laid out for people, and how many words they have at most. */
const REPORTS: readonly (readonly [pattern: RegExp, wordsMax: number])[] = [
  [/^(info|lolwut)( |$)/, Number.POSITIVE_INFINITY],
  [/^debug (htstats|htstats-key|client-eviction)( |$)/, Number.POSITIVE_INFINITY],
  [/^memory (malloc-stats|doctor)( |$)/, Number.POSITIVE_INFINITY],
  [/^client (list|info)( |$)/, Number.POSITIVE_INFINITY],
  [/^cluster (nodes|info)$/, 2],
  [/^latency graph /, 3],
  [/^latency doctor$/, 2],
]

function isReport(words: readonly CommandWord[]): boolean {
  const line = `${words.slice(0, 2).map(wordText).join(' ')}${words.length > 2 ? ' ' : ''}`
  return REPORTS.some(([pattern, wordsMax]) => words.length <= wordsMax && pattern.test(line))
}
