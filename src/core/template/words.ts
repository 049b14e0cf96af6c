import { textOf } from './bytes.ts'
import type { Dsl, Text } from './dsl.ts'
import type { Block, Effect, HttpRequestPlan, Matcher, Plan } from './plan.ts'

const effects: Readonly<Record<Effect, string>> = {
  passive: 'It sends nothing of its own: it looks at what other checks received.',
  harmless: 'It asks and changes nothing.',
  login: 'It tries to log in.',
  intrusive: 'It may leave something behind or disturb: it is sent only where the option profile allows that.',
  dos: 'It is meant to deny service and is never sent.',
}
/** Longest piece that is quoted, and most lines of one kind: a page is for reading, what is left out stands as it is written. */
const [longest, most] = [160, 40]

/** What a template sends and when it fires, as people read it: plain lines, those of a part indented by two spaces. */
export function planWords(plan: Plan): string {
  const sent = plan.requests === 1 ? 'It sends at most 1 request.' : `It sends at most ${plan.requests} requests to one service.`
  const lines = [effects[plan.effect], ...(plan.effect === 'passive' ? [] : [sent]), ...(plan.callback ? ['It needs the listener for calls back: without one it is not sent.'] : []), ...plan.blocks.slice(0, most).flatMap(blockWords)]
  if (plan.blocks.length > 1) lines.push('', plan.flow === undefined ? 'Any part may fire by itself.' : plan.flow.kind === 'chain' ? 'Later parts are sent only when earlier ones hold.' : 'A script of the template decides which part is sent next.')
  return lines.join('\n')
}

function blockWords(block: Block): readonly string[] {
  const judged = block.matchers.filter((one) => !one.internal)
  const heads = judged.length > 0 ? judged : block.matchers
  const fires = heads.length === 0 ? ['It fires when it extracts something.'] : [heads.length === 1 ? 'It fires when' : block.condition === 'and' ? 'It fires when all of these hold:' : 'It fires when at least one of these holds:', ...cut(heads.map(matcherWords))]
  return ['', ...sends(block), ...fires]
}

function sends(block: Block): readonly string[] {
  switch (block.protocol) {
    case 'http':
      return block.global ? ['Looks at every answer that any template got.'] : ['Sends over HTTP:', ...cut(block.requests.map(requestWords))]
    case 'tcp':
      return [`Connects to ${block.addresses.map(shown).join(', ')}${block.inputs.length === 0 ? ' and listens.' : ' and sends:'}`, ...cut(block.inputs.map((one) => quoted(one.data)))]
    case 'dns':
      return [`Asks DNS for ${block.type} of ${shown(block.domain)}.`]
    case 'ssl':
      return [`Begins TLS with ${shown(block.address)}${block.minVersion === undefined && block.maxVersion === undefined ? '' : `, versions ${block.minVersion ?? ''} to ${block.maxVersion ?? ''}`}.`]
    case 'javascript':
      return ['Runs a script that speaks to the target alone.']
    default:
      return block satisfies never
  }
}

function requestWords(request: HttpRequestPlan): string {
  if (request.kind === 'path') return `${request.method} ${shown(request.path).replace(/^\{\{(?:BaseURL|RootURL)\}\}/, '') || '/'}${request.body === null ? '' : `  with ${quoted(request.body)}`}`
  const [line, rest] = splitHead(shown(request.text, 4000))
  const body = rest.split('\n\n').slice(1).join('\n\n').trim()
  return `${line.replace(/ HTTP\/[\d.]+$/, '').slice(0, longest)}${body === '' ? '' : `  with “${clip(body)}”`}`
}

function splitHead(text: string): readonly [string, string] {
  const plain = text.replaceAll('\r\n', '\n').replace(/^(?:@[^\n]*\n|\s)+/, '')
  const end = plain.indexOf('\n')
  return end < 0 ? [plain, ''] : [plain.slice(0, end), plain.slice(end)]
}

function matcherWords(matcher: Matcher): string {
  const list = (texts: readonly string[]): string => texts.slice(0, 12).join(matcher.condition === 'and' ? ' and ' : ' or ') + (texts.length > 12 ? ` and ${texts.length - 12} more` : '')
  const [yes, no] = matcher.negative ? ['does not', 'is not'] : ['', 'is']
  const has = (verb: string): string => (matcher.negative ? `${yes} ${verb}` : `${verb}s`)
  switch (matcher.type) {
    case 'status':
      return `the status ${no} ${list(matcher.values.map(String))}`
    case 'size':
      return `the size of the ${matcher.part} ${no} ${list(matcher.values.map(String))}`
    case 'word':
      return `the ${matcher.part} ${has('contain')} ${list(matcher.words.map(quoted))}${matcher.ignoreCase ? ', in any case' : ''}`
    case 'regex':
      return `the ${matcher.part} ${matcher.negative ? 'does not match' : 'matches'} ${list(matcher.patterns.map((one) => `/${clip(one.original)}/`))}`
    case 'binary':
      return `the ${matcher.part} ${has('hold')} the bytes ${list(matcher.bytes.map(clip))}`
    case 'dsl':
      return `${matcher.negative ? 'it does not hold that ' : ''}${list(matcher.of.map((one) => clip(dslWords(one))))}`
    case 'xpath':
      return `the ${matcher.part} ${has('show')} ${list(matcher.paths.map(clip))}`
    default:
      return matcher satisfies never
  }
}

function dslWords(of: Dsl): string {
  if ('value' in of) return typeof of.value === 'string' ? `"${textOf(of.value)}"` : String(of.value)
  if ('name' in of) return of.name
  if ('text' in of) return `"${shown(of.text)}"`
  if ('list' in of) return `(${of.list.map(dslWords).join(', ')})`
  if ('call' in of) return `${of.call}(${of.of.map(dslWords).join(', ')})`
  const parts = of.of.map((one) => ('op' in one ? `(${dslWords(one)})` : dslWords(one)))
  if (of.op === '?:') return `${parts[0]} ? ${parts[1]} : ${parts[2]}`
  return parts.length === 1 ? `${of.op}${parts[0]}` : parts.join(` ${of.op} `)
}

function shown(text: Text, size = longest): string {
  const whole = typeof text === 'string' ? text : text.map((one) => (typeof one === 'string' ? one : one.as)).join('')
  return clip(textOf(whole), size)
}

function quoted(text: Text): string {
  return `“${shown(text).replaceAll('\r', '\\r').replaceAll('\n', '\\n')}”`
}

function clip(text: string, size = longest): string {
  return text.length > size ? `${text.slice(0, size)}…` : text
}

function cut(lines: readonly string[]): readonly string[] {
  return [...lines.slice(0, most).map((line) => `  ${line}`), ...(lines.length > most ? [`  and ${lines.length - most} more`] : [])]
}
