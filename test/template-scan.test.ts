import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ProofBundle } from '#core/proof.ts'
import { redecide } from '#engine/proof/redecide.ts'
import { proofBundle } from '#platform/finding/proof-bundle.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { readCoverage } from '#platform/scan/coverage.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { sliceEngine } from '#scanner/engine.ts'
import { startScanner } from '#scanner/scanner.ts'
import { newId } from '#store/id.ts'
import { launch, makeProfile, makeScanTenant, scanNow, until } from './contracts/scan-world.ts'
import { rejudgeWorld } from './rejudge-world.ts'

const templates: Readonly<Record<string, string>> = {
  // Sent to everybody, as it costs what the root page costs.
  'http/technologies/gadget-detect.yaml': `id: gadget-detect
info:
  name: Gadget console
  author: vigil
  severity: info
  metadata: { vendor: example, product: gadget }
  tags: tech,gadget
http:
  - method: GET
    path: ["{{BaseURL}}"]
    matchers: [{ type: word, part: body, words: ["Gadget Console"] }]
`,
  // For one product: sent where it seems to be.
  'http/cves/2026/CVE-2026-1111.yaml': `id: CVE-2026-1111
info:
  name: Gadget - path traversal
  author: vigil
  severity: high
  description: A page name is not checked.
  remediation: Update to 2.0.
  classification: { cve-id: CVE-2026-1111, cwe-id: CWE-22, cvss-metrics: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", cvss-score: 7.5 }
  metadata: { vendor: example, product: gadget, max-request: 2 }
  tags: cve,gadget,lfi
http:
  - raw:
      - |
        GET /api/session HTTP/1.1
        Host: {{Hostname}}

      - |
        GET /page?name=../../../../etc/passwd&s={{session}} HTTP/1.1
        Host: {{Hostname}}

    extractors: [{ type: regex, name: session, internal: true, part: body, group: 1, regex: ['"id":"([a-z0-9]+)"'] }]
    matchers-condition: and
    matchers:
      - { type: regex, part: body, regex: ["root:.*:0:0:"] }
      - { type: status, status: [200] }
`,
  'http/cves/2026/CVE-2026-2222.yaml': `id: CVE-2026-2222
info:
  name: Widget - open setup
  author: vigil
  severity: critical
  metadata: { vendor: example, product: widget }
  tags: cve,widget
http:
  - method: GET
    path: ["{{BaseURL}}/widget/setup"]
    matchers: [{ type: word, part: body, words: ["Widget setup"] }]
`,
  'http/misconfiguration/gadget-wipe.yaml': `id: gadget-wipe
info: { name: Gadget - wipe, author: vigil, severity: high, tags: "gadget,intrusive" }
http:
  - method: POST
    path: ["{{BaseURL}}/wipe"]
    matchers: [{ type: status, status: [200] }]
`,
}

test('a template of a release is sent where its product is, found with its proof, decided again offline, and seen to be gone', async (t) => {
  const world = await rejudgeWorld(t)
  const { store, knowledge } = world
  const folder = mkdtempSync(join(tmpdir(), 'vigil-templates-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(templates)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  await world.kb.build([{ source: 'nuclei', paths: [folder] }], { force: true })
  await knowledge.refresh()
  assert.ok(knowledge.inForce().templates !== null)

  let state: 'weak' | 'mended' | 'gone' = 'weak'
  const asked: string[] = []
  const web = createServer((request, answer) => {
    asked.push(`${request.method} ${request.url}`)
    const url = new URL(request.url!, 'http://x')
    if (url.pathname === '/') answer.end(state === 'gone' ? '<title>It works</title>' : '<title>Gadget Console</title><h1>Gadget Console</h1>')
    else if (state === 'gone') answer.writeHead(404).end()
    else if (url.pathname === '/api/session') answer.end('{"id":"abc123"}')
    else if (url.pathname === '/page' && state === 'weak' && url.searchParams.get('name')?.endsWith('/etc/passwd') === true && url.searchParams.get('s') === 'abc123') answer.end('root:x:0:0:root:/root:/bin/sh\n')
    else answer.writeHead(404).end('no such page')
  })
  web.listen(0, '127.0.0.74')
  await once(web, 'listening')
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge.ofLine('general'), templates: () => knowledge.inForce().templates })
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const errors: unknown[] = []
  const scanner = startScanner({
    channel: platform.of({ id, tenant: null, network: null }), engine: sliceEngine, id, software: 'test', capacity: 4, spool: null, heartbeatMs: 500, tell: () => {}, onError: (error) => errors.push(error),
  })
  t.after(async () => {
    await scanner.stop()
    await platform.stop()
    web.closeAllConnections()
    web.close()
  })
  const tenant = await makeScanTenant(store)
  const profileId = await makeProfile(store, tenant, [(web.address() as AddressInfo).port])
  const run = async (): Promise<string> => {
    asked.length = 0
    const scan = await launch(store, tenant, { targets: '127.0.0.74', profileId })
    await until('the scan to finish', async () => (await scanNow(store, tenant, scan.id)).state === 'Finished')
    assert.deepEqual(errors, [])
    return scan.id
  }
  const findings = (): Promise<readonly { id: string; title: string; status: string; severity: number; cve: string[] }[]> => store.read(tenant, ({ sql }) => sql`
    select f.id, s.title, f.status, f.severity, s.cve from finding f join signature s on s.id = f.signature_id where f.tenant_id = ${tenant} and f.probe = 'template' order by f.severity desc`)

  const scan = await run()
  assert.deepEqual((await findings()).map((one) => [one.title, one.status, one.severity]), [['Gadget - path traversal', 'new', 4], ['Gadget console', 'new', 1]])
  assert.deepEqual((await findings())[0]!.cve, ['CVE-2026-1111'])
  assert.ok(asked.every((line) => !line.includes('/widget/') && !line.includes('/wipe')), `it sent what fits no product here: ${asked.join(' ')}`)
  const { checks } = await store.read(tenant, (tx) => readCoverage(tx, scan, null as never))
  const { total, found, tested, absent, untested } = checks!
  assert.equal(found + tested + absent + Object.values(untested).reduce((sum, n) => sum + n, 0), total)
  assert.equal(total, 3, 'the intrusive one is no part of it')
  assert.deepEqual([found, absent], [2, 1], JSON.stringify([checks, await store.read(tenant, ({ sql }) => sql`select failed from asset_scan where tenant_id = ${tenant}`)]))

  const { id: finding } = (await findings())[0]!
  const bundle = JSON.parse(JSON.stringify(await store.read(tenant, (tx) => proofBundle(tx, finding, null, { signature: () => undefined, templates: knowledge.inForce().templates })))) as ProofBundle
  assert.equal(bundle.check.plan?.id, 'CVE-2026-1111')
  assert.ok(bundle.proof.exchanges.some((one) => Buffer.from(one.received, 'base64').includes('root:x:0:0')))
  assert.ok(bundle.proof.control.length > 0 || bundle.proof.controlNote !== undefined)
  const verdict = await redecide(bundle)
  assert.equal(verdict.verdict, 'holds', verdict.text)
  const bent = { ...bundle, proof: { ...bundle.proof, exchanges: bundle.proof.exchanges.map((one) => ({ ...one, received: Buffer.from(Buffer.from(one.received, 'base64').toString('latin1').replace('root:x:0:0', 'nope:x:1:1'), 'latin1').toString('base64') })) } }
  assert.notEqual((await redecide(bent)).verdict, 'holds')

  state = 'mended'
  await run()
  assert.deepEqual((await findings()).map((one) => one.status), ['fixed', 'active'])
  state = 'weak'
  await run()
  assert.deepEqual((await findings()).map((one) => one.status), ['reopened', 'active'])
  // The product is gone: nothing suggests its template any more, which is asked all the same.
  state = 'gone'
  await run()
  assert.ok(asked.some((line) => line.startsWith('GET /api/session') || line.startsWith('GET /page')), 'the open finding was not asked about')
  assert.deepEqual((await findings()).map((one) => one.status), ['fixed', 'fixed'])
})
