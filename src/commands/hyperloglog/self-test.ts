/**
 * Whether HyperLogLogs count well enough on this machine: the same elements go to a dense and to a
 * sparse one, which must agree, and at each power of ten the estimate must be near the truth.
 */
import {
  addToSketch,
  countSketch,
  ENCODING_RAW,
  emptySketch,
  makeDense,
  type Slot,
  type Space,
} from '../../values/index.ts'

/** Enough for the estimate to have left the sparse form far behind, in a tenth of a second. */
const ELEMENTS = 1_000_000
/** The error that is expected for this number of registers. */
const ERROR = 1.04 / Math.sqrt(16384)
/** An estimate that is off by more than this many times the expected error is a fault. */
const ERRORS_MAX = 6

/** A sketch in a buffer of its own. */
class LooseSketch implements Slot {
  bytes = new Uint8Array(2 ** 14)
  readonly start = 0
  encoding = ENCODING_RAW
  size: number

  constructor() {
    this.bytes.set(emptySketch())
    this.size = emptySketch().length
  }

  splice(at: number, removed: number, inserted: number): void {
    this.bytes.copyWithin(at + inserted, at + removed, this.size)
    this.size += inserted - removed
  }

  reset(encoding: number, size: number): void {
    this.encoding = encoding
    this.size = size
  }
}

/** @returns what is wrong, or `undefined`. */
export function selfTest({ uint32, limits }: Space): string | undefined {
  const dense = new LooseSketch()
  const sparse = new LooseSketch()
  makeDense(dense)
  const sparseBytesMax = Math.min(limits.hllSparseMaxBytes, 2 ** 13)
  const element = new Uint8Array(8)
  const view = new DataView(element.buffer)
  const seed = uint32()
  view.setUint32(4, uint32())
  for (let count = 1, next = 1; count <= ELEMENTS; count++) {
    view.setUint32(0, count ^ seed)
    addToSketch(dense, element, 0, 8, sparseBytesMax)
    addToSketch(sparse, element, 0, 8, sparseBytesMax)
    if (count !== next) continue
    next *= 10
    const estimate = countSketch(dense)
    if (estimate === undefined || estimate !== countSketch(sparse)) return 'dense/sparse disagree'
    const error = Math.abs(Number(estimate) - count)
    // Two of a few elements may meet in one register.
    if (error > Math.max(2, Math.ceil(ERROR * ERRORS_MAX * count))) {
      return `Too big error. card:${count} abserr:${error}`
    }
  }
  return undefined
}
