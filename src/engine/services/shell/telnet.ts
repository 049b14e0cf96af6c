import type { Facts } from '#core/observation.ts'
import { failed, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { distroPart, productOf, type ProductRule } from '../product.ts'

const products: readonly ProductRule[] = [
  { pattern: /User Access Verification|Cisco IOS/i, product: 'Cisco IOS telnetd', cpe: 'cisco:ios' },
  { pattern: /MikroTik v?(\d[\w.]{0,16})/i, product: 'MikroTik', cpe: 'mikrotik:routeros' },
  { pattern: /Welcome to Microsoft Telnet Service/i, product: 'Windows Telnet' },
  { pattern: /BusyBox v(\d[\d.]{0,12})/i, product: 'BusyBox telnetd', cpe: 'busybox:busybox' },
  { pattern: /HP JetDirect/i, product: 'HP JetDirect' },
  { pattern: /(?:Debian|Ubuntu|Linux)[^\n]{0,60}\n[^\n]{0,60}login:/i, product: 'Linux telnetd' },
]

const iac = 255
const subnegotiation = 250
const subnegotiationEnd = 240
const verbs: Readonly<Record<number, string>> = { 251: 'WILL', 252: 'WONT', 253: 'DO', 254: 'DONT' }
const echo = 1
const goAhead = 3
const encryption = 38

/** Rounds of negotiation; a server that bargains for longer is not a login. */
const mostRounds = 10

/**
 * Telnet (RFC 854). Refuses every option but echo and go-ahead, as the plainest terminal would, and reads until a prompt comes. Types nothing.
 * Facts: see FACTS.md. Reproduce: `telnet HOST`.
 */
export const telnet: Service = {
  name: 'telnet',
  ports: [23, 2323],
  tlsPorts: [992],
  greets: (greeting) => greeting[0] === iac && (verbs[greeting[1] ?? 0] !== undefined || greeting[1] === subnegotiation),
  async look({ open, tls, at }) {
    const connection = await open()
    const options: string[] = []
    let text = ''
    let trouble: Failure | null = null
    for (let round = 0; round < mostRounds; round++) {
      const heard = await connection.read({ most: 8192 })
      if (failed(heard)) {
        // Silence after something was said is a prompt, not a fault.
        if (heard.failed !== 'timeout' || (options.length === 0 && text === '')) trouble = heard
        break
      }
      const { commands, plain } = parseTelnet(heard.bytes)
      for (const { verb, option } of commands) options.push(`${verbs[verb]} ${option}`)
      text = (text + plain).slice(0, 16_384)
      const answer = refuse(commands)
      if (answer.length > 0) connection.write(answer)
      if (heard.ended || promptOf(text) !== null || options.length > 200) break
    }
    const prompt = promptOf(text)
    // Without negotiation only its own port and a prompt tell it from any other text.
    if (options.length === 0 && !([23, 2323, 992].includes(at.port ?? 0) && prompt !== null)) return null
    const facts: Record<string, Facts[string]> = {
      options: [...new Set(options)].slice(0, 64),
      encrypt: options.some((option) => option === `WILL ${encryption}` || option === `DO ${encryption}`),
      login: prompt === 'login',
      shell: prompt === 'shell',
      text: clean(text, 256),
      auth: prompt === null ? null : prompt === 'login',
    }
    if (!tls) facts.cleartextLogin = prompt === 'login'
    return {
      ...productOf(text, products),
      ...distroPart(text),
      facts,
      evidence: connection.evidence(),
      ...(trouble === null ? {} : { incomplete: { code: trouble.failed, text: trouble.text } }),
    }
  },
}

/** What the end of the text asks for. */
export function promptOf(text: string): 'login' | 'shell' | null {
  const last = text.slice(-400)
  if (/(?:login|username|user ?name|user|account|password|passcode)(?: ?\([^)\n]{0,40}\))? ?[:>] ?$/i.test(last)) return 'login'
  // Something must stand before the sign: a lone `>` may be the end of a picture.
  return /(?:^|[\r\n])[^\r\n<]{0,60}(?:\w|[\])~/] ?)[#$%>] ?$/.test(last) ? 'shell' : null
}

type Command = Readonly<{ verb: number; option: number }>

/** Parts negotiation from text. Cut-off commands at the end are dropped. */
export function parseTelnet(bytes: Uint8Array): Readonly<{ commands: readonly Command[]; plain: string }> {
  const commands: Command[] = []
  const plain: number[] = []
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== iac) {
      if (bytes[at] !== 0) plain.push(bytes[at]!)
      continue
    }
    const verb = bytes[at + 1]
    if (verb === undefined) break
    if (verb === iac) plain.push(iac)
    if (verb === subnegotiation) {
      while (at < bytes.length && !(bytes[at] === iac && bytes[at + 1] === subnegotiationEnd)) at++
    } else if (verbs[verb] !== undefined) {
      const option = bytes[at + 2]
      if (option === undefined) break
      if (commands.length < 200) commands.push({ verb, option })
      at++
    }
    at++
  }
  return { commands, plain: textOf(Uint8Array.from(plain)) }
}

function refuse(commands: readonly Command[]): Uint8Array {
  return Uint8Array.from(commands.flatMap(({ verb, option }) => {
    if (verb === 253) return [iac, 252, option]
    if (verb !== 251) return []
    return [iac, option === echo || option === goAhead ? 253 : 254, option]
  }))
}
