/** A hash as the commands that make it. */
import type { Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import type { EffectArgument } from '../../engine/index.ts'
import { EXPIRES, expiryOf, headOf, keyOf, memberValue } from '../../structures/index.ts'
import type { Emit, Rebuild } from '../rebuild.ts'

/** Fields that one HSET sets at most. */
const FIELDS_PER_COMMAND = 64
/** Nor more bytes, unless it is a single field. */
const BYTES_MAX = 65536

const field = new Slice(new Uint8Array(0), 0, 0)
const content = new Slice(new Uint8Array(0), 0, 0)

/** Gathers fields into one command after another. */
class Fields {
  readonly #key: Uint8Array
  readonly #emit: Emit
  #pairs: Uint8Array[] = []
  #bytes = 0
  #timed: (readonly EffectArgument[])[] = []

  constructor(key: Uint8Array, emit: Emit) {
    this.#key = key
    this.#emit = emit
  }

  add(name: Slice, held: Slice, expiryMs: number): void {
    const copy = name.copyOf()
    this.#pairs.push(copy, held.copyOf())
    this.#bytes += name.length + held.length
    if (expiryMs !== 0) this.#timed.push([expiryMs, 'FIELDS', 1, copy])
    const isFull = this.#pairs.length >= 2 * FIELDS_PER_COMMAND || this.#bytes >= BYTES_MAX
    if (isFull) this.flush()
  }

  flush(): void {
    if (this.#pairs.length > 0) this.#emit('HSET', this.#key, ...this.#pairs)
    for (const args of this.#timed) this.#emit('HPEXPIREAT', this.#key, ...args)
    this.#pairs = []
    this.#timed = []
    this.#bytes = 0
  }
}

/** Emits the fields, also those that are due and not removed yet: the log may still speak of them. */
export const rebuildHash: Rebuild = function* (db, value, image, key, emit) {
  const { arena, keyspace } = db
  const { hashes } = keyspace
  const fields = new Fields(key, emit)
  if (image?.kind === 'members') {
    const visit = (node: Ref) => {
      const head = headOf(arena, node)
      const expiryMs = head & (EXPIRES << 8) ? expiryOf(arena, node, head) : 0
      fields.add(keyOf(arena, node, field), memberValue(arena, node, content), expiryMs)
    }
    while (image.step(visit)) yield
  } else {
    hashes.each(value, (place) => {
      hashes.read(value, place)
      fields.add(hashes.field, hashes.content, hashes.expiryMs)
    })
  }
  fields.flush()
}
