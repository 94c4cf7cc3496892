/** A list as the commands that make it. */
import type { Emit, Rebuild } from '../rebuild.ts'

/** No command puts in more elements than this. */
const ELEMENTS_MAX = 64
/** Nor more bytes, unless it is a single element. */
const BYTES_MAX = 65536

/** Gathers elements into one command after another. */
class Pushes {
  readonly #key: Uint8Array
  readonly #emit: Emit
  #elements: Uint8Array[] = []
  #bytes = 0

  constructor(key: Uint8Array, emit: Emit) {
    this.#key = key
    this.#emit = emit
  }

  bulk(bytes: Uint8Array, start: number, end: number): void {
    this.#elements.push(bytes.slice(start, end))
    this.#bytes += end - start
    if (this.#elements.length === ELEMENTS_MAX || this.#bytes >= BYTES_MAX) this.flush()
  }

  flush(): void {
    if (this.#elements.length > 0) this.#emit('RPUSH', this.#key, ...this.#elements)
    this.#elements = []
    this.#bytes = 0
  }
}

/** Emits the pushes that make a list. */
export const rebuildList: Rebuild = function* ({ keyspace: { lists } }, value, image, key, emit) {
  const pushes = new Pushes(key, emit)
  if (image?.kind === 'nodes') {
    while (image.step((node) => lists.passNode(node, pushes))) yield
  } else lists.pass(value, 0, lists.count(value), false, pushes)
  pushes.flush()
}
