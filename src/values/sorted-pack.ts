/**
 * Small sorted sets: a listpack of members, each with its score after it, in the order of scores and,
 * where those are equal, of members. Byte for byte what the reference holds: whole scores are numbers,
 * others are text.
 *
 * A member that is there is named by where it begins.
 */
import { compareRanges, DOUBLE_BYTES_MAX, parseDouble, Slice, writeDouble } from '../bytes/index.ts'
import {
  elementNumber,
  elementSize,
  endAt,
  findElement,
  firstAt,
  insertElement,
  insertInteger,
  lastAt,
  listpackCount,
  listpackFits,
  nextAt,
  previousAt,
  readElement,
  removeElements,
  type Stretch,
  seekAt,
} from '../structures/index.ts'

const text = new Uint8Array(DOUBLE_BYTES_MAX)
const held = new Slice(new Uint8Array(0), 0, 0)

/** How many members there are. */
export function packCount(pack: Stretch): number {
  return listpackCount(pack) >> 1
}

/** Whether a member of so many bytes keeps the pack within the size that packs are held to. */
export function packFits(pack: Stretch, memberBytes: number): boolean {
  return listpackFits(pack, memberBytes)
}

/** Where a member begins; -1 when it is missing. */
export function findInPack(pack: Stretch, { bytes, start, end }: Slice): number {
  return findElement(pack, firstAt(pack), bytes, start, end, 1)
}

/** Where the member of a rank begins, which there is. */
export function packPlace(pack: Stretch, rank: number): number {
  return seekAt(pack, rank * 2)
}

/** The member after one; -1 after the last. */
export function nextInPack(pack: Stretch, at: number): number {
  return nextAt(pack, nextAt(pack, at))
}

/** The member before one; -1 before the first. */
export function previousInPack(pack: Stretch, at: number): number {
  const score = previousAt(pack, at)
  return score < 0 ? -1 : previousAt(pack, score)
}

/** The score of the member at `at`. */
export function packScore(pack: Stretch, at: number): number {
  return readScore(pack, nextAt(pack, at))
}

/** The score whose element begins at `place`. */
export function readScore(pack: Stretch, place: number): number {
  const whole = elementNumber(pack, place)
  if (!Number.isNaN(whole)) return whole
  const { bytes, start, end } = readElement(pack, place, held)
  return parseDouble(bytes, start, end)
}

/** How many members are before the one at `at`. */
export function packRank(pack: Stretch, at: number): number {
  let rank = 0
  for (let i = firstAt(pack); i < at; i = nextInPack(pack, i)) rank++
  return rank
}

/** How many members have a lower score, or with `orEqual` one that is not higher. */
export function packRankOfScore(pack: Stretch, score: number, orEqual: boolean): number {
  let rank = 0
  for (let at = firstAt(pack); at >= 0; rank++) {
    const place = nextAt(pack, at)
    const found = readScore(pack, place)
    if (orEqual ? found > score : found >= score) break
    at = nextAt(pack, place)
  }
  return rank
}

/** How many members from the first on are lower, or with `orEqual` not higher. */
export function packRankOfMember(pack: Stretch, member: Slice, orEqual: boolean): number {
  let rank = 0
  for (let at = firstAt(pack); at >= 0; at = nextInPack(pack, at), rank++) {
    const order = compareElement(pack, at, member)
    if (orEqual ? order > 0 : order >= 0) break
  }
  return rank
}

/** Puts a member in that is missing, in its place. */
export function insertInPack(pack: Stretch, member: Slice, score: number): void {
  const last = lastAt(pack)
  if (last < 0 || readScore(pack, last) < score) {
    appendToPack(pack, member, score)
    return
  }
  let at = firstAt(pack)
  while (at >= 0) {
    const place = nextAt(pack, at)
    const found = readScore(pack, place)
    if (found > score || (found === score && compareElement(pack, at, member) > 0)) break
    at = nextAt(pack, place)
  }
  insertPair(pack, at < 0 ? endAt(pack) : at, member, score)
}

/** Puts a member in that belongs after all others. */
export function appendToPack(pack: Stretch, member: Slice, score: number): void {
  insertPair(pack, endAt(pack), member, score)
}

/** Takes out `count` members from the one at `at` on. */
export function removeFromPack(pack: Stretch, at: number, count: number): void {
  removeElements(pack, at, count * 2)
}

function insertPair(pack: Stretch, at: number, member: Slice, score: number): void {
  insertElement(pack, at, member.bytes, member.start, member.end)
  const place = at + elementSize(member.bytes, member.start, member.end)
  if (Number.isSafeInteger(score)) insertInteger(pack, place, score)
  else insertElement(pack, place, text, 0, writeDouble(score, text, 0))
}

function compareElement(pack: Stretch, at: number, member: Slice): number {
  const { bytes, start, end } = readElement(pack, at, held)
  return compareRanges(bytes, start, end, member.bytes, member.start, member.end)
}
