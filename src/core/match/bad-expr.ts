/** A rule that cannot be compiled; the text names the place in the tree. */
export class BadExpr extends Error {
  constructor(at: string, text: string) {
    super(`${at}: ${text}`)
    this.name = 'BadExpr'
  }
}
