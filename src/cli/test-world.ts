/** For tests: streams instead of a terminal, and a server that answers from a script. */
import { createServer, type Server, type Socket } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import type { CliInput, CliIo, CliOutput } from './io.ts'
import { runCli } from './run.ts'
import { binary } from './words.ts'

/** How long a test waits for what it expects to see. */
const UNTIL_MS_MAX = 20_000

/** What a stream was given, and a way to wait for more of it. */
export class Sink extends Writable {
  text = ''
  isTTY = false
  columns = 100
  #onText: (() => void) | undefined

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.text += binary(chunk)
    this.#onText?.()
    done()
  }

  /**
   * Resolves when the text holds `part`; what comes up to its end is then forgotten. Throws when that
   * takes too long.
   */
  async until(part: string): Promise<string> {
    const limit = AbortSignal.timeout(UNTIL_MS_MAX)
    while (!this.text.includes(part)) {
      if (limit.aborted) throw new Error(`not seen: ${part} in ${JSON.stringify(this.text)}`)
      await new Promise<void>((more) => {
        this.#onText = more
        limit.onabort = () => more()
      })
    }
    const end = this.text.indexOf(part) + part.length
    const before = this.text.slice(0, end)
    this.text = this.text.slice(end)
    return before
  }
}

/** A process that is none. */
export class World implements CliIo {
  readonly stdin: PassThrough & CliInput
  readonly stdout: Sink & CliOutput = new Sink()
  readonly stderr: Sink & CliOutput = new Sink()
  env: Record<string, string | undefined> = {
    HOLDFAST_HISTFILE: '/dev/null',
    HOLDFAST_RCFILE: '/dev/null',
  }
  /** Resolves with the status when the process was ended in the middle. */
  readonly exited: Promise<number>
  readonly #interrupts = new Set<() => void>()
  #exit: (status: number) => void = () => {}

  /** @param input what is on standard input; `undefined` leaves it open. */
  constructor(input?: string | Uint8Array) {
    this.stdin = new PassThrough()
    this.exited = new Promise((done) => {
      this.#exit = done
    })
    if (input !== undefined) this.stdin.end(input)
  }

  /** The same with a person in front of it. */
  static terminal(): World {
    const world = new World()
    Object.assign(world.stdin, { isTTY: true, setRawMode: () => {} })
    world.stdout.isTTY = true
    return world
  }

  onInterrupt(call: () => void): () => void {
    this.#interrupts.add(call)
    return () => this.#interrupts.delete(call)
  }

  exit(status: number): void {
    this.#exit(status)
  }

  /** Ctrl-C, from outside. */
  interrupt(): void {
    for (const call of this.#interrupts) call()
  }
}

/** What a run left behind. Output is a binary string. */
export interface Outcome {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs the tool to its end. */
export async function run(argv: readonly string[], world: World = new World('')): Promise<Outcome> {
  const status = await Promise.race([runCli(argv, world), world.exited])
  return { status, out: world.stdout.text, err: world.stderr.text }
}

/** Answers a command with the bytes of its reply, or `undefined` to hang up. */
export type Script = (words: readonly string[]) => string | undefined

/** A server on a free port of loopback. */
export class ScriptedServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #onCommand: (() => void) | undefined
  /** Every command that came, as its words. */
  readonly commands: string[][] = []

  private constructor(script: Script) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      const parser = new CommandSplitter()
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        for (const words of parser.push(chunk)) {
          this.commands.push(words)
          this.#onCommand?.()
          const reply = script(words)
          if (reply === undefined) return socket.destroy()
          socket.write(Buffer.from(reply, 'latin1'))
        }
        return undefined
      })
    })
  }

  /** Starts one, on any free port unless told. */
  static async start(script: Script, port = 0): Promise<ScriptedServer> {
    const server = new ScriptedServer(script)
    await new Promise<void>((done) => server.#server.listen(port, '127.0.0.1', done))
    return server
  }

  /** Resolves when a command of this name has come. */
  async received(name: string): Promise<void> {
    while (!this.commands.some((words) => words[0] === name)) {
      await new Promise<void>((more) => {
        this.#onCommand = more
      })
    }
  }

  get port(): string {
    return String((this.#server.address() as { port: number }).port)
  }

  /** Says something unasked to everyone. */
  push(wire: string): void {
    for (const socket of this.#sockets) socket.write(Buffer.from(wire, 'latin1'))
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise((done) => this.#server.close(done))
  }
}

/** The naive reading of multibulk commands; enough for what the tool itself sends. */
class CommandSplitter {
  #text = ''

  push(chunk: Uint8Array): string[][] {
    this.#text += binary(chunk)
    const commands: string[][] = []
    for (let next = this.#take(); next !== undefined; next = this.#take()) commands.push(next)
    return commands
  }

  #take(): string[] | undefined {
    this.#text = this.#text.replace(/^(\r\n)+/, '')
    const head = /^\*(\d+)\r\n/.exec(this.#text)
    if (head === null) return undefined
    const words: string[] = []
    let at = head[0].length
    for (let left = Number(head[1]); left > 0; left--) {
      const size = /^\$(\d+)\r\n/.exec(this.#text.slice(at))
      if (size === null) return undefined
      at += size[0].length + Number(size[1]) + 2
      if (at > this.#text.length) return undefined
      words.push(this.#text.slice(at - Number(size[1]) - 2, at - 2))
    }
    this.#text = this.#text.slice(at)
    return words
  }
}
