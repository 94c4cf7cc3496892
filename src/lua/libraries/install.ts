/** Puts the libraries of the language into a realm. */
import type { Realm } from '../realm.ts'
import type { KnownIterators } from '../runtime/helpers.ts'
import { baseLibrary } from './base.ts'
import { coroutineLibrary } from './coroutine.ts'
import { environmentLibrary } from './environment.ts'
import { mathLibrary } from './math.ts'
import { osLibrary } from './os.ts'
import { protectedLibrary } from './protected.ts'
import { stringLibrary } from './string.ts'
import { tableLibrary } from './table.ts'

/** Fills the globals of a realm. @returns the iterators that loops know */
export function installLibraries(realm: Realm): KnownIterators {
  const { globals } = realm
  const iterators = baseLibrary(realm)
  protectedLibrary(realm)
  environmentLibrary(realm)
  globals.set('coroutine', coroutineLibrary(realm))
  globals.set('table', tableLibrary(realm))
  globals.set('string', stringLibrary(realm))
  globals.set('math', mathLibrary(realm))
  globals.set('os', osLibrary(realm))
  globals.set('_G', globals)
  return iterators
}
