/** The classes of key events, by the letters of `notify-keyspace-events`. */
export type EventClass =
  | 'generic'
  | 'string'
  | 'list'
  | 'set'
  | 'hash'
  | 'zset'
  | 'stream'
  | 'expired'
  | 'evicted'
  | 'miss'
  | 'new'
  /** For changes that are no key event. */
  | 'none'

/** By type, the class of the events of its commands. */
export const EVENT_CLASSES: readonly EventClass[] = [
  'string',
  'list',
  'set',
  'zset',
  'hash',
  'generic',
  'stream',
]

/** Events about what a value keeps beside its content: who watches or caches the key has no interest. */
export const EVENTS_WITHOUT_CHANGE: ReadonlySet<string> = new Set([
  'xgroup-setid',
  'xgroup-destroy',
  'xgroup-createconsumer',
  'xgroup-delconsumer',
  'xsetid',
])
