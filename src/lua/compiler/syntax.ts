/** What the parser makes of a chunk: statements and expressions whose names are resolved. */

/** A local variable. */
export interface Variable {
  readonly name: string
  /** Its name in the compiled code, unique in the chunk. */
  readonly label: string
  readonly owner: FunctionBody
  /** Something uses it. */
  isUsed: boolean
  /** A function within the one that declares it uses it. */
  isCaptured: boolean
  /** It is assigned to after its declaration. */
  isAssigned: boolean
  /** It was declared by `local function`. */
  isFunction: boolean
  /** It is always a number: the variable of a numeric loop. */
  isNumber: boolean
}

/** A function, or the chunk as a whole. */
export interface FunctionBody {
  /** 0 for the chunk; others count up in the order of their text. */
  readonly id: number
  readonly parent: FunctionBody | undefined
  readonly line: number
  readonly parameters: Variable[]
  isVararg: boolean
  /** The table `arg` of a function with `...` that does not use `...` itself. */
  argTable: Variable | undefined
  usesVararg: boolean
  /** It calls something, so it can be part of a deep recursion. */
  hasCalls: boolean
  /** Its own statements and expressions: what one pass through it costs. */
  size: number
  /** The most local variables that live at once. */
  width: number
  /** The local variables of enclosing functions that it uses, itself or in functions within. */
  readonly upvalues: Set<Variable>
  block: Statement[]
}

/** Where something that can fail is, and what messages call it. */
export interface Site {
  readonly line: number
}

/** An expression. */
export type Expression =
  | { readonly kind: 'nil' | 'true' | 'false' | 'vararg' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'function'; readonly body: FunctionBody }
  | { readonly kind: 'local'; readonly variable: Variable; readonly isUpvalue: boolean }
  | { readonly kind: 'global'; readonly name: string; readonly line: number }
  | IndexExpression
  | CallExpression
  | BinaryExpression
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'unary'
      readonly operator: '-' | '#'
      readonly operand: Expression
      readonly line: number
    }
  | TableExpression
  | { readonly kind: 'paren'; readonly inner: Expression }

/** `object[key]`. */
export interface IndexExpression extends Site {
  readonly kind: 'index'
  readonly object: Expression
  readonly key: Expression
}

/** `callee(args)`, or `callee:method(args)`. */
export interface CallExpression extends Site {
  readonly kind: 'call'
  readonly callee: Expression
  readonly method: string | undefined
  readonly args: readonly Expression[]
}

/** Operators that have two operands and always look at both. */
export type BinaryOperator = ArithmeticOperator | '..' | '==' | '~=' | '<' | '<=' | '>' | '>='

/** Operators on numbers. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^'

/** `left operator right`. */
export interface BinaryExpression extends Site {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
}

/** `{ … }`: what stands in it, in order; items without a key are those of the array. */
export interface TableExpression extends Site {
  readonly kind: 'table'
  readonly items: readonly { readonly key: Expression | undefined; readonly value: Expression }[]
}

/** A statement. */
export type Statement =
  | {
      readonly kind: 'local'
      readonly variables: readonly Variable[]
      readonly values: readonly Expression[]
    }
  | {
      readonly kind: 'local function'
      readonly variable: Variable
      readonly body: FunctionBody
    }
  | {
      readonly kind: 'assign'
      readonly targets: readonly Expression[]
      readonly values: readonly Expression[]
      readonly line: number
    }
  | { readonly kind: 'call'; readonly call: CallExpression }
  | { readonly kind: 'do'; readonly block: readonly Statement[] }
  | {
      readonly kind: 'while' | 'repeat'
      readonly condition: Expression
      readonly block: readonly Statement[]
      readonly size: number
    }
  | {
      readonly kind: 'if'
      readonly branches: readonly {
        readonly condition: Expression
        readonly block: readonly Statement[]
      }[]
      readonly otherwise: readonly Statement[] | undefined
    }
  | NumericFor
  | GenericFor
  | { readonly kind: 'return'; readonly values: readonly Expression[]; readonly line: number }
  | { readonly kind: 'break' }

/** `for variable = from, to, step do block end`. */
export interface NumericFor extends Site {
  readonly kind: 'numeric for'
  readonly variable: Variable
  readonly from: Expression
  readonly to: Expression
  readonly step: Expression | undefined
  readonly block: readonly Statement[]
  readonly size: number
}

/** `for variables in values do block end`. */
export interface GenericFor extends Site {
  readonly kind: 'generic for'
  readonly variables: readonly Variable[]
  readonly values: readonly Expression[]
  readonly block: readonly Statement[]
  readonly size: number
}
