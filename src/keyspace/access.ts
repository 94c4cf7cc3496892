/**
 * The access clock of an entry: 24 bits that say when it was used last, or how often, in the
 * reference's two forms.
 *
 *     LRU   [ seconds since 1970, modulo 2^24 ]
 *     LFU   [ minutes of the last decrement, modulo 2^16 : 16 | logarithmic counter : 8 ]
 *
 * The high byte of the word is free for others.
 */
const CLOCK_MASK = 0xffffff
/** A new entry's counter, so that it is not the first to be evicted. */
export const LFU_START = 5

/** The LRU clock at a time. */
export function lruClock(nowMs: number): number {
  return Math.floor(nowMs / 1000) & CLOCK_MASK
}

/** How long ago `clock` was, in seconds. */
export function idleSeconds(clock: number, nowMs: number): number {
  return (lruClock(nowMs) - (clock & CLOCK_MASK)) & CLOCK_MASK
}

/** The LFU clock of an entry just made. */
export function lfuClock(nowMs: number): number {
  return ((minutes(nowMs) << 8) | LFU_START) & CLOCK_MASK
}

/** The counter of `clock` after the time gone by, one step for each `decayMinutes`. */
export function lfuCounter(clock: number, nowMs: number, decayMinutes: number): number {
  const counter = clock & 0xff
  if (decayMinutes <= 0) return counter
  const gone = (minutes(nowMs) - ((clock >>> 8) & 0xffff)) & 0xffff
  return Math.max(0, counter - Math.floor(gone / decayMinutes))
}

/** The clock after one more use: the counter rises with a chance that falls as it grows. */
export function lfuUsed(
  clock: number,
  nowMs: number,
  options: { readonly decayMinutes: number; readonly logFactor: number; readonly chance: number },
): number {
  let counter = lfuCounter(clock, nowMs, options.decayMinutes)
  const above = Math.max(0, counter - LFU_START)
  if (counter < 255 && options.chance < 1 / (above * options.logFactor + 1)) counter++
  return ((minutes(nowMs) << 8) | counter) & CLOCK_MASK
}

function minutes(nowMs: number): number {
  return Math.floor(nowMs / 60000) & 0xffff
}
