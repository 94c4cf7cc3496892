/** What a tool has of the world around it, so that a test can be that world. */

import type { Readable, Writable } from 'node:stream'

/** An output stream, and whether a person looks at it. */
export type CliOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** An input stream, and whether a person types into it. */
export type CliInput = Readable & {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

/** The streams and variables of the process, or of a test. */
export interface CliIo {
  readonly stdin: CliInput
  readonly stdout: CliOutput
  readonly stderr: CliOutput
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls on Ctrl-C until the returned function is called. Without it Ctrl-C ends the process. */
  onInterrupt(call: () => void): () => void
  /** Ends the process at once, whatever it is in the middle of. */
  exit(status: number): void
}

/** The world of this process. */
export function processIo(): CliIo {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(call) {
      process.on('SIGINT', call)
      return () => process.off('SIGINT', call)
    },
    exit: (status) => process.exit(status),
  }
}

/**
 * Writes, and waits while the reader is slow.
 * @param text a string is written as UTF-8.
 */
export async function write(stream: CliOutput, text: string | Uint8Array): Promise<void> {
  if (text.length === 0 || stream.write(text)) return
  await new Promise<void>((done) => {
    const finish = (): void => {
      stream.off('drain', finish)
      stream.off('close', finish)
      stream.off('error', finish)
      done()
    }
    // A reader that went away never drains; whoever called will see that the stream is gone.
    stream.on('drain', finish)
    stream.on('close', finish)
    stream.on('error', finish)
  })
}

/** All of an input stream's bytes, to its end. */
export async function readToEnd(stream: CliInput): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(asBytes(chunk))
  return Buffer.concat(chunks)
}

/** A chunk of a stream that may have been set to give strings. */
export function asBytes(chunk: unknown): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
}

/** The end of the tool from deep inside, with the status it ends with. Not an error: a way out. */
export class Exit extends Error {
  readonly status: number

  constructor(status: number) {
    super(`exit ${status}`)
    this.name = 'Exit'
    this.status = status
  }
}
