/**
 * Refusals, in the reference's words: programs match on them. A `ReplyError` is no `Error`, because it
 * is part of normal service and needs no stack.
 */
export class ReplyError {
  /** What goes on the wire after the `-`: the code and the sentence. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The arguments do not fit together. */
export const syntaxError = () => new ReplyError('ERR syntax error')
/** The key holds another type than the command works on. */
export const wrongType = () =>
  new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')
/** An argument or a value is no 64-bit integer. */
export const notAnInteger = () => new ReplyError('ERR value is not an integer or out of range')
/** An argument or a value is no floating-point number. */
export const notAFloat = () => new ReplyError('ERR value is not a valid float')
/** A command that needs a key found none. */
export const noSuchKey = () => new ReplyError('ERR no such key')
/** An index lies outside of the value. */
export const outOfRange = () => new ReplyError('ERR index out of range')
/** `name` as the reference prints it: in small letters, `config|get` for a subcommand. */
export const wrongArity = (name: string) =>
  new ReplyError(`ERR wrong number of arguments for '${name}' command`)
export const invalidExpiry = (name: string) =>
  new ReplyError(`ERR invalid expire time in '${name}' command`)
