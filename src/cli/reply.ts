/** What the tool takes from the protocol's room, in one place. */
export type { Reply, ReplyEntry } from '../resp/reply.ts'
export { replyEntries, replyItems, replyText } from '../resp/reply.ts'
export { ReplyFormatError, ReplyReader } from '../resp/reply-reader.ts'
