/** The same schedules shared out among threads, so that each core of the machine runs some. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { noTotals, runStretch, type StretchOptions, type Totals } from './stretch.ts'

/** Each life leaves much behind that was short-lived: collecting it seldom is cheaper. */
const resourceLimits = { maxYoungGenerationSizeMb: 96 }

type Told = { readonly line: string } | { readonly totals: Totals }

/** Runs a stretch on so many threads: the first takes the first seed, the second the next one… */
export async function runShared(
  options: StretchOptions,
  workers: number,
  print: (line: string) => void,
): Promise<Totals> {
  const share = (first: number): StretchOptions => ({
    ...options,
    seed: options.seed + first,
    step: workers,
    schedules: Math.ceil((options.schedules - first) / workers),
  })
  const all = await Promise.all(
    Array.from({ length: workers }, (_, i) => runInWorker(share(i), print)),
  )
  const sum = noTotals()
  for (const totals of all) {
    for (const name of Object.keys(sum) as (keyof Totals)[]) sum[name] += totals[name]
  }
  return sum
}

function runInWorker(options: StretchOptions, print: (line: string) => void): Promise<Totals> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: options, resourceLimits })
    let totals: Totals | undefined
    worker.on('message', (told: Told) => {
      if ('line' in told) print(told.line)
      else totals = told.totals
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      if (totals === undefined) reject(new Error('a thread ended without a result'))
      else resolve(totals)
    })
  })
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  const tell = (told: Told) => port.postMessage(told)
  const totals = await runStretch(workerData as StretchOptions, (line) => tell({ line }))
  tell({ totals })
}
