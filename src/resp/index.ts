/**
 * The protocol, RESP2 and RESP3, both ways: requests are read from bytes as they arrive and replies
 * are written; and the other side of it for the tools, which read replies.
 */
export { ReplyWriter } from './reply-writer.ts'
export { Request } from './request.ts'
export {
  LINE_BYTES_MAX,
  ProtocolError,
  type RequestLimits,
  RequestParser,
} from './request-parser.ts'
