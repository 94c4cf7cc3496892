/** The connection group. */
import { group } from '../../engine/index.ts'
import { basicCommands } from './basic.ts'

export const connectionCommands = group('connection', [...basicCommands])
