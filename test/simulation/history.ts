/**
 * Everything that the commands of a run have done, one atomic step after another, and how much of it
 * has been promised. A store that is opened again must hold one of the states along the way, and none
 * from before the promise:
 *
 *     base ──step──► state 1 ──step──► state 2 ──step──► … state n
 *                       ▲                 ▲
 *                   promised      found after a cut: allowed
 */

/** What a key holds, in words that compare. */
export interface Content {
  readonly text: string
  /** Milliseconds since 1970, or infinity. */
  readonly expiresMs: number
  /** For a hash of which fields expire: name, value, and when. It replaces `text`. */
  readonly fields?: readonly (readonly [string, string, number])[]
}

/** A key, under its database's number, and what it holds after a step. */
export type Change = readonly [key: string, content: Content | undefined]

/** What somebody sees of a key at a time, or `undefined` when it is gone. */
export function visible(content: Content | undefined, nowMs: number): string | undefined {
  if (content === undefined || content.expiresMs <= nowMs) return undefined
  let { text } = content
  if (content.fields !== undefined) {
    const living = content.fields.filter(([, , expiresMs]) => expiresMs > nowMs)
    if (living.length === 0) return undefined
    text = hashText(living)
  }
  return content.expiresMs === Number.POSITIVE_INFINITY ? text : `${text} !${content.expiresMs}`
}

/**
 * What is taken over from a snapshot: no key whose time has come. Fields whose time has come are there, as
 * in the reference, until they are removed.
 */
export function loaded(
  contents: ReadonlyMap<string, Content>,
  nowMs: number,
): Map<string, Content> {
  return new Map([...contents].filter(([, { expiresMs }]) => expiresMs > nowMs))
}

/** The text of a hash. */
export function hashText(fields: readonly (readonly [string, string, number])[]): string {
  const words = fields.map(([name, value, expiresMs]) =>
    expiresMs === Number.POSITIVE_INFINITY ? `${name}=${value}` : `${name}=${value}@${expiresMs}`,
  )
  return `hash ${words.sort().join(' ')}`
}

/** The steps of one life of a store. */
export class History {
  /** States before this one must not be found after a power cut. */
  promised = 0
  /** States before this one must not be found after the death of the process. */
  written = 0
  readonly #base: ReadonlyMap<string, Content>
  readonly #steps: (readonly Change[])[] = []
  readonly #lastChange = new Map<string, number>()

  /** Begins with what a store holds when it is opened. */
  constructor(base: ReadonlyMap<string, Content>) {
    this.#base = base
  }

  /** The number of steps, which is the number of the present state too. */
  get length(): number {
    return this.#steps.length
  }

  /** Adds one atomic step. */
  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return
    this.#steps.push(changes)
    for (const [key] of changes) this.#lastChange.set(key, this.#steps.length)
  }

  /** The state that must survive when somebody was told of what these keys hold. */
  neededFor(keys: Iterable<string>): number {
    let needed = 0
    for (const key of keys) needed = Math.max(needed, this.#lastChange.get(key) ?? 0)
    return needed
  }

  /** The newest state that looks so at `nowMs`, or `undefined` when none ever did. */
  find(found: ReadonlyMap<string, string>, nowMs: number): number | undefined {
    const differing = new Set<string>(found.keys())
    const look = (key: string, content: Content | undefined) => {
      if (visible(content, nowMs) === found.get(key)) differing.delete(key)
      else differing.add(key)
    }
    for (const [key, content] of this.#base) look(key, content)
    let newest = differing.size === 0 ? 0 : undefined
    for (const [index, changes] of this.#steps.entries()) {
      for (const [key, content] of changes) look(key, content)
      if (differing.size === 0) newest = index + 1
    }
    return newest
  }

  /** All that is there in one of the states. */
  contentsAt(state: number): Map<string, Content> {
    const contents = new Map(this.#base)
    for (const changes of this.#steps.slice(0, state)) {
      for (const [key, content] of changes) {
        if (content === undefined) contents.delete(key)
        else contents.set(key, content)
      }
    }
    return contents
  }

  /** How what was found differs from the nearest state that would be allowed, for people. */
  explain(found: ReadonlyMap<string, string>, nowMs: number, from: number): string[] {
    let nearest: string[] | undefined
    let nearestState = from
    for (let state = from; state <= this.length; state++) {
      const lines = differences(this.contentsAt(state), found, nowMs)
      if (nearest !== undefined && lines.length >= nearest.length) continue
      nearest = lines
      nearestState = state
    }
    return [`nearest is state ${nearestState} of ${this.length}:`, ...(nearest ?? [])]
  }
}

function differences(
  contents: ReadonlyMap<string, Content>,
  found: ReadonlyMap<string, string>,
  nowMs: number,
): string[] {
  const keys = new Set([...contents.keys(), ...found.keys()])
  return [...keys].flatMap((key) => {
    const wanted = visible(contents.get(key), nowMs)
    const got = found.get(key)
    return wanted === got ? [] : [`  ${key}: found ${cut(got)}, not ${cut(wanted)}`]
  })
}

function cut(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}… (${text.length})` : text
}
