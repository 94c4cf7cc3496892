/** BullMQ, the queue that most Node programs use, unchanged against the program. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import {
  type ConnectionOptions,
  FlowProducer,
  type Job,
  type JobsOptions,
  type Processor,
  Queue,
  QueueEvents,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import { type Server, startHoldfast } from '../support/servers.ts'
import { within } from '../support/within.ts'

let server: Server
let connection: ConnectionOptions
let queueNumber = 0
let closing: (() => Promise<unknown>)[] = []

before(async () => {
  server = await startHoldfast({ directives: ['--appendonly', 'yes'] })
  connection = { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null }
})

afterEach(async () => {
  for (const close of closing.reverse()) await close()
  closing = []
})

after(() => server.stop())

function newQueue(defaultJobOptions: JobsOptions = {}): Queue {
  const queue = new Queue(`queue-${++queueNumber}`, { connection, defaultJobOptions })
  closing.push(() => queue.close())
  return queue
}

function newWorker(queue: Queue, process: Processor, options: Partial<WorkerOptions> = {}): Worker {
  const worker = new Worker(queue.name, process, { connection, ...options })
  worker.on('error', () => {})
  closing.push(() => worker.close())
  return worker
}

async function newEvents(queue: Queue): Promise<QueueEvents> {
  const events = new QueueEvents(queue.name, { connection, lastEventId: '0' })
  closing.push(() => events.close())
  await events.waitUntilReady()
  return events
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

test('1 000 jobs are each run once by several workers, and their results are kept', async () => {
  const queue = newQueue()
  const runs = new Map<number, number>()
  await queue.addBulk(numbers(1000).map((n) => ({ name: 'square', data: { n } })))
  const work = async (job: Job<{ n: number }>) => {
    runs.set(job.data.n, (runs.get(job.data.n) ?? 0) + 1)
    return job.data.n ** 2
  }
  for (let n = 0; n < 4; n++) newWorker(queue, work, { concurrency: 20 })
  await within(30_000, async () => (await queue.getCompletedCount()) === 1000)
  assert.equal(runs.size, 1000)
  assert.ok([...runs.values()].every((count) => count === 1))
  const jobs = (await queue.getJobs(['completed'], 0, 999)) as Job<{ n: number }>[]
  assert.equal(jobs.length, 1000)
  for (const job of jobs) assert.equal(job.returnvalue, job.data.n ** 2)
})

test('a job that fails is tried again, and gives up with its error after its attempts', async () => {
  const queue = newQueue({ attempts: 3, backoff: { type: 'fixed', delay: 20 } })
  const events = await newEvents(queue)
  const attempts = new Map<string, number>()
  newWorker(queue, async (job) => {
    const count = (attempts.get(job.name) ?? 0) + 1
    attempts.set(job.name, count)
    if (job.name === 'never' || count < 3) throw new Error(`attempt ${count}`)
    return count
  })
  const heals = await queue.add('third time', {})
  const never = await queue.add('never', {})
  assert.equal(await heals.waitUntilFinished(events, 20_000), 3)
  await assert.rejects(never.waitUntilFinished(events, 20_000), /attempt 3/)
  const failed = await queue.getJob(never.id!)
  assert.equal(failed?.attemptsMade, 3)
  assert.equal(failed?.failedReason, 'attempt 3')
  await failed?.retry()
  await within(20_000, async () => attempts.get('never') === 4)
})

test('a delayed job runs when its time has come, and not before', async () => {
  const queue = newQueue()
  const events = await newEvents(queue)
  const startedAt = Date.now()
  const job = await queue.add('later', {}, { delay: 300 })
  assert.equal(await job.getState(), 'delayed')
  newWorker(queue, async () => Date.now() - startedAt)
  const ranAfterMs = await job.waitUntilFinished(events, 20_000)
  assert.ok(ranAfterMs >= 300, `${ranAfterMs} ms`)
})

test('a scheduled job comes again and again until it is taken away', async () => {
  const queue = newQueue()
  let runs = 0
  newWorker(queue, async () => {
    runs++
  })
  await queue.upsertJobScheduler('every', { every: 50 }, { name: 'tick', data: {} })
  await within(20_000, async () => runs >= 3)
  assert.equal((await queue.getJobSchedulers()).length, 1)
  await queue.removeJobScheduler('every')
  assert.equal((await queue.getJobSchedulers()).length, 0)
})

test('jobs run by priority, and in their order within one', async () => {
  const queue = newQueue()
  const order: string[] = []
  for (const [name, priority] of [
    ['c', 3],
    ['b1', 2],
    ['a', 1],
    ['b2', 2],
    ['first', 0],
  ] as const) {
    await queue.add(name, {}, priority === 0 ? {} : { priority })
  }
  newWorker(queue, async (job) => {
    order.push(job.name)
  })
  await within(20_000, async () => order.length === 5)
  assert.deepEqual(order, ['first', 'a', 'b1', 'b2', 'c'])
})

test('a rate limit holds back what is above it', async () => {
  const queue = newQueue()
  const times: number[] = []
  await queue.addBulk(numbers(6).map(() => ({ name: 'limited', data: {} })))
  const limiter = { max: 2, duration: 300 }
  newWorker(
    queue,
    async () => {
      times.push(Date.now())
    },
    { limiter, concurrency: 10 },
  )
  await within(20_000, async () => times.length === 6)
  // Two in each period, and the first may have been told late of its beginning: the last two begin two
  // periods after it, and more than one after any that has begun.
  assert.ok(times[5]! - times[0]! >= 300, `${times[5]! - times[0]!} ms`)
})

test('a flow runs children before their parent, which gets their results', async () => {
  const queue = newQueue()
  const order: string[] = []
  const flows = new FlowProducer({ connection })
  closing.push(() => flows.close())
  newWorker(queue, async (job) => {
    order.push(job.name)
    if (job.name !== 'parent') return job.name.length
    return Object.values(await job.getChildrenValues()).reduce((sum, value) => sum + value, 0)
  })
  const events = await newEvents(queue)
  const child = (name: string) => ({ name, queueName: queue.name, data: {} })
  const flow = await flows.add({
    ...child('parent'),
    children: [child('one'), { ...child('three'), children: [child('leaf')] }],
  })
  assert.equal(await flow.job.waitUntilFinished(events, 20_000), 'one'.length + 'three'.length)
  assert.equal(order.at(-1), 'parent')
  assert.ok(order.indexOf('leaf') < order.indexOf('three'))
})

test('a queue that is paused gives out no job until it is resumed', async () => {
  const queue = newQueue()
  const ran: string[] = []
  await queue.pause()
  await queue.add('waits', {})
  const worker = newWorker(queue, async (job) => {
    ran.push(job.name)
  })
  await worker.waitUntilReady()
  assert.equal(await queue.isPaused(), true)
  assert.equal(await queue.getActiveCount(), 0)
  assert.deepEqual(ran, [])
  await queue.resume()
  await within(20_000, async () => ran.length === 1)
})

test('a job whose worker has gone is found to be stalled, and another runs it', async () => {
  const queue = newQueue()
  const job = await queue.add('left behind', {})
  // Takes the job as a worker does that dies: nobody renews its lock.
  const taker = newWorker(queue, async () => {}, { autorun: false, lockDuration: 200 })
  const taken = await taker.getNextJob('a token')
  assert.equal(taken?.id, job.id)
  const ran: string[] = []
  const options = { stalledInterval: 100, lockDuration: 1000 }
  newWorker(queue, async ({ name }) => void ran.push(name), options)
  await within(20_000, async () => (await job.getState()) === 'completed')
  assert.deepEqual(ran, ['left behind'])
})

test('events, progress, logs, counts and removal', async () => {
  const queue = newQueue({ removeOnFail: true })
  const events = await newEvents(queue)
  const seen: string[] = []
  events.on('added', ({ name }) => seen.push(`added ${name}`))
  events.on('progress', ({ data }) => seen.push(`progress ${JSON.stringify(data)}`))
  events.on('completed', ({ returnvalue }) => seen.push(`completed ${returnvalue}`))
  newWorker(queue, async (job) => {
    await job.updateProgress({ done: 50 })
    await job.log('half way')
    return 'ü€😀'
  })
  const job = await queue.add('watched', { text: 'ü€😀\0' }, { jobId: 'of my own' })
  await within(20_000, async () => seen.length === 3)
  assert.deepEqual(seen, ['added watched', 'progress {"done":50}', 'completed ü€😀'])
  assert.deepEqual((await queue.getJobLogs(job.id!)).logs, ['half way'])
  assert.deepEqual((await queue.getJob('of my own'))?.data, { text: 'ü€😀\0' })
  const counts = await queue.getJobCounts()
  assert.equal(counts.completed, 1)
  await queue.clean(0, 10, 'completed')
  assert.equal(await queue.getJob('of my own'), undefined)
  await queue.obliterate()
})
