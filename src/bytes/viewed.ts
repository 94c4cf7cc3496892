/**
 * The buffers in which requests and the commands of scripts stand, and views of them. What stands in them is
 * not aligned: through a view four bytes are read at once wherever they are, for the price of one. A view is
 * an object, too dear to be made for a request, so there is one of each, of the buffer that was named last.
 */

/** Words are compared with those of typed arrays, whose order is the machine's. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

let outer: Uint8Array = new Uint8Array(8)
let outerView = new DataView(outer.buffer)
let inner = outer
let innerView = outerView

/** Names the buffer in which the next requests stand. */
export function setViewed(bytes: Uint8Array): void {
  if (bytes === outer || !IS_LITTLE_ENDIAN) return
  outer = bytes
  outerView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Names the buffer in which the next commands of scripts stand. */
export function setInnerViewed(bytes: Uint8Array): void {
  if (bytes === inner || !IS_LITTLE_ENDIAN) return
  inner = bytes
  innerView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The view of a buffer that was named last, or `undefined` for any other. */
export function viewOf(bytes: Uint8Array): DataView | undefined {
  return bytes === outer ? outerView : bytes === inner ? innerView : undefined
}

/** The four bytes at an offset, the first one lowest. `view` is one of `bytes`, where there is one. */
export function wordAt(bytes: Uint8Array, view: DataView | undefined, at: number): number {
  if (view !== undefined) return view.getInt32(at, true)
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
