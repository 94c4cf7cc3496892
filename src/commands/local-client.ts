/** Whether a client comes from this machine, which some settings ask for. */
import type { Client } from '../engine/index.ts'

/** True of Unix sockets and of the two loopback addresses. */
export function isLocal({ origin }: Client): boolean {
  return origin.isUnixSocket || /^(127\.0\.0\.1|\[?::1\]?):\d+$/.test(origin.address)
}
