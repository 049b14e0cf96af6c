/** What came from a target or a scanner, made fit for PostgreSQL: no NUL, no half characters, at most `most` UTF-16 units. */
export function fit(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text
  return cut.replaceAll('\u0000', '�').toWellFormed()
}
