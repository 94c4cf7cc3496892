/**
 * CLIENT PAUSE: commands wait in front of the engine until the time is over or CLIENT UNPAUSE. While
 * it lasts nothing expires either, so that the data stands still.
 */
import {
  type Args,
  type Client,
  type CommandNature,
  type CommandSpec,
  ReplyError,
} from '../../../engine/index.ts'
import type { Timer } from '../../../host/index.ts'
import type { Services } from '../../services.ts'
import { wrongShape } from '../../wrong-shape.ts'

const INT64_MAX = 2n ** 63n - 1n
/** What a timer can wait for at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

class Pause {
  readonly #services: Services
  readonly #waiting = new Set<Client>()
  #timer: Timer | undefined
  #isAll = false
  #untilMs = 0

  constructor(services: Services) {
    this.#services = services
  }

  /** Begins or prolongs a pause. One that stops everything is not weakened by one for writes. */
  begin(untilMs: number, isAll: boolean): void {
    const { engine, keyspace } = this.#services
    this.#isAll ||= isAll
    this.#untilMs = Math.max(this.#untilMs, untilMs)
    engine.postpone = (nature, client) => this.#postpones(nature, client)
    keyspace.isExpiryPaused = true
    this.#wait()
  }

  /** Ends the pause; those who waited go on when this turn is over. */
  end(): void {
    const { engine, keyspace, host } = this.#services
    if (this.#timer === undefined) return
    this.#timer.stop()
    this.#timer = undefined
    this.#isAll = false
    this.#untilMs = 0
    engine.postpone = undefined
    keyspace.isExpiryPaused = false
    const clients = [...this.#waiting]
    this.#waiting.clear()
    host.timers.soon(() => {
      for (const client of clients) engine.resume(client)
    })
  }

  #wait(): void {
    const { host } = this.#services
    this.#timer?.stop()
    const leftMs = Math.max(0, this.#untilMs - host.clock.nowMs())
    this.#timer = host.timers.after(Math.min(leftMs, TIMER_MS_MAX), () => {
      if (host.clock.nowMs() >= this.#untilMs) this.end()
      else this.#wait()
    })
  }

  #postpones({ mayReplicate }: CommandNature, client: Client): boolean {
    const isHit = this.#isAll || mayReplicate
    if (isHit) this.#waiting.add(client)
    return isHit
  }
}

/** CLIENT PAUSE and CLIENT UNPAUSE. */
export function pauseSubcommands(services: Services): readonly CommandSpec[] {
  const pause = new Pause(services)
  return [
    {
      name: 'PAUSE',
      syntax: 'timeout:integer [WRITE | ALL]:mode',
      summary: 'Lets commands, or only those that write, wait for some milliseconds.',
      since: '3.0.0',
      argumentsSince: { mode: '6.2.0' },
      complexity: 'O(1)',
      arity: -3,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      history: [['6.2.0', 'The modes `WRITE` and `ALL`.']],
      run(call, args) {
        if (args.left > 2) throw wrongShape(args, 'CLIENT')
        const timeoutAt = args.at
        args.at++
        const isAll = readMode(args)
        args.at = timeoutAt
        pause.begin(readDeadline(args, call.keyspace.nowMs), isAll)
        call.reply.ok()
      },
    },
    {
      name: 'UNPAUSE',
      syntax: '',
      summary: 'Ends a pause at once.',
      since: '6.2.0',
      complexity: 'O(N) with N clients that wait.',
      arity: 2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      run({ reply }) {
        pause.end()
        reply.ok()
      },
    },
  ]
}

/** What is not left out is refused before the timeout is looked at. */
function readMode(args: Args): boolean {
  if (args.left === 0 || args.take('ALL')) return true
  if (args.take('WRITE')) return false
  throw new ReplyError('ERR CLIENT PAUSE mode must be WRITE or ALL')
}

function readDeadline(args: Args, nowMs: number): number {
  const timeoutMs = args.int64(
    () => new ReplyError('ERR timeout is not an integer or out of range'),
  )
  if (timeoutMs < 0n) throw new ReplyError('ERR timeout is negative')
  if (timeoutMs > INT64_MAX - BigInt(nowMs)) throw new ReplyError('ERR timeout is out of range')
  return nowMs + Number(timeoutMs)
}
