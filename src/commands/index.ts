/** The command table's rows, one folder for each group of the reference's manual. */
import type { CommandGroup } from '../engine/index.ts'
import { bitmapCommands } from './bitmap/index.ts'
import { connectionCommands } from './connection/index.ts'
import { genericCommands } from './generic/index.ts'
import { geoCommands } from './geo/index.ts'
import { hashCommands } from './hash/index.ts'
import { hyperloglogCommands } from './hyperloglog/index.ts'
import { listCommands } from './list/index.ts'
import { pubsubCommands } from './pubsub/index.ts'
import { scriptingCommands } from './scripting/index.ts'
import { serverCommands } from './server/index.ts'
import type { Services } from './services.ts'
import { setCommands } from './set/index.ts'
import { sortedSetCommands } from './sorted-set/index.ts'
import { streamCommands } from './stream/index.ts'
import { stringCommands } from './string/index.ts'
import { transactionCommands } from './transactions/index.ts'

export { isMissingCommand } from './missing.ts'
export { type Emit, rebuildEntry, rebuildInSteps } from './rebuild.ts'
export { wireConfig } from './server/index.ts'
export { REDIS_VERSION } from './server/version.ts'
export type { Identity, ReloadOptions, Services, ShutdownRequest } from './services.ts'

/** Every group, in the manual's order. */
export function commandGroups(services: Services): readonly CommandGroup[] {
  return [
    stringCommands,
    bitmapCommands,
    listCommands,
    setCommands,
    sortedSetCommands,
    hashCommands,
    hyperloglogCommands,
    streamCommands,
    geoCommands,
    genericCommands(services),
    pubsubCommands(services),
    scriptingCommands(services),
    transactionCommands(services),
    connectionCommands(services),
    serverCommands(services),
  ]
}
