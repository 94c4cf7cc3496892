/** `os`: of the clock alone, scripts have no business with the machine. */
import type { Realm } from '../realm.ts'
import { LuaTable } from '../table.ts'

/** The table `os`. */
export function osLibrary(realm: Realm): LuaTable {
  const library = new LuaTable()
  const { clock } = realm.meter.options
  library.set(
    'clock',
    realm.hostFunction(() => clock() / 1000),
  )
  return library
}
