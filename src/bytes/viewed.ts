/**
 * The buffer that requests are read from, and a view of it. What stands in it is not aligned: through a
 * view four bytes are read at once wherever they are, for the price of one. A view is an object, too dear
 * to be made for a request, so there is one, of the buffer that was named last.
 */

/** Words are compared with those of typed arrays, whose order is the machine's. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

let viewed: Uint8Array = new Uint8Array(8)
let view = new DataView(viewed.buffer)

/** Names the buffer in which the next requests stand. */
export function setViewed(bytes: Uint8Array): void {
  if (bytes === viewed || !IS_LITTLE_ENDIAN) return
  viewed = bytes
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The view of the buffer that was named last, or `undefined` for any other. */
export function viewOf(bytes: Uint8Array): DataView | undefined {
  return bytes === viewed ? view : undefined
}

/** The four bytes at an offset, the first one lowest. `view` is one of `bytes`, where there is one. */
export function wordAt(bytes: Uint8Array, view: DataView | undefined, at: number): number {
  if (view !== undefined) return view.getInt32(at, true)
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
