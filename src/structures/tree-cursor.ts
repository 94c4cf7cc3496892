/** A place in a block tree: which entry of which leaf. Lent: it holds until the tree is changed. */
import { NONE, type Ref } from '../arena/index.ts'

const NO_WORDS = new Int32Array(0)

export class TreeCursor {
  /** The leaf; `NONE` when the cursor stands at no entry. */
  node: Ref = NONE
  index = 0
  /** The page of the leaf, and in it the entry's first word, which is that of its key. */
  words: Int32Array = NO_WORDS
  at = 0

  /** Stands at no entry any more. @returns false, for whoever asks for an entry. */
  end(): boolean {
    this.node = NONE
    return false
  }

  /** Stands where another one does. */
  moveTo(other: TreeCursor): void {
    this.node = other.node
    this.index = other.index
    this.words = other.words
    this.at = other.at
  }
}
