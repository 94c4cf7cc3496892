/**
 * What the small structures stand on: bytes that can grow and shrink where they are, without the
 * structure knowing whose they are.
 */

/** Bytes that can grow and shrink where they stand: a value in its entry, a listpack node of a list. Offsets given to `splice` count from `start`. */
export interface Stretch {
  /** Lent: valid until the next splice of this, or the creation or removal of other values. */
  bytes: Uint8Array
  /** A view of `bytes`, where there is one. */
  readonly dataView?: DataView | undefined
  /** Where the stretch begins in `bytes`. */
  start: number
  /** In bytes. */
  size: number
  /**
   * Takes `removed` bytes out at `at` and opens a gap of `inserted` bytes there, whose content is
   * undefined. `bytes`, `start` and `size` may change.
   */
  splice(at: number, removed: number, inserted: number): void
}
