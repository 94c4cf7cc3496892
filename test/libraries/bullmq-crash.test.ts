/** BullMQ over a server that is killed while its jobs run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectionOptions, Queue, Worker } from 'bullmq'
import { freshFolder, removeFolder, type Server, startHoldfast } from '../support/servers.ts'
import { within } from '../support/within.ts'

const JOBS = 1000
const KILL_AFTER = 300
const WORKERS = 4
const CONCURRENCY = 10

test('no job is lost when the server is killed, and none runs more often than BullMQ allows', async () => {
  const folder = freshFolder()
  const directives = ['--appendonly', 'yes', '--appendfsync', 'always']
  let server: Server = await startHoldfast({ folder, directives })
  const { port } = server
  const connection: ConnectionOptions = {
    host: '127.0.0.1',
    port,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  }
  const queue = new Queue('crash', { connection })
  queue.on('error', () => {})
  const workers: Worker[] = []
  try {
    const jobs = Array.from({ length: JOBS }, (_, n) => ({ name: 'job', data: { n } }))
    await queue.addBulk(jobs)
    const runs = new Map<number, number>()
    let running = 0
    let atKill: Set<number> | undefined
    const inFlight = new Set<number>()
    for (let n = 0; n < WORKERS; n++) {
      const work = async (job: { data: { n: number } }) => {
        running++
        inFlight.add(job.data.n)
        runs.set(job.data.n, (runs.get(job.data.n) ?? 0) + 1)
        await new Promise((resolve) => setImmediate(resolve))
        return job.data.n
      }
      const options = {
        connection,
        concurrency: CONCURRENCY,
        stalledInterval: 1_000,
        lockDuration: 10_000,
      }
      const worker = new Worker('crash', work, { ...options, maxStalledCount: 5 })
      worker.on('error', () => {})
      worker.on('completed', (job) => inFlight.delete(job.data.n))
      workers.push(worker)
    }
    await within(30_000, async () => running >= KILL_AFTER)
    await server.end('SIGKILL')
    // Only what had been begun and was not yet known to be done may be run again.
    atKill = new Set(inFlight)
    server = await startHoldfast({ folder, directives: [...directives, '--port', String(port)] })
    assert.equal(server.output().includes('Ready to accept connections'), true)
    await within(60_000, async () => (await queue.getCompletedCount()) === JOBS)
    assert.equal(runs.size, JOBS)
    const again = [...runs].filter(([, count]) => count > 1).map(([n]) => n)
    for (const n of again) assert.ok(atKill.has(n), `job ${n} ran again although it was done`)
    const counts = await queue.getJobCounts('failed', 'active', 'waiting', 'delayed')
    assert.deepEqual(counts, { failed: 0, active: 0, waiting: 0, delayed: 0 })
  } finally {
    await Promise.all(workers.map((worker) => worker.close(true)))
    await queue.close()
    await server.stop()
    removeFolder(folder)
  }
})
