/** `npm run crash`: kills a server under load as often as it is told to, and says what that came to. */
import { parseArgs } from 'node:util'
import { Seeded } from '../../src/host/index.ts'
import { type CrashPolicy, crashRounds, POLICIES } from './rounds.ts'

const USAGE = `usage: npm run crash -- [options]

  --rounds N      how often the server is killed (default 20)
  --policy NAME   appendfsync: always, everysec or no; a third of the rounds each by default
  --seed N        decides the moments, as far as the machine plays along

It ends with status 1 when something acknowledged was lost.`

const ROUNDS_MAX = 100_000

/** Runs with the arguments of the program. @returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args)
  if (typeof options === 'string') {
    console.log(options)
    return options === USAGE ? 0 : 2
  }
  const { rounds, policies, seed } = options
  console.log(`seed ${seed}`)
  const random = new Seeded(seed)
  for (const [i, policy] of policies.entries()) {
    const share = Math.floor((rounds + i) / policies.length)
    const begunMs = performance.now()
    try {
      const figures = await crashRounds({
        ...{ rounds: share, policy, random },
        finished(soFar) {
          if (soFar.rounds % 10 === 0) console.log(`${policy}: ${soFar.rounds} rounds…`)
        },
      })
      const seconds = ((performance.now() - begunMs) / 1000).toFixed(0)
      const moments = Object.entries(figures.moments).map(([name, count]) => `${count} ${name}`)
      console.log(
        `${policy}: ${figures.rounds} rounds in ${seconds} s, killed while ${moments.join(', ')}: ` +
          `${figures.acknowledged} acknowledged steps, 0 lost; ${figures.unknown} not acknowledged`,
      )
    } catch (error) {
      console.log(`${policy}: VIOLATION: ${(error as Error).message}`)
      return 1
    }
  }
  return 0
}

interface Options {
  readonly rounds: number
  readonly policies: readonly CrashPolicy[]
  readonly seed: number
}

function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '20' },
        policy: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return USAGE
    const policies = POLICIES.filter((one) => one === (values.policy ?? one))
    if (policies.length === 0)
      throw new RangeError(`--policy must be one of ${POLICIES.join(', ')}`)
    const rounds = Number(values.rounds)
    if (!/^\d+$/.test(values.rounds) || rounds < 1 || rounds > ROUNDS_MAX) {
      throw new RangeError(`--rounds must be a whole number from 1 to ${ROUNDS_MAX}`)
    }
    if (values.seed !== undefined && !/^\d{1,10}$/.test(values.seed)) {
      throw new RangeError('--seed must be a whole number')
    }
    return {
      rounds,
      policies,
      seed: Number(values.seed ?? Date.now()) % 2 ** 32,
    }
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
}
