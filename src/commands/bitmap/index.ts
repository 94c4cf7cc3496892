/** The bitmap group. */
import { group } from '../../engine/index.ts'
import { combineCommands } from './combine.ts'
import { bitFieldCommands } from './fields.ts'
import { bitRangeCommands } from './ranges.ts'
import { singleBitCommands } from './single.ts'

export const bitmapCommands = group('bitmap', [
  ...singleBitCommands,
  ...bitRangeCommands,
  ...combineCommands,
  ...bitFieldCommands,
])
