/**
 * What clients are told without asking for it just then: messages published to channels, key events,
 * and the keys that their caches must forget. The room knows who has asked for what and how it is
 * said; the engine sees to it that it leaves in order.
 */
export { KeyEvents } from './key-events.ts'
export { Confirmation } from './messages.ts'
export { PubSub, type PubSubEngine, type TopicKind } from './pub-sub.ts'
export type { Topic } from './topics.ts'
export { Tracking, type TrackingOptions, type TrackingState } from './tracking.ts'
