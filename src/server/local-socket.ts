/** Listening on a Unix socket. What has its name and is no socket is somebody's file, and stays. */
import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname, resolve } from 'node:path'
import type { ConfigValues } from '../config/index.ts'

/** Longer paths are cut by some versions of Node, and the socket has another name. unix(7) and macOS's. */
const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103

/**
 * Lets `server` listen on the socket that the settings name, with `listen` for the call and its end.
 * Throws the system's error; nothing is listened on then.
 */
export async function listenLocally(
  server: Server,
  values: ConfigValues,
  listen: (path: string) => Promise<void>,
): Promise<void> {
  const path = resolve(values.dir, values.unixsocket)
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw systemError('ENAMETOOLONG')
  // What a server that was killed left behind would be in the way.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path)
  // Node calls that EACCES, as it would be on Windows.
  if (!existsSync(dirname(path))) throw systemError('ENOENT')
  await listen(path)
  try {
    if (values.unixsocketperm !== 0) chmodSync(path, values.unixsocketperm)
  } catch (error) {
    server.close()
    throw error
  }
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}
