/** `math`: the functions of C. */
import type { Realm } from '../realm.ts'
import { argumentError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import { powerNumbers } from '../runtime/operations.ts'
import { LuaTable } from '../table.ts'
import { type LuaFunction, type LuaResult, type LuaValue, NOTHING } from '../value.ts'
import { checkInt, checkNumber } from './arguments.ts'
import { install } from './callbacks.ts'

/** The largest number of the generator, which is never given. */
const RANDOM_MAX = 2 ** 31 - 1

/** The table `math`. */
export function mathLibrary(realm: Realm): LuaTable {
  const library = new LuaTable()
  const modulo = binary((a, b) => a % b)
  install(library, {
    pi: Math.PI,
    huge: Infinity,
    ...oneArgument(),
    atan2: binary(Math.atan2),
    fmod: modulo,
    mod: modulo,
    pow: binary(powerNumbers),
    ldexp(value: LuaValue, exponent: LuaValue): number {
      const count = arguments.length
      const power = checkInt(exponent, 2, count)
      return scaled(checkNumber(value, 1, count), power)
    },
    frexp,
    modf,
    max: extreme((a, b) => b > a),
    min: extreme((a, b) => b < a),
    random: randomOf(realm),
    randomseed(seed: LuaValue): LuaResult {
      realm.random.seed(checkInt(seed, 1, arguments.length))
      return NOTHING
    },
  })
  return library
}

function oneArgument(): Record<string, LuaFunction> {
  const { abs, acos, asin, atan, ceil, cos, cosh, exp, floor, log, log10 } = Math
  const { sin, sinh, sqrt, tan, tanh } = Math
  const functions = {
    ...{ abs, acos, asin, atan, ceil, cos, cosh, exp, floor, log, log10 },
    ...{ sin, sinh, sqrt, tan, tanh },
    deg: (value: number) => value / (Math.PI / 180),
    rad: (value: number) => value * (Math.PI / 180),
  }
  return Object.fromEntries(
    Object.entries(functions).map(([name, compute]) => {
      return [
        name,
        function (value: LuaValue): number {
          return compute(checkNumber(value, 1, arguments.length))
        },
      ]
    }),
  )
}

function binary(compute: (a: number, b: number) => number): LuaFunction {
  return function (a: LuaValue, b: LuaValue): number {
    // The reference looks at its second argument first.
    const right = checkNumber(b, 2, arguments.length)
    return compute(checkNumber(a, 1, arguments.length), right)
  }
}

/** A number times a power of two, without going beyond what a double can hold on the way. */
function scaled(value: number, exponent: number): number {
  let rest = Math.max(-3000, Math.min(3000, exponent))
  let result = value
  while (rest > 1000) {
    result *= 2 ** 1000
    rest -= 1000
  }
  while (rest < -1000) {
    result *= 2 ** -1000
    rest += 1000
  }
  return result * 2 ** rest
}

function frexp(value: LuaValue): LuaResult {
  const number = checkNumber(value, 1, arguments.length)
  if (number === 0 || !Number.isFinite(number)) return [number, 0]
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(number))) + 1)
  let mantissa = number * 2 ** -exponent
  // The logarithm of what is close to a power of two, or very small, may be off by some.
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2
    exponent--
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2
    exponent++
  }
  return [mantissa, exponent]
}

function modf(value: LuaValue): LuaResult {
  const number = checkNumber(value, 1, arguments.length)
  if (!Number.isFinite(number)) return [number, Number.isNaN(number) ? number : 0]
  const whole = Math.trunc(number)
  return [whole, number - whole]
}

function extreme(isBetter: (best: number, other: number) => boolean): LuaFunction {
  return (...values) => {
    let best = checkNumber(values[0], 1, values.length)
    for (let at = 1; at < values.length; at++) {
      const other = checkNumber(values[at], at + 1, values.length)
      if (isBetter(best, other)) best = other
    }
    return best
  }
}

function randomOf(realm: Realm): LuaFunction {
  return (...args) => {
    const fraction = (realm.random.next() % RANDOM_MAX) / RANDOM_MAX
    if (args.length === 0) return fraction
    if (args.length > 2) raise('wrong number of arguments')
    const first = checkInt(args[0], 1, args.length)
    if (args.length === 1) {
      if (first < 1) argumentError(1, 'interval is empty')
      return Math.floor(fraction * first) + 1
    }
    const last = checkInt(args[1], 2, 2)
    if (first > last) argumentError(2, 'interval is empty')
    return Math.floor(fraction * (last - first + 1)) + first
  }
}
