/**
 * An expression of the template language as a tree, plain JSON. Parsed by src/core/template/parse-dsl.ts, worked out by src/engine/template/dsl/.
 * Numbers, strings (bytes as Latin-1, one character a byte), booleans and lists are all the values there are.
 */
export type Dsl =
  | Readonly<{ value: string | number | boolean }>
  | Readonly<{ name: string }>
  | Readonly<{ call: string; of: readonly Dsl[] }>
  | Readonly<{ op: Operator; of: readonly Dsl[] }>
  | Readonly<{ list: readonly Dsl[] }>
  /** A quoted text with `{{…}}` in it. */
  | Readonly<{ text: Text }>

/** `=~` and `!~` take an RE2 pattern on their right; `in` a list. Unary `-` and `!` have one operand; `?:` has three. */
export type Operator = '&&' | '||' | '!' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>' | '=~' | '!~' | 'in' | '?:' | '??'

/** Text with `{{…}}` in it, in pieces: what is fixed (bytes as Latin-1, too), and what is worked out. One fixed piece is the common case. */
export type Text = string | readonly (string | Piece)[]

/** `as`: how it was written, braces and all, which is what stays when a name in it is not known (or, where a request needs it, why that is not sent). */
export type Piece = Readonly<{ of: Dsl; as: string }>
