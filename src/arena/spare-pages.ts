/** Empty pages that an arena keeps for reuse, so that a load that hovers at a border does not thrash. */

/** V8 counts these, and would collect in vain if they were many. */
const PLAIN_MAX = 4

/** Arenas of which only one is used at a time may share them: the next takes over the pages. */
export class SparePages {
  /** All are kept: as V8 does not count them, it is in no hurry to free any. */
  readonly shared: SharedArrayBuffer[] = []
  readonly plain: ArrayBuffer[] = []

  /** Takes the buffer of a page that is empty. */
  keep(buffer: ArrayBufferLike): void {
    if (buffer instanceof SharedArrayBuffer) this.shared.push(buffer)
    else if (this.plain.length < PLAIN_MAX) this.plain.push(buffer)
  }
}
