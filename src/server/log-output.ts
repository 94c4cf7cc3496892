/**
 * Where log lines go: to standard output, or to the file of `logfile`, which is opened for each line, so
 * that it may be moved away at any time. A line that cannot be written is lost: neither a full disk nor a
 * reader that has gone may end the store.
 */
import { appendFileSync } from 'node:fs'
import { ConfigError } from '../config/index.ts'
import { systemText } from '../host/index.ts'

/**
 * Prepares the output of a log and gives what writes a line.
 * @param path the log file, or an empty text for standard output.
 * @throws {ConfigError} when the file cannot be opened.
 */
export function openLogOutput(path: string): (line: string) => void {
  if (path === '') {
    // Without a listener, an error of the stream would end the process.
    process.stdout.on('error', () => {})
    return (line) => process.stdout.write(line)
  }
  try {
    appendFileSync(path, '')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new ConfigError(`Can't open the log file '${path}': ${systemText(code)}`)
  }
  return (line) => {
    try {
      appendFileSync(path, line)
    } catch {
      // There is no place left where one could complain.
    }
  }
}
