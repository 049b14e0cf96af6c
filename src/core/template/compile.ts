import { dnsBlock, scriptBlock, sslBlock, tcpBlock } from './compile/network.ts'
import { fieldsOf, isTrue, listOf, Refused, refuse, scalarOf, type Fields } from './compile/fields.ts'
import { flowOf } from './compile/flow.ts'
import { httpBlock } from './compile/http.ts'
import { timesOf, type FileOf } from './compile/payloads.ts'
import { bytesOf } from './bytes.ts'
import { fitsOf } from './fit.ts'
import { parseText } from './parse-text.ts'
import type { Block, Effect, Plan, Refusal } from './plan.ts'

const known = new Set([
  'id', 'info', 'variables', 'constants', 'flow', 'http', 'requests', 'tcp', 'network', 'dns', 'ssl', 'javascript', 'headless', 'file', 'code', 'workflows', 'websocket', 'whois', 'self-contained',
  'stop-at-first-match', 'signature',
])
/** What is never run over the network, or not by this engine. */
const elsewhere: readonly (readonly [field: string, reason: string, text: string])[] = [
  ['code', 'code', 'runs a program'], ['workflows', 'workflow', 'only lists other templates'], ['file', 'file', 'looks into files of a host'], ['headless', 'headless', 'needs a browser: work for the web scanner'],
  ['websocket', 'websocket', 'speaks WebSocket'], ['whois', 'whois', 'asks a registry'], ['signature', 'signature', 'signs requests with an account of a cloud'],
]
const mostBlocks = 200

/** Raised whenever the same template compiles to another plan, or to one where it was refused: feeds that did not change are then compiled again. */
export const languageVersion = 1

/**
 * A template, as YAML gave it, as a plan; or why not. `files` gives lists of payloads by the name the template gives them. YAML that leaves scalars as they are written is best: `00` is no number in
 * a template. `isUnsafe`: the source keeps it out of default scans.
 */
export function compileTemplate(parsed: unknown, files: FileOf, isUnsafe = false): Plan | Refusal {
  try {
    return planOf(fieldsOf(parsed), files, isUnsafe)
  } catch (error) {
    if (error instanceof Refused) return { reason: error.reason, text: error.message.slice(0, 300) }
    throw error
  }
}

function planOf(template: Fields, files: FileOf, isUnsafe: boolean): Plan {
  for (const key of Object.keys(template)) if (!known.has(key)) refuse('field', `the template has a field ${key.slice(0, 60)}`)
  for (const [field, reason, text] of elsewhere) if (template[field] !== undefined) refuse(reason, text)
  if (isTrue(template['self-contained'])) refuse('self-contained', 'does not speak to the target')
  const id = scalarOf(template.id)?.trim() ?? refuse('field', 'a template without an id')
  const info = fieldsOf(template.info)
  const tags = (Array.isArray(info.tags) ? info.tags.map(scalarOf) : (scalarOf(info.tags) ?? '').split(',')).map((tag) => tag?.trim().toLowerCase() ?? '').filter((tag) => tag !== '')
  const blocks = blocksOf(template, files)
  if (blocks.length === 0) refuse('field', 'a template that asks for nothing')
  const variables = Object.entries(fieldsOf(template.variables)).map(([name, value]) => [name, parseText(scalarOf(value) ?? refuse('field', `the variable ${name.slice(0, 40)} is no text`))] as const)
  const constants = Object.entries(fieldsOf(template.constants)).map(([name, value]) => [name, bytesOf(scalarOf(value) ?? refuse('field', `the constant ${name.slice(0, 40)} is no text`))] as const)
  const flow = scalarOf(template.flow)
  const written = JSON.stringify([variables, blocks])
  if (/"call":"generatejavagadget","of":\[\{"value":"(?!dns")/.test(written)) refuse('gadget', 'makes the target run a command by a Java gadget')
  return {
    id, tags, effect: effectOf(tags, isUnsafe), variables, ...(constants.length === 0 ? {} : { constants: Object.fromEntries(constants) }),
    blocks: isTrue(template['stop-at-first-match']) ? blocks.map((block) => ('stopAtFirst' in block ? { ...block, stopAtFirst: true } : block)) : blocks,
    ...(flow === null || flow.trim() === '' ? {} : { flow: flowOf(flow, blocks) }), callback: /interactsh(?:-url|_(?:protocol|request|response|ip))/.test(written), fits: fitsOf(info, blocks),
    requests: blocks.reduce((sum, block) => sum + requestsOf(block), 0),
  }
}

const sections: Readonly<Record<string, (value: unknown, files: FileOf) => Block>> = {
  http: httpBlock, requests: httpBlock, tcp: tcpBlock, network: tcpBlock, dns: dnsBlock, ssl: sslBlock, javascript: scriptBlock,
}

/** In the order of the file. */
function blocksOf(template: Fields, files: FileOf): readonly Block[] {
  const blocks = Object.entries(template).filter(([key]) => Object.hasOwn(sections, key)).flatMap(([key, value]) => listOf(value).map((one) => sections[key]!(one, files)))
  return blocks.length > mostBlocks ? refuse('too large', `${blocks.length} blocks`) : blocks
}

function requestsOf(block: Block): number {
  if (block.protocol === 'http') return block.requests.length * timesOf(block.payloads)
  if (block.protocol === 'tcp') return block.addresses.length * timesOf(block.payloads)
  return block.protocol === 'ssl' ? 1 : timesOf(block.payloads)
}

function effectOf(tags: readonly string[], isUnsafe: boolean): Effect {
  if (tags.includes('dos')) return 'dos'
  if (tags.some((tag) => ['intrusive', 'fuzz', 'fuzzing', 'bruteforce', 'brute-force'].includes(tag))) return 'intrusive'
  if (tags.some((tag) => ['default-login', 'default-logins', 'default-credentials'].includes(tag))) return 'login'
  return isUnsafe ? 'intrusive' : 'harmless'
}
