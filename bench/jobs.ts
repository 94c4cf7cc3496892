/**
 * A program of its own: puts jobs into a BullMQ queue and has workers take them, as an application
 * would, and prints what that took as a line of JSON (`JobFigures`).
 *
 *     node jobs.js PORT PID COUNT
 */
import { type ConnectionOptions, Queue, Worker } from 'bullmq'
import { cpuSeconds } from './proc.ts'

/** Times of one run, and the server's CPU time in it. */
export type JobFigures = {
  readonly addSeconds: number
  readonly addCpuSeconds: number
  readonly workSeconds: number
  readonly workCpuSeconds: number
}

const NAME = 'bench'
const BATCH = 500
const WORKERS = 4
const CONCURRENCY = 25
const TIMEOUT_MS = 120_000

async function run(port: number, pid: number, count: number): Promise<JobFigures> {
  const connection: ConnectionOptions = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const queue = new Queue(NAME, { connection })
  await queue.waitUntilReady()
  const add = await measured(pid, async () => {
    for (let n = 0; n < count; n += BATCH) {
      const size = Math.min(BATCH, count - n)
      const jobs = Array.from({ length: size }, (_, i) => ({ name: 'job', data: { n: n + i } }))
      await queue.addBulk(jobs)
    }
  })
  const workers: Worker[] = []
  const work = await measured(pid, async () => {
    let done = 0
    await new Promise<void>((resolve, reject) => {
      const process = async () => {
        done++
      }
      for (let n = 0; n < WORKERS; n++) {
        const worker = new Worker(NAME, process, { connection, concurrency: CONCURRENCY })
        worker.on('error', reject)
        worker.on('failed', (_, error) => reject(error))
        worker.on('completed', () => {
          if (--left === 0) resolve()
        })
        workers.push(worker)
      }
      let left = count
    })
    if (done !== count) throw new Error(`${count} jobs were run ${done} times`)
  })
  await Promise.all(workers.map((worker) => worker.close()))
  await queue.obliterate({ force: true })
  await queue.close()
  return {
    addSeconds: add.seconds,
    addCpuSeconds: add.cpuSeconds,
    workSeconds: work.seconds,
    workCpuSeconds: work.cpuSeconds,
  }
}

async function measured(
  pid: number,
  work: () => Promise<void>,
): Promise<{ seconds: number; cpuSeconds: number }> {
  const cpu = () => cpuSeconds(pid) ?? Number.NaN
  const startedAt = performance.now()
  const before = cpu()
  await work()
  return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: cpu() - before }
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

setTimeout(() => fail(`not done after ${TIMEOUT_MS} ms`), TIMEOUT_MS).unref()
const [port, pid, count] = process.argv.slice(2).map(Number)
run(port!, pid!, count!).then(
  (figures) => {
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    process.exit(0)
  },
  (error: Error) => fail(error.message),
)
