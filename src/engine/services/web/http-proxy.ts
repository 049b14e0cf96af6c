import type { Evidence } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { answerOf } from '../../http/client.ts'
import { openHttpSession } from '../../http/session.ts'
import type { HttpSession } from '../../http/wire.ts'
import type { Sighting, WebService } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { layersOf } from './http-identity.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * A port on which practically nothing listens: an open proxy tries it and says that it could not, a closed one refuses to try.
 */
const emptyPort = 65_533
/** Bytes of a page: only what stands above it tells. */
const bodyMost = 16_384
const proxies: readonly string[] = ['Squid', 'Tinyproxy', 'Privoxy']
const usual: readonly number[] = [808, 3128, 3129, 8000, 8080, 8081, 8118, 8123, 8888]

/**
 * An HTTP proxy, asked only for its own host: an absolute URL, and CONNECT, once to itself and once to a port of the same address
 * where
 * nobody listens. What tells is the difference: a web server that ignores the form of the request answers both alike.
 * Facts: `openProxy`, `connect`, `forward`, `auth`, `via`.
 * Reproduce: `curl -x http://HOST:PORT http://HOST:65533/`. Source: RFC 9110 7.6, 9.3.6.
 */
export const httpProxy: WebService = {
  name: 'http-proxy',
  ports: [3128],
  hints(root, port) {
    const names = ['proxy-agent', 'proxy-authenticate', 'x-squid-error', 'proxy-connection']
    const server = layersOf(root).server?.product ?? ''
    return (
      usual.includes(port) ||
      root.status === 407 ||
      names.some((name) => root.headers[name] !== undefined) ||
      server === 'Apache httpd' ||
      proxies.includes(server)
    )
  },
  async look(target) {
    const { root, at } = target
    if (target.tls || at.port === undefined) return null
    const host = at.address.includes(':') ? `[${at.address}]` : at.address
    const elsewhere = `${host}:${emptyPort}`
    const itself = `${host}:${at.port}`
    // The same host in the usual form: who answers it as the absolute URL routes by name, and forwards nothing.
    const session = openHttpSession(at, false, target.tools)
    const all: Said[] = []
    try {
      all.push(await say(session, 'GET', '/', elsewhere), await say(session, 'GET', `http://${elsewhere}/`, elsewhere))
      all.push(await say(session, 'CONNECT', elsewhere, elsewhere), await say(session, 'CONNECT', itself, itself))
    } finally {
      session.close()
    }
    const [plain, absolute, tunnel, home] = all as [Said, Said, Said, Said]
    const lost = all.find((answer) => answer.status === null && answer.code !== 'closed' && answer.code !== 'reset')
    const server = layersOf(root).server
    const isProxy = all.some(marked) || root.status === 407 || proxies.includes(server?.product ?? '')
    const forward = tried(absolute) && absolute.status !== plain.status
    const connect =
      (granted(home) && tunnel.status !== null && !granted(tunnel)) || (isProxy && tried(tunnel) && tunnel.status !== home.status)
    if (!isProxy && !forward && !connect) return null
    const open = forward || connect
    const via = all.map((answer) => /^via: *([^\r\n]{1,200})/im.exec(answer.head)?.[1]).find((text) => text !== undefined)
    return {
      ...server,
      facts: {
        openProxy: open,
        connect,
        forward,
        via: via === undefined ? null : clean(via),
        auth: all.some((answer) => answer.status === 407) ? true : open ? false : null,
      },
      evidence: joinEvidence(...all.map((answer) => answer.evidence).filter((one) => one !== null)),
      ...(lost === undefined ? {} : { incomplete: { code: lost.code, text: 'The proxy did not answer one of four requests' } }),
    } satisfies Sighting
  },
}

type Said = Readonly<{ status: number | null; head: string; code: string; evidence: Evidence | null }>

/** What is asked names another place, but goes to the target and nowhere else. */
async function say(session: HttpSession, method: string, target: string, host: string): Promise<Said> {
  const answer = await session.exchange({ method, target, host, bodyMost })
  if (failed(answer)) return { status: null, head: '', code: answer.failed, evidence: null }
  return { status: answer.version === '0.9' ? null : answer.status, head: answer.head, code: 'closed', evidence: answerOf(answer).evidence }
}

const granted = (answer: Said): boolean => answer.status !== null && answer.status >= 200 && answer.status < 300

/** The answer of a gateway that tried and failed. */
const tried = (answer: Said): boolean => answer.status !== null && [500, 502, 503, 504].includes(answer.status)

/** Headers that only a forward proxy sends. */
function marked(answer: Said): boolean {
  return answer.status === 407 || /^(?:proxy-agent|proxy-authenticate|x-squid-error|proxy-connection):/im.test(answer.head)
}
