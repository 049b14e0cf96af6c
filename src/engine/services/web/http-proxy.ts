import type { Evidence } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Sighting, WebService, WebTarget } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { layersOf } from './http-identity.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * A port on which practically nothing listens: an open proxy tries it and says that it could not, a closed one refuses to try.
 */
const emptyPort = 65_533
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
    const plain = await say(target, `GET / HTTP/1.1\r\nHost: ${elsewhere}\r\nConnection: close\r\n\r\n`)
    const absolute = await say(target, `GET http://${elsewhere}/ HTTP/1.1\r\nHost: ${elsewhere}\r\nConnection: close\r\n\r\n`)
    const tunnel = await say(target, `CONNECT ${elsewhere} HTTP/1.1\r\nHost: ${elsewhere}\r\n\r\n`)
    const home = await say(target, `CONNECT ${itself} HTTP/1.1\r\nHost: ${itself}\r\n\r\n`)
    const all = [plain, absolute, tunnel, home]
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

async function say(target: WebTarget, request: string): Promise<Said> {
  const connection = await target.tools.net.connect({ address: target.at.address, port: target.at.port! })
  if (failed(connection)) return { status: null, head: '', code: connection.failed, evidence: null }
  try {
    connection.write(request)
    const answer = await connection.read({ until: '\r\n\r\n', most: 16_384 })
    const head = failed(answer) ? '' : textOf(answer.bytes)
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]
    return {
      status: status === undefined ? null : Number(status),
      head,
      code: failed(answer) ? answer.failed : 'closed',
      evidence: connection.evidence(),
    }
  } finally {
    connection.close()
  }
}

const granted = (answer: Said): boolean => answer.status !== null && answer.status >= 200 && answer.status < 300

/** The answer of a gateway that tried and failed. */
const tried = (answer: Said): boolean => answer.status !== null && [500, 502, 503, 504].includes(answer.status)

/** Headers that only a forward proxy sends. */
function marked(answer: Said): boolean {
  return answer.status === 407 || /^(?:proxy-agent|proxy-authenticate|x-squid-error|proxy-connection):/im.test(answer.head)
}
