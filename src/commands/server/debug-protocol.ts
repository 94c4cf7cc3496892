/** DEBUG PROTOCOL: one sample of each kind of reply, for the authors of clients. */
import { ReplyError } from '../../engine/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'

type Sample = (reply: ReplyWriter) => void

const SAMPLES: Readonly<Record<string, Sample>> = {
  string: (reply) => reply.text('Hello World'),
  integer: (reply) => reply.integer(12345),
  double: (reply) => reply.double('3.141'),
  bignum: (reply) => reply.bigNumber('1234567999999999999999999999999999999'),
  null: (reply) => reply.null(),
  array: (reply) => {
    reply.array(3)
    for (let i = 0; i < 3; i++) reply.integer(i)
  },
  set: (reply) => {
    reply.set(3)
    for (let i = 0; i < 3; i++) reply.integer(i)
  },
  map: (reply) => {
    reply.map(3)
    for (let i = 0; i < 3; i++) {
      reply.integer(i)
      reply.boolean(i === 1)
    }
  },
  // What is no reply by itself is followed by one, for clients that count replies.
  attrib: (reply) => {
    if (reply.isResp3) {
      reply.attribute(1)
      reply.text('key-popularity')
      reply.array(2)
      reply.text('key:123')
      reply.integer(90)
    }
    reply.text('Some real reply following the attribute')
  },
  push: (reply) => {
    if (!reply.isResp3) throw new ReplyError('ERR RESP2 is not supported by this command')
    // What is out of band comes after the reply of the command that it came up in.
    reply.text('Some real reply following the push reply')
    reply.push(2)
    reply.text('server-cpu-usage')
    reply.integer(42)
  },
  verbatim: (reply) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
}

const NAMES = 'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false'

/** Answers with the sample `name`, in any case. */
export function replySample(reply: ReplyWriter, name: string): void {
  const sample = Object.hasOwn(SAMPLES, name.toLowerCase())
    ? SAMPLES[name.toLowerCase()]
    : undefined
  if (sample === undefined) {
    throw new ReplyError(`ERR Wrong protocol type name. Please use one of the following: ${NAMES}`)
  }
  sample(reply)
}
