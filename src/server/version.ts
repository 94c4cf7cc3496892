/** The project's own version, as package.json says it. */
import { readFileSync } from 'node:fs'

let version: string | undefined

/** For example `0.1.0`. */
export function projectVersion(): string {
  if (version === undefined) {
    const url = new URL('../../../package.json', import.meta.url)
    version = (JSON.parse(readFileSync(url, 'utf8')) as { version: string }).version
  }
  return version
}
