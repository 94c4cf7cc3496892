/** What a run may use: time, depth and memory, counted where it costs least. */

/** The counters of a machine. Compiled code and libraries take from them directly. */
export class Meter {
  /** Steps until somebody looks at the clock and the memory. Long loops of libraries subtract too. */
  fuel = 0
  /** Bytes of the JavaScript stack that may still be used, by a cautious estimate. */
  room = 0
  /** Calls that the reference would make through C and that have not returned; 200 are too many. */
  nesting = 0
}
