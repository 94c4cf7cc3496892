/** The pubsub group: subscribing, publishing, and who listens to what. */
import { type CommandGroup, group } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { pubsubCommand } from './introspection.ts'
import { publishCommands } from './publish.ts'
import { subscribeCommands } from './subscribe.ts'

/** The rows of the pubsub group. */
export function pubsubCommands(services: Services): CommandGroup {
  return group('pubsub', [
    ...subscribeCommands(services),
    ...publishCommands(services),
    pubsubCommand(services),
  ])
}
