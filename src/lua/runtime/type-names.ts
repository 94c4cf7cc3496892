/** What values are called, and where their metatables are. */
import { LuaTable } from '../table.ts'
import { LuaThread } from '../thread.ts'
import type { LuaValue } from '../value.ts'

/** The name of a value's type, as `type` gives it. */
export function typeName(value: LuaValue): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil'
    case 'object':
      if (value instanceof LuaTable) return 'table'
      return value instanceof LuaThread ? 'thread' : 'userdata'
    default:
      return typeof value
  }
}

const addresses = new WeakMap<object, string>()
let addressCount = 0

/** What `tostring` shows of an object: another for each, and the same one each time. */
export function addressOf(value: object): string {
  let address = addresses.get(value)
  if (address === undefined) {
    address = `0x${(0x55d0_0000_0000 + 32 * ++addressCount).toString(16)}`
    addresses.set(value, address)
  }
  return address
}
