import { isDeepStrictEqual } from 'node:util'
import { compileJudge } from '#core/judge.ts'
import type { Signature } from '#core/signature.ts'
import { loadEntries } from '#formats/content.ts'
import { readSignatureFile, type SignatureEntry } from '#formats/signature-file.ts'
import type { Fixture } from '#formats/signature-fixture.ts'

export type RegressionRow = Readonly<{
  fixture: string; check: number; file: string | null; expected: 'fires' | 'silent'; got: 'fires' | 'silent'; passed: boolean; text: string
}>
export type RegressionResult = Readonly<{ passed: boolean; fixtures: number; failures: number; rows: readonly RegressionRow[] }>

export type RegressionAsk = Readonly<{
  /** What the author wrote; null: the check is to be withdrawn. */
  text: string | null
  check: number
  content: string
  published: readonly Readonly<{ id: number; body: string | null }>[]
}>

const mostRows = 200

/**
 * Tries a draft: it must fire on each of its own `fires`, with a result that has no hole, on none of its `spares`, and must not begin to fire on a fixture of another
 * check, or on what its predecessor was to spare. `also` in the draft names checks on whose fixtures it may; `$also` in a fixture names checks that may fire on it.
 */
export async function regress({ text, check, content, published }: RegressionAsk): Promise<RegressionResult> {
  const entries = await inForce(content, published)
  const before = entries.find((one) => one.signature.id === check) ?? null
  if (text === null) return { passed: true, fixtures: 0, failures: 0, rows: [] }
  const { entries: [draft], problems } = readSignatureFile('draft', text)
  if (draft === undefined || problems.length > 0) throw new Error('the draft has faults')
  const others = entries.filter((one) => one.signature.id !== check)
  const fires = firing(draft.signature)
  const firedBefore = before === null ? () => null : firing(before.signature)
  const rows: RegressionRow[] = [...ownRows(draft, fires)]
  let fixtures = rows.length
  for (const other of [...others, ...(before === null ? [] : [before])]) {
    for (const [name, list] of [['fires', other.fires], ['spares', other.spares]] as const) {
      if (other === before && name === 'fires') continue
      for (const [index, fixture] of list.entries()) {
        fixtures++
        const result = fires(fixture)
        if (result === null || mayFire(draft, other, fixture, other === before) || (other !== before && firedBefore(fixture) !== null)) continue
        const what = other === before ? 'what it spared before' : `a fixture of “${other.signature.title}”`
        rows.push({
          fixture: `${other.signature.id} ${name}[${index}]`, check: other.signature.id, file: other.file, expected: 'silent', got: 'fires', passed: false,
          text: `begins to fire on ${what}: ${result}`.slice(0, 600),
        })
      }
    }
  }
  const failures = rows.filter((row) => !row.passed).length
  const own = rows.filter((row) => row.file === null)
  return { passed: failures === 0, fixtures, failures, rows: [...own, ...rows.filter((row) => row.file !== null).slice(0, mostRows)] }
}

/** All signatures in force with their fixtures: shipped, and published over them. */
async function inForce(content: string, published: RegressionAsk['published']): Promise<readonly SignatureEntry[]> {
  const own = new Map(published.map((one) => [one.id, one]))
  const { entries } = await loadEntries(content)
  const read = published.flatMap(({ id, body }) => (body === null ? [] : readSignatureFile(`published/${id}`, body).entries))
  return [...entries.filter((one) => !own.has(one.signature.id)), ...read]
}

function firing(signature: Signature): (fixture: Fixture) => string | null {
  const judge = compileJudge([signature])
  return (fixture) => judge(fixture.seen)[0]?.result ?? null
}

function* ownRows(draft: SignatureEntry, fires: (fixture: Fixture) => string | null): Generator<RegressionRow> {
  const common = { check: draft.signature.id, file: null }
  for (const [index, fixture] of draft.fires.entries()) {
    const result = fires(fixture)
    const hole = result !== null && /\{[\w$]|undefined|NaN|\s\(\s*\)|\s{2}|[:=]\s*$/.test(result)
    yield {
      ...common, fixture: `fires[${index}]`, expected: 'fires', got: result === null ? 'silent' : 'fires', passed: result !== null && !hole,
      text: (result === null ? 'it stays silent' : hole ? `its result shows a hole: ${result}` : result).slice(0, 600),
    }
  }
  for (const [index, fixture] of draft.spares.entries()) {
    const result = fires(fixture)
    yield { ...common, fixture: `spares[${index}]`, expected: 'silent', got: result === null ? 'silent' : 'fires', passed: result === null, text: (result ?? '').slice(0, 600) }
  }
}

function mayFire(draft: SignatureEntry, other: SignatureEntry, fixture: Fixture, isBefore: boolean): boolean {
  // An author may find that what was spared is what should be found: then it is one of the draft's own fixtures.
  if (isBefore) return draft.fires.some((one) => isDeepStrictEqual(one.seen, fixture.seen))
  return draft.also.includes(other.signature.id) || fixture.also.includes(draft.signature.id)
}
