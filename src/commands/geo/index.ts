/** The geo group: sorted sets whose scores are places on earth. */
import { group } from '../../engine/index.ts'
import { geoAddCommands } from './add.ts'
import { geoReadCommands } from './read.ts'
import { geoSearchCommands } from './search.ts'

export const geoCommands = group('geo', [
  ...geoAddCommands,
  ...geoReadCommands,
  ...geoSearchCommands,
])
