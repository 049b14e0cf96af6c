import { askKey } from './ask.ts'
import { compileExpr, type Match, type Rule } from './match/compile.ts'
import { neededTexts } from './match/literal.ts'
import { textsOf, viewOf, type View } from './match/view.ts'
import type { Observation } from './observation.ts'
import type { Detection, FindingType, Signature } from './signature.ts'

/** Says which signatures hold at what was seen. Pure: the same observation always gives the same answer. */
export type Judge = (seen: Observation) => readonly Detection[]

type Check = Readonly<{ signature: Signature; rule: Rule }>
/** Checks by what they need first (service name, or key of the request), then by product; '' needs nothing. */
type Index = Map<string, Map<string, Check[]>>

const rootPage = askKey({ path: '/' })

/**
 * Compiles signatures into one judge. Only those that can hold are run: by kind; services by name and product; HTTP by the
 * request they asked for (without one, the root page). Throws `BadExpr` on a broken rule.
 */
export function compileJudge(signatures: readonly Signature[]): Judge {
  const kinds = new Map<string, Index>()
  for (const signature of signatures) {
    const check: Check = { signature, rule: compileExpr(signature.when) }
    const index: Index = kinds.get(signature.on) ?? new Map<string, Map<string, Check[]>>()
    kinds.set(signature.on, index)
    for (const [first, second] of keysOf(signature)) {
      const shelf = index.get(first) ?? new Map<string, Check[]>()
      index.set(first, shelf)
      const checks = shelf.get(second) ?? []
      shelf.set(second, checks)
      checks.push(check)
    }
  }
  return (seen) => {
    const index = kinds.get(seen.kind)
    if (index === undefined) return []
    const view = viewOf(seen)
    const detections: Detection[] = []
    const [first, second] = placeOf(seen, view)
    for (const one of first === '' ? [''] : ['', first]) {
      const shelf = index.get(one)
      if (shelf === undefined) continue
      for (const other of second === '' ? [''] : ['', second]) {
        for (const check of shelf.get(other) ?? []) {
          if (isFair(check.signature, seen) && check.rule.holds(view)) detections.push(detect(check, seen, view))
        }
      }
    }
    return detections.sort((a, b) => a.signature - b.signature)
  }
}

function keysOf(signature: Signature): readonly (readonly [string, string])[] {
  if (signature.on === 'http') return [[signature.ask === undefined ? rootPage : askKey(signature.ask), '']]
  if (signature.on !== 'service') return [['', '']]
  const names = [...(neededTexts(signature.when, 'name') ?? [''])]
  const products = [...(neededTexts(signature.when, 'product') ?? [''])]
  return names.flatMap((name) => products.map((product) => [name, product] as const))
}

function placeOf(seen: Observation, view: View): readonly [string, string] {
  if (seen.kind === 'http') return [seen.data.ask, '']
  if (seen.kind === 'service') return [view.lower('name'), view.lower('product')]
  return ['', '']
}

/** A server that answers any path alike proves nothing by what it says of a special one; the root page is no special one. */
function isFair(signature: Signature, seen: Observation): boolean {
  return !(seen.kind === 'http' && signature.ask !== undefined && signature.ask.path !== '/' && seen.data.catchAll)
}

function detect(check: Check, seen: Observation, view: View): Detection {
  const { signature } = check
  return {
    signature: signature.id,
    version: signature.version,
    at: seen.at,
    ...(signature.versioned === true ? weighVersion(signature.type, view) : { type: signature.type }),
    severity: signature.severity,
    result: fillResult(signature.result, view, check.rule.explain(view)),
    seen: seen.seen,
    by: seen.by,
    ...(seen.evidence === undefined ? {} : { evidence: seen.evidence }),
    ...(seen.proof === undefined ? {} : { proof: seen.proof }),
  }
}

const backports =
  'Distributions back-port security fixes without changing the version number, so the banner alone cannot tell whether ' +
  'this build is affected.'

/** What a banner's version is worth: on a distribution build a match is only potential. */
function weighVersion(type: FindingType, view: View): Pick<Detection, 'type' | 'note'> {
  const distro = view.get('distro')
  const version = shown(view, 'version')
  if (typeof distro === 'string' && type !== 'information') {
    const build = `The version${version === '' ? '' : ` ${version}`} is a ${clean(distro)} build.`
    const note = `${build} ${backports} Compare the installed package with the distribution’s advisory.`
    return { type: 'potential', note }
  }
  if (type !== 'potential') return { type }
  return { type, note: `The version was read from a banner. ${backports} Check what is installed.` }
}

/**
 * Fills `{field}` from the observation and `{match}` with the text by which the last part of the rule held. A template that shows
 * nothing of the observation gets what matched appended: a finding always carries its proof.
 */
function fillResult(template: string, view: View, matches: readonly Match[]): string {
  let filled = false
  const text = template.replace(/\{(\$?[\w-]+(?:\.[\w-]+)*)\}/g, (_, field: string) => {
    filled = true
    return field === 'match' ? clean(matches.at(-1)?.text ?? '') : shown(view, field)
  })
  if (filled || matches.length === 0)
    return text
      .replace(/ {2,}/g, ' ')
      .replace(/ ([,:;.])/g, '$1')
      .trim()
  return `${text} (${matches.map((one) => `${one.field}: ${clean(one.text)}`).join('; ')})`
}

const longestShown = 240

function shown(view: View, field: string): string {
  const value = view.get(field) ?? (field === 'product' ? view.get('name') : undefined)
  // Times are Unix ms; a reader wants a date.
  if (typeof value === 'number' && /(^\$seen|notBefore|notAfter)$/.test(field)) return new Date(value).toISOString().slice(0, 10)
  return clean(textsOf(value).join(', '))
}

// oxlint-disable-next-line no-control-regex
const invisible = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** What a server said is hostile: one line, no control characters, cut. */
function clean(text: string): string {
  const line = text.slice(0, longestShown * 2).replace(/\s+/g, ' ').replace(invisible, '�').trim()
  return line.length > longestShown ? `${line.slice(0, longestShown - 1)}…` : line
}
