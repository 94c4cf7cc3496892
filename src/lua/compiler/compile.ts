/** Source text of Lua into source text of JavaScript. */
import { emitFunctionText } from './emit-statements.ts'
import { ChunkContext, type EmitOptions, FunctionFrame } from './frame.ts'
import { parseChunk } from './parser.ts'

/** What a chunk becomes. */
export interface CompiledChunk {
  /** The body of a function that takes the helpers, and gives the chunk's own function. */
  readonly code: string
  /** The names of the helpers that it takes. */
  readonly helpers: readonly string[]
  /** How many places remember where they last found a field. */
  readonly hintCount: number
}

/** Compiles a chunk. Raises a `LuaError` when it is not Lua. */
export function compileChunk(
  source: string,
  chunkName: string,
  options: EmitOptions,
): CompiledChunk {
  const context = new ChunkContext(options)
  const text = emitFunctionText(new FunctionFrame(context, parseChunk(source, chunkName)))
  return {
    // In parentheses V8 compiles it at once, instead of looking through it now and again when it runs.
    code: `const main=(\n${text})\nreturn main`,
    helpers: [...context.helpers],
    hintCount: context.hintCount,
  }
}
