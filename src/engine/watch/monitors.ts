/** MONITOR: clients that are shown every command that was run. */
import { fromLatin1, quoteArg } from '../../bytes/index.ts'
import type { Clock } from '../../host/index.ts'
import type { Request } from '../../resp/index.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import type { Pushes } from '../pushes.ts'
import { shownArguments } from './shown-request.ts'

export class Monitors {
  /** Whether anybody monitors. */
  isOn = false
  readonly #clock: Clock
  readonly #pushes: Pushes
  readonly #rearm: () => void
  readonly #clients = new Set<Client>()

  /** `rearm` is called when `isOn` has changed. */
  constructor(clock: Clock, pushes: Pushes, rearm: () => void) {
    this.#clock = clock
    this.#pushes = pushes
    this.#rearm = rearm
  }

  /** Shows a client the commands after the one that runs. */
  add(client: Client): void {
    this.#clients.add(client)
    client.isMonitor = true
    this.#update()
  }

  /** Shows a client no more. */
  remove(client: Client): void {
    if (!client.isMonitor) return
    this.#clients.delete(client)
    client.isMonitor = false
    this.#update()
  }

  /** Tells of a command. Those that only administrators may see are left out. */
  tell(client: Client, command: Command, request: Request): void {
    if (command.spec.flags.includes('admin')) return
    const line = fromLatin1(this.#lineOf(client, command, request))
    this.#pushes.begin({ write: (reply) => reply.raw(line) })
    for (const monitor of this.#clients) if (isListening(monitor)) this.#pushes.to(monitor)
  }

  #lineOf(client: Client, command: Command, request: Request): string {
    const nowMs = this.#clock.nowMs()
    const seconds = Math.floor(nowMs / 1000)
    const micros = String((nowMs % 1000) * 1000).padStart(6, '0')
    const { address, isUnixSocket } = client.origin
    const from = isUnixSocket ? `unix:${address.replace(/:0$/, '')}` : address
    const words = shownArguments(command, request).map(quoteArg).join(' ')
    return `+${seconds}.${micros} [${client.db.index} ${from}] ${words}\r\n`
  }

  #update(): void {
    const isOn = this.#clients.size > 0
    if (isOn === this.isOn) return
    this.isOn = isOn
    this.#rearm()
  }
}

/** Lines are replies of MONITOR: who wants no replies, or is to be closed, gets none. */
function isListening({ isMuted, isClosing }: Client): boolean {
  return !isClosing && !isMuted
}
