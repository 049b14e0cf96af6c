import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compileFingerprints } from '#core/fingerprint/fingerprints.ts'
import { emptyIpSet, parseIpSet } from '#core/ip-set.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import type { Shapes } from '#core/observation.ts'
import { probes } from '#engine/probes.ts'
import { recogniseWith, type Recognise } from '#engine/recognise/recognise.ts'
import { runScan } from '#engine/run.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import { recog } from '#formats/feed/recog/recog.ts'
import { patient, running } from './look.ts'
import { nginx } from './nginx.ts'
import { openssh } from './openssh.ts'
import type { Peer } from './peer.ts'
import { telnetd } from './telnetd.ts'

let recognise: Recognise

before(async () => {
  const list: Fingerprint[] = []
  const input = await openFeedInput(fileURLToPath(new URL('../feeds/recog', import.meta.url)))
  for await (const record of recog.read(input)) if (record.record === 'fingerprint') list.push(record)
  recognise = recogniseWith(compileFingerprints(list))
})

/** What a whole scan says of the one service of a real daemon, without fingerprints and with them. */
async function scanned(peer: Peer): Promise<readonly [bare: Shapes['service'], named: Shapes['service']]> {
  const { address, port } = await running(peer)
  const look = async (using: Recognise | undefined): Promise<Shapes['service']> => {
    const seen: Shapes['service'][] = []
    await runScan({
      hosts: [{ asset: 'a', address, names: [] }], scope: parseIpSet('127.0.0.0/8'), exclude: emptyIpSet, asks: [], probes, now: Date.now, signal: new AbortController().signal,
      profile: { ...patient, tcp: String(port), udp: '', discovery: { alwaysUp: true, tcp: String(port) } }, recognise: () => using,
      sink: (event) => void (event.type === 'seen' && event.seen.kind === 'service' && seen.push(event.seen.data)),
    })
    assert.equal(seen.length, 1, JSON.stringify(seen))
    return seen[0]!
  }
  return [await look(undefined), await look(recognise)]
}

test('telnetd, which no probe of ours names, is named by a fingerprint, with its system', async () => {
  const [bare, named] = await scanned(telnetd.hardened)
  assert.deepEqual([bare.product, bare.cpe, bare.facts.osFamily], [undefined, undefined, undefined])
  assert.equal(named.product, 'GNU Telnet server', JSON.stringify(named.facts))
  assert.equal(named.cpe, 'cpe:2.3:a:gnu:inetutils:*:*:*:*:*:*:*:*')
  assert.equal(named.facts.osFamily, 'Linux')
  assert.deepEqual(named.facts.recognisedBy, ['telnet_banners.xml: A login that names its host'])
})

for (const [peer, cpe] of [[openssh.hardened, /^cpe:2\.3:a:openbsd:openssh:\d+\.\d+:p\d+:/], [nginx.weak, /^cpe:2\.3:a:f5:nginx:\d+\.\d+\.\d+:/]] as const) {
  test(`${peer.name}: what the probe proved stays as it is`, async () => {
    const [bare, named] = await scanned(peer)
    assert.match(bare.cpe ?? '', cpe)
    assert.deepEqual([named.product, named.version, named.cpe], [bare.product, bare.version, bare.cpe])
  })
}
