/**
 * Builds everything below into one object: a store with its settings, data, commands and durability,
 * and no socket in sight.
 */
export { CommandFormat } from './command-format.ts'
export { Logger, type LogLevel } from './logger.ts'
export { Store, type StoreOptions } from './store.ts'
