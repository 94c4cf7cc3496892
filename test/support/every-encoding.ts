/** Commands that make a value of each type in each encoding, as both sides understand them. */

const times = (count: number, of: (i: number) => string[]) =>
  Array.from({ length: count }, (_, i) => of(i)).flat()

/** Each of them must be accepted. Scores have one way of being written. */
export const EVERY_ENCODING: readonly (readonly string[])[] = [
  ['MSET', 'int', '12345', 'embedded', 'hello', 'raw', 'x'.repeat(5000), '', 'no key'],
  ['SET', 'large', 'abcdefghij'.repeat(30_000)],
  ['SET', 'expires', 'v', 'PXAT', '4102444800000'],
  ['SETBIT', 'bits', '1000', '1'],
  ['PFADD', 'sketch', 'a', 'b', 'c'],
  ['RPUSH', 'list', 'a', '', '-5', '70000', '5000000000'],
  ['RPUSH', 'list:long', ...times(3000, (i) => [`e${i}`]), 'p'.repeat(20000)],
  ['SADD', 'set:integers', '1', '-300', '9999999999'],
  ['SADD', 'set:integers:many', ...times(600, (i) => [String(i * 7)])],
  ['SADD', 'set', 'a', 'b', '1'],
  ['SADD', 'set:long', ...times(1000, (i) => [`m${i}`])],
  ['HSET', 'hash', 'f', 'v', 'n', '12', '', ''],
  ['HSET', 'hash:long', ...times(1000, (i) => [`f${i}`, `v${i}`])],
  ['HSET', 'hash:wide', 'f', 'y'.repeat(100)],
  ['ZADD', 'zset', '1', 'a', '2.5', 'b', '-inf', 'c', 'inf', 'd'],
  ['ZADD', 'zset:long', ...times(1000, (i) => [String(i / 4), `m${i}`])],
  ['GEOADD', 'geo', '13.361389', '38.115556', 'Palermo'],
  ...Array.from({ length: 300 }, (_, i) => ['XADD', 'stream', `${i + 1}-1`, 'a', `${i}`]),
  ['XADD', 'stream', '400-1', 'other', 'fields', 'than', 'those'],
  ['XDEL', 'stream', '5-1', '200-1'],
  ['XGROUP', 'CREATE', 'stream', 'readers', '0'],
  ['XREADGROUP', 'GROUP', 'readers', 'one', 'COUNT', '150', 'STREAMS', 'stream', '>'],
  ['XREADGROUP', 'GROUP', 'readers', 'two', 'COUNT', '5', 'STREAMS', 'stream', '>'],
  ['XACK', 'stream', 'readers', '2-1', '3-1'],
  'XCLAIM stream readers two 0 7-1 TIME 1600000000000 RETRYCOUNT 9 JUSTID'.split(' '),
  ['XGROUP', 'CREATE', 'stream', 'late', '$', 'ENTRIESREAD', '2'],
  ['XGROUP', 'CREATECONSUMER', 'stream', 'late', 'nobody'],
  ['XADD', 'stream:empty', '1-1', 'a', 'b'],
  ['XDEL', 'stream:empty', '1-1'],
  ['SELECT', '3'],
  ['SET', 'elsewhere', 'v'],
  ['SELECT', '0'],
]

/** The same for expiries of fields, which came with version 7.4. */
export const EVERY_FIELD_EXPIRY: readonly (readonly string[])[] = [
  ['HSET', 'hash:timed', 'f', 'v', 'g', 'w', 'h', 'x'],
  ['HPEXPIREAT', 'hash:timed', '4102444800000', 'FIELDS', '2', 'f', 'h'],
  ['HSET', 'hash:timed:long', ...times(1000, (i) => [`f${i}`, `v${i}`])],
  ...Array.from({ length: 40 }, (_, i) => [
    ...['HPEXPIREAT', 'hash:timed:long', String(4102444800000 + i), 'FIELDS', '1', `f${i}`],
  ]),
]

/** What tells of a stream beyond its entries, as commands. */
export const STREAM_FACTS: readonly (readonly string[])[] = [
  ['XINFO', 'GROUPS', 'stream'],
  ['XPENDING', 'stream', 'readers'],
  ['XPENDING', 'stream', 'late'],
]
