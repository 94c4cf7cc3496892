/** A long string as the commands that make it. */
import { STRING_STEP_BYTES, type StringImage } from '../../values/index.ts'
import type { Emit, Rebuilding } from '../rebuild.ts'

/**
 * Emits, with pieces that are lent, the SETRANGEs that make a string: the first gives it its length, so
 * that it need not grow, and who reads them never has to hold all of it beside what it becomes.
 */
export function* rebuildLongString(image: StringImage, key: Uint8Array, emit: Emit): Rebuilding {
  emit('SETRANGE', key, image.size - 1, Uint8Array.of(0))
  const piece = new Uint8Array(STRING_STEP_BYTES)
  let at = 0
  for (let isMore = true; isMore; ) {
    let size = 0
    isMore = image.step((bytes, start, end) => {
      piece.set(bytes.subarray(start, end), size)
      size += end - start
    })
    emit('SETRANGE', key, at, piece.subarray(0, size))
    at += size
    if (isMore) yield
  }
}
