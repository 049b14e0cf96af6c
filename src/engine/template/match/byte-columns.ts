import type { Instruction } from '#core/template/pattern/program.ts'

/** Bytes between which no instruction tells, as one column of a table: the column of each byte, and one byte of each. */
export type ByteColumns = Readonly<{ columnOf: Uint8Array; byteOf: readonly number[] }>

export function columnsOf(code: readonly Instruction[]): ByteColumns {
  const columnOf = new Uint8Array(256)
  const byteOf: number[] = []
  // Line ends, and what words are made of, are told apart for the assertions.
  let parts: readonly (readonly number[])[] = [Array.from({ length: 256 }, (_, byte) => byte)]
  const split = (isIn: (byte: number) => boolean): void => {
    parts = parts.flatMap((part) => [part.filter(isIn), part.filter((byte) => !isIn(byte))].filter(({ length }) => length > 0))
  }
  split((byte) => byte === 10)
  split((byte) => /\w/.test(String.fromCharCode(byte)))
  const sets = new Map(code.flatMap((one) => (one.kind === 'take' ? [[one.of.join(''), one.of] as const] : [])))
  for (const set of sets.values()) split((byte) => set[byte] === 1)
  for (const [column, part] of parts.entries()) {
    byteOf.push(part[0]!)
    for (const byte of part) columnOf[byte] = column
  }
  return { columnOf, byteOf }
}
