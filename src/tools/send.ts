/**
 * `holdfast import --port`: data into a running server. Each key goes by one RESTORE, so it is there as a
 * whole or not at all, with its encoding, its expiry and that of its fields; many are on their way at once.
 */
import { connect, type Socket } from 'node:net'
import { fromLatin1 } from '../bytes/index.ts'
import { type Database, NEVER } from '../keyspace/index.ts'
import { dumpEntry } from '../rdb/index.ts'
import { type Reply, replyText } from '../resp/reply.ts'
import { ReplyReader } from '../resp/reply-reader.ts'
import type { DataSet } from './data-set.ts'
import { ToolError } from './errors.ts'
import { Progress } from './progress.ts'

/** A running server, and what happens to keys that it has already. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  /** They are replaced; else they stay as they are. */
  readonly isReplacing: boolean
}

/** So much is on its way at most, unless it is a single value. */
const UNANSWERED_MAX = 1000
const GATHERED_BYTES_MAX = 64 * 1024
const UNSENT_BYTES_MAX = 4 * 2 ** 20

/** @returns what was done, for people. @throws ToolError when the server cannot be reached or refuses. */
export async function send(data: DataSet, target: Target): Promise<string> {
  const { user, password, isReplacing, host, port } = target
  const link = await Link.open(host, port)
  const total = data.keyspace.databases.reduce((sum, db) => sum + db.count, 0)
  const progress = new Progress(`${host}:${port}`, total)
  try {
    if (password !== undefined) await link.ask('AUTH', ...(user ? [user] : []), password)
    const replace = isReplacing ? ['REPLACE'] : []
    for (const code of data.libraries) {
      await link.ask('FUNCTION', 'LOAD', ...replace, fromLatin1(code))
    }
    let sent = 0
    for (const db of data.keyspace.databases) {
      if (db.count > 0) await link.ask('SELECT', String(db.index))
      for (const entry of entriesOf(db)) {
        const expiry = db.expiryOf(entry)
        const expiryText = String(expiry === NEVER ? 0 : expiry)
        const words = [db.keyOf(entry).copyOf(), expiryText, dumpEntry(db, entry)]
        await link.ask('RESTORE', ...words, 'ABSTTL', ...replace)
        progress.passed(++sent)
      }
    }
    await link.settle()
    const left = link.left === 0 ? '' : `; ${link.left} were there already and stay (see --replace)`
    return `imported ${total - link.left} keys into ${host}:${port}${left}`
  } finally {
    progress.end()
    link.close()
  }
}

/** All at once: a step through the table cannot wait for the link. */
function entriesOf(db: Database): Iterable<number> {
  const entries = new Float64Array(db.count)
  let count = 0
  db.dict.each((entry) => {
    entries[count++] = entry
  })
  return entries
}

class Link {
  /** Keys that were there already. */
  left = 0
  readonly #socket: Socket
  readonly #reader = new ReplyReader()
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #unanswered = 0
  #failure: Error | undefined
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('drain', () => this.#wake())
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server has closed the connection')))
  }

  static open(host: string, port: number): Promise<Link> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port })
      socket.setNoDelay(true)
      socket.once('error', ({ message }) => reject(new ToolError(`cannot connect: ${message}`)))
      socket.once('connect', () => {
        socket.removeAllListeners('error')
        resolve(new Link(socket))
      })
    })
  }

  /** Sends a command with others, and waits until there is room for the next. */
  async ask(...words: readonly (string | Uint8Array)[]): Promise<void> {
    this.#unanswered++
    let head = `*${words.length}\r\n`
    for (const word of words) {
      const bytes = typeof word === 'string' ? Buffer.from(word) : word
      this.#gather(Buffer.from(`${head}$${bytes.length}\r\n`))
      this.#gather(bytes)
      head = '\r\n'
    }
    this.#gather(Buffer.from(head))
    if (this.#gatheredBytes < GATHERED_BYTES_MAX && this.#unanswered < UNANSWERED_MAX) return
    this.#flush()
    await this.#until(
      () => this.#unanswered < UNANSWERED_MAX && this.#socket.writableLength < UNSENT_BYTES_MAX,
    )
  }

  /** Waits for all answers. */
  settle(): Promise<void> {
    this.#flush()
    return this.#until(() => this.#unanswered === 0)
  }

  close(): void {
    this.#socket.destroy()
  }

  #gather(bytes: Uint8Array): void {
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
  }

  /** A write for each small piece would cost more than the pieces. */
  #flush(): void {
    if (this.#gatheredBytes > 0) this.#socket.write(Buffer.concat(this.#gathered))
    this.#gathered = []
    this.#gatheredBytes = 0
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isTrue()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#failure !== undefined) throw new ToolError(this.#failure.message)
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk)
      for (let reply = this.#reader.next(); reply; reply = this.#reader.next()) this.#take(reply)
    } catch (error) {
      this.#fail(error as Error)
    }
    this.#wake()
  }

  #take(reply: Reply): void {
    this.#unanswered--
    if (reply.kind !== 'error') return
    const text = replyText(reply) ?? ''
    if (text.startsWith('BUSYKEY')) this.left++
    else this.#fail(new Error(`the server answers ${text}`))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }
}
