/** How a command of the naive store looks. */
import type { Answer, Model, WAIT } from './model.ts'

/** One command. It throws a `Refusal` for an error. */
export interface Row {
  readonly isWrite?: boolean
  run(model: Model, args: readonly string[]): Answer | typeof WAIT
}

/** Several answers in their order. */
export function list(items: readonly Answer[]): Answer {
  return { items, isOrdered: true }
}

/** Several answers in any order. */
export function anyOrder(items: readonly Answer[]): Answer {
  return { items, isOrdered: false }
}
