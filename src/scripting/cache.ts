/**
 * The scripts that are known, by the SHA-1 of their text. Those that were loaded stay; those that came
 * by EVAL leave when there are too many, the one first that was not used for longest.
 */
import { createHash } from 'node:crypto'
import { fromLatin1, latin1 } from '../bytes/index.ts'
import type { ScriptFlags } from './flags.ts'

/** A script that can run. */
export interface Script<Chunk> {
  /** In small hexadecimal digits. */
  readonly sha: string
  readonly body: string
  readonly flags: ScriptFlags
  readonly chunk: Chunk
  /** It was loaded to stay. */
  readonly isKept: boolean
  /** When it was used last, counted in uses of all scripts. */
  lastUse: number
}

/** Scripts of EVAL that are kept. */
export const EVAL_SCRIPTS_MAX = 500
const RECENT_SLOTS = 64
/** What the reference counts for a script beside its texts. */
const SCRIPT_OVERHEAD_BYTES = 96

export class ScriptCache<Chunk> {
  /** How many left because there were too many. */
  evicted = 0
  readonly #bySha = new Map<string, Script<Chunk>>()
  /** Those of EVAL by their text. */
  readonly #byBody = new Map<string, Script<Chunk>>()
  /** Those that were asked for last, by their first digits. */
  readonly #recent: (Script<Chunk> | undefined)[] = new Array(RECENT_SLOTS).fill(undefined)
  #bodyBytes = 0
  #uses = 0

  get count(): number {
    return this.#bySha.size
  }

  /** Bytes of the texts. */
  get textBytes(): number {
    return this.#bodyBytes
  }

  /** Bytes of the texts and of what is kept about them. */
  get sizeBytes(): number {
    return this.#bodyBytes + this.#bySha.size * SCRIPT_OVERHEAD_BYTES
  }

  /** The script with a SHA-1, in hexadecimal digits of any case. */
  get(sha: string): Script<Chunk> | undefined {
    return this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase())
  }

  /** The script with a SHA-1 as it stands in a request: most often nothing else has to be made of it. */
  find(bytes: Uint8Array, start: number, end: number): Script<Chunk> | undefined {
    const slot = ((bytes[start]! << 4) + bytes[start + 1]!) & (RECENT_SLOTS - 1)
    const recent = this.#recent[slot]
    if (recent !== undefined && isText(recent.sha, bytes, start, end)) return recent
    const script = this.get(latin1(bytes, start, end))
    if (script !== undefined) this.#recent[slot] = script
    return script
  }

  /** The script with a text that came by EVAL before. */
  withBody(body: string): Script<Chunk> | undefined {
    return this.#byBody.get(body)
  }

  /** Adds a script. */
  add(script: Script<Chunk>): void {
    if (!script.isKept) {
      while (this.#byBody.size >= EVAL_SCRIPTS_MAX) this.#evictOldest()
      this.#byBody.set(script.body, script)
      this.touch(script)
    }
    this.#bySha.set(script.sha, script)
    this.#bodyBytes += script.body.length
  }

  /** A script was used. */
  touch(script: Script<Chunk>): void {
    script.lastUse = ++this.#uses
  }

  /** Forgets all scripts. */
  clear(): void {
    this.#bySha.clear()
    this.#byBody.clear()
    this.#recent.fill(undefined)
    this.#bodyBytes = 0
  }

  #evictOldest(): void {
    let oldest: Script<Chunk> | undefined
    for (const script of this.#byBody.values()) {
      if (oldest === undefined || script.lastUse < oldest.lastUse) oldest = script
    }
    if (oldest === undefined) return
    this.#byBody.delete(oldest.body)
    this.#bySha.delete(oldest.sha)
    this.#recent.fill(undefined)
    this.#bodyBytes -= oldest.body.length
    this.evicted++
  }
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false
  }
  return true
}

/** The SHA-1 of a text with one character a byte, in small hexadecimal digits. */
export function sha1Hex(text: string): string {
  return createHash('sha1').update(fromLatin1(text)).digest('hex')
}
