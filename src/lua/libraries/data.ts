/** The libraries for data that hosts may add to a realm: bits, structures, MessagePack and JSON. */
import type { Realm } from '../realm.ts'
import { installBit } from './bit.ts'
import { installCjson } from './cjson.ts'
import { installCmsgpack } from './cmsgpack.ts'
import type { JsonOptions } from './json-options.ts'
import { installStruct } from './struct.ts'

/** Puts `bit`, `struct`, `cmsgpack` and `cjson` into the globals; scripts may change the options. */
export function installDataLibraries(realm: Realm, json: JsonOptions): void {
  installBit(realm)
  installStruct(realm)
  installCmsgpack(realm)
  installCjson(realm, json)
}
