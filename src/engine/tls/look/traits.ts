import type { Shapes } from '#core/observation.ts'
import type { Ask } from '../asker.ts'
import type { Shown } from '../proof.ts'
import { extension, vector, wireVersion } from '../hello.ts'
import { commonGroups } from '../groups.ts'
import { factsOf } from '../suites.ts'
import { exhaust, type Offer } from './enumerate.ts'

type Traits = Pick<Shapes['tls'], 'alpn' | 'compression' | 'encryptThenMac' | 'extendedMasterSecret' | 'fallbackGuard' | 'heartbeat' | 'intolerant' | 'secureRenegotiation' | 'sessionIds' | 'stapling' | 'tickets'>

const protocols = ['h2', 'http/1.1', 'http/1.0', 'spdy/3.1', 'acme-tls/1', 'imap', 'pop3', 'smtp', 'ftp', 'xmpp-client', 'xmpp-server', 'mqtt', 'dot', 'postgresql', 'managesieve', 'irc']

const alpnType = 16
const deflate = 1
const inappropriateFallback = 86
/** OCSP, no responders, no extensions. */
const status = extension(5, Uint8Array.from([1, 0, 0, 0, 0]))
const heartbeat = extension(15, Uint8Array.from([1]))

/** What a server agrees to beside suites, below TLS 1.3, where it says so in the clear. */
export async function traitsOf(ask: Ask, below: Offer | undefined, accepted: readonly string[], fragile: boolean): Promise<Traits & Readonly<{ shown: readonly Shown[] }>> {
  if (below === undefined) return { shown: [] }
  const { version, suites } = below
  const blocks = suites.filter((suite) => factsOf(suite)?.aead === false)
  const more = [status, heartbeat, extension(23), extension(35)]
  const shown: Shown[] = []
  const [all, mac, alpn, fallbackGuard, intolerant] = await Promise.all([
    ask({ version, suites, more, compression: [deflate, 0] }, ({ done }) => done),
    blocks.length === 0 || version === 'SSLv3' ? null : ask({ version, suites: blocks, more: [extension(22)] }),
    version === 'SSLv3' ? null : protocolsOf(ask, below),
    guardOf(ask, below, accepted, shown),
    fragile || version !== 'TLSv1.2' ? undefined : intolerantOf(ask, below, shown),
  ])
  const { hello } = all
  const told = hello !== null
  return {
    ...(told ? {
      compression: hello.compression === deflate, secureRenegotiation: hello.extensions.has(0xff01) || (version === 'SSLv3' ? await renegotiates(ask, below) : false), tickets: hello.extensions.has(35),
      // Where the flight did not come to its end, the answer may have been on its way.
      stapling: all.done ? all.stapled : null, heartbeat: hello.extensions.has(15), extendedMasterSecret: hello.extensions.has(23),
    } : {}),
    // A server that gives a ticket gives no id beside it: the hello without tickets tells.
    ...(mac?.hello == null ? {} : { sessionIds: mac.hello.session.length > 0, encryptThenMac: mac.hello.extensions.has(22) }),
    ...(alpn === null ? {} : { alpn }),
    fallbackGuard,
    ...(intolerant === undefined || intolerant === null ? {} : { intolerant }),
    shown: [...(told ? [{ flight: all, note: 'what is agreed on beside suites', grave: hello.compression === deflate || !hello.extensions.has(0xff01) }] : []), ...shown],
  }
}

/** SSL 3 has no extensions for us to send: the signalling suite asks the same (RFC 5746 §3.3). */
async function renegotiates(ask: Ask, { version, suites }: Offer): Promise<boolean> {
  const { hello } = await ask({ version, suites: [...suites, 0x00ff] })
  return hello?.extensions.has(0xff01) ?? false
}

async function protocolsOf(ask: Ask, { version, suites }: Offer): Promise<readonly string[] | null> {
  const taken = await exhaust(protocols.map((_, index) => index), (left) => ask({ version, suites, more: [alpnOf(left.map((index) => protocols[index]!))] }), ({ hello }) => {
    const data = hello?.extensions.get(alpnType)
    return data === undefined || data.length < 4 ? null : protocols.indexOf(Buffer.from(data.subarray(3)).toString('latin1'))
  })
  return taken === null ? null : taken.map((index) => protocols[index]!)
}

function alpnOf(names: readonly string[]): Uint8Array {
  return extension(alpnType, vector(2, Buffer.concat(names.map((name) => vector(1, Buffer.from(name))))))
}

/** TLS_FALLBACK_SCSV (RFC 7507): a client that came down from a better version must be told. Null where there is no better one, or no answer. */
async function guardOf(ask: Ask, { version, suites }: Offer, accepted: readonly string[], shown: Shown[]): Promise<boolean | null> {
  const down = (['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0', 'SSLv3'] as const).filter((one) => accepted.includes(one))[1]
  if (down === undefined) return null
  const flight = await ask({ version: down, suites: [...(down === version ? suites : suites.filter((suite) => factsOf(suite)?.since === 'SSLv3')), 0x5600] })
  const { alert, hello, lost } = flight
  if (lost !== null) return null
  if (hello !== null) shown.push({ flight, note: `${down} is taken though TLS_FALLBACK_SCSV says that a better version was tried`, grave: false })
  return alert === inappropriateFallback ? true : hello !== null ? false : null
}

/** What a right server bears, and this one does not though it takes the same hello without it. */
async function intolerantOf(ask: Ask, { version, suites }: Offer, shown: Shown[]): Promise<readonly string[] | null> {
  const tries = {
    version: { wire: 0x0305 },
    suite: { suites: [0x1a1a, ...suites] },
    extension: { more: [extension(0x2a2a), extension(0x4a4a, Uint8Array.from([0]))], groups: [0x3a3a, ...commonGroups] },
    long: { more: [extension(21, new Uint8Array(700))] },
  }
  const flights = await Promise.all(Object.values(tries).map((over) => ask({ version, suites, ...over })))
  if (flights.some(({ lost }) => lost !== null && lost.failed !== 'timeout')) return null
  return Object.keys(tries).filter((name, index) => {
    const flight = flights[index]!
    const bears = flight.hello !== null && flight.hello.version <= wireVersion['TLSv1.2']
    if (!bears) shown.push({ flight, note: `an unknown ${name} is not borne`.replace('unknown long', 'long hello'), grave: false })
    return !bears
  })
}

