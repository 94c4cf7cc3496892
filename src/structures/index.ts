/**
 * Structures whose bulk is in the arena. They have never heard of a command: keys, types and expiry
 * mean nothing here beyond the layout of a node.
 */
export { BufferStretch } from './buffer-stretch.ts'
export { ChangedMembers } from './changed-members.ts'
export { Dict, GATHER_MAX } from './dict.ts'
export {
  addToExpiryTree,
  checkExpiryTree,
  countInExpiryTree,
  firstInExpiryTree,
  removeFromExpiryTree,
} from './expiry-tree.ts'
export { IdImage } from './id-image.ts'
export { ID_WORDS, type IdTree, newIdTree, type WideId } from './id-tree.ts'
export {
  currentText,
  INTSET_EMPTY,
  intsetAdd,
  intsetCount,
  intsetHas,
  intsetRead,
  intsetRemove,
  intsetRemoveAt,
  intsetSeek,
  intsetsNext,
  intsetText,
  isIntsetValid,
} from './intset.ts'
export {
  afterElement,
  appendElement,
  appendInteger,
  type ElementSink,
  elementEquals,
  elementNumber,
  elementSize,
  endAt,
  firstAt,
  insertElement,
  insertInteger,
  integerSize,
  LISTPACK_EMPTY,
  lastAt,
  listpackCount,
  listpackFits,
  nextAt,
  passElements,
  prependElement,
  previousAt,
  readElement,
  removeElements,
  removeEqual,
  replaceElement,
  replaceInteger,
  seekAt,
} from './listpack.ts'
export { isListpackCanonical, isListpackValid } from './listpack-check.ts'
export { parseNumber } from './listpack-element.ts'
export { findElement, findTuple } from './listpack-find.ts'
export {
  appendTexts,
  insertPair,
  insertTriple,
  moveTriple,
  narrowTriples,
  passTuples,
  type Texts,
  widenPairs,
} from './listpack-tuple.ts'
export {
  cloneMember,
  freeMember,
  memberBytes,
  memberValue,
  newMember,
  resizedMember,
  setMemberExpiry,
} from './member.ts'
export { MemberImage } from './member-image.ts'
export { NameImage, type NameNote } from './name-image.ts'
export { NAMED_WORDS_AT, NameTree } from './name-tree.ts'
export {
  CLOCK,
  compareKey,
  copyIntoPage,
  ERA,
  EXPIRES,
  expiryOf,
  expiryOffset,
  flagsOf,
  HUGE_KEY,
  HUGE_KEY_BYTES,
  headBytes,
  headOf,
  hugeKeyId,
  keyEquals,
  keyOf,
  keySize,
  keyStart,
  LARGE,
  NARROW_BYTES_MAX,
  valueSize,
  valueStart,
  WIDE,
  wideOffset,
} from './node.ts'
export { OrderedTree, TREE_ROOT_BYTES } from './ordered-tree.ts'
export { Quicklist } from './quicklist.ts'
export { fillBytes, QUICKLIST_ROOT_BYTES, quicklistCount } from './quicklist-chain.ts'
export { NodeImage } from './quicklist-image.ts'
export { NodeView } from './quicklist-view.ts'
export {
  checkQuicklist,
  contentSize,
  copyNodes,
  eachNode,
  freeNodes,
  nodesFootprint,
} from './quicklist-whole.ts'
export { releaseDict } from './release.ts'
export { readUint32, writeUint32 } from './segment.ts'
export { BlockReader } from './stream-block.ts'
export {
  appendEntry,
  beginBlock,
  countLive,
  markDeleted,
  type PairSource,
  roomFor,
  setCounts,
} from './stream-block-writer.ts'
export type { Stretch } from './stretch.ts'
export { ROOT_BYTES } from './table.ts'
export { TreeCursor } from './tree-cursor.ts'
export { NODE_ENTRIES_MAX } from './tree-nodes.ts'
