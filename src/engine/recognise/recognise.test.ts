import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFingerprints } from '#core/fingerprint/fingerprints.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import type { Facts, Observation, Shapes } from '#core/observation.ts'
import { cpeName } from './conclusion.ts'
import { recogniseWith, sameProduct } from './recognise.ts'
import { textsOfCertificate, textsOfService } from './texts.ts'

const print = (matches: string, pattern: string, params: Readonly<Record<string, string | number>>, file = `${matches}.xml`): Fingerprint => ({
  record: 'fingerprint', file, order: 0, matches, preference: 0.9, pattern, flags: [], description: `About ${pattern}`, examples: [],
  params: Object.entries(params).map(([name, value]) => (typeof value === 'number' ? { pos: value, name } : { pos: 0, name, value })),
})
const recognise = recogniseWith(compileFingerprints([
  print('ssh.banner', '^GadgetSSH_([\\d.]+) on (\\w+)', {
    'service.vendor': 'Example', 'service.product': 'GadgetSSH', 'service.version': 1, 'service.cpe23': 'cpe:/a:example:gadgetssh:{service.version}', 'os.product': 2, 'os.cpe23': 'cpe:/o:example:{os.product}:-', 'hw.device': 'Router',
  }),
  print('http_header.server', '^Gadget(?:/([\\d.]+))?', { 'service.product': 'Gadget', 'service.version': 1, 'service.cpe23': 'cpe:/a:example:gadget:{service.version}' }),
  print('http_header.server', '^Apache/([\\d.]+) (\\(\\w+\\))', { 'service.vendor': 'Apache', 'service.product': 'HTTPD', 'service.version': 1, 'apache.info': 2 }, 'http_servers_2.xml'),
  print('apache_os', '^\\(Frobnix\\)$', { 'os.vendor': 'Frob', 'os.product': 'Frobnix' }),
  print('html_title', '^Gadget Router (\\w+)$', { 'hw.vendor': 'Example', 'hw.product': 1, 'service.product': 'Gadget Console' }),
  print('html_title', '^Just words$', {}, 'html_title_2.xml'),
  print('html_title', '^Index of /', { 'service.vendor': 'Apache', 'service.product': 'HTTPD' }, 'html_title_3.xml'),
  print('html_title', '^Perhaps$', { 'service.product': 'Gadget', 'service.certainty': '0.25', 'hw.vendor': 'Example', 'hw.certainty': '0.0', 'os.vendor': 'Frob' }, 'html_title_4.xml'),
  print('favicon.md5', '^0{32}$', { 'service.product': 'Gadget Console' }),
  print('x509.subject', '^CN=gadget,O=Example\\\\, Inc\\.,C=US$', { 'hw.vendor': 'Example' }),
  print('mysql.banners', '^(11[\\d.]+)-GadgetDB$', { 'service.vendor': 'Example', 'service.product': 'GadgetDB', 'service.version': 1 }),
]))

const at = { asset: 'a', address: '127.0.0.1', port: 22, proto: 'tcp' } as const
const service = (data: Partial<Shapes['service']>, received = ''): Observation<'service'> => ({
  kind: 'service', at, seen: 5, by: 'service@1', data: { name: 'ssh', tls: false, facts: {}, ...data }, evidence: { sent: 'x', received, note: 'first' },
})
const data = (seen: Observation): Shapes['service'] => recognise(seen)[0]!.data as Shapes['service']

test('a service that its probe could not name gets product, version, CPE and facts, and the proof says by which fingerprint', () => {
  const [seen] = recognise(service({ facts: { software: 'GadgetSSH_2.1 on Frobnix' } }))
  assert.deepEqual(seen!.data, {
    name: 'ssh', tls: false, product: 'Example GadgetSSH', version: '2.1', cpe: 'cpe:2.3:a:example:gadgetssh:2.1:*:*:*:*:*:*:*',
    facts: { software: 'GadgetSSH_2.1 on Frobnix', osProduct: 'Frobnix', hwDevice: 'Router', osCpe: 'cpe:2.3:o:example:frobnix:*:*:*:*:*:*:*:*', recognisedBy: ['ssh.banner.xml: About ^GadgetSSH_([\\d.]+) on (\\w+)'] },
  })
  assert.match(seen!.evidence!.note!, /^first\nNamed by fingerprint: ssh\.banner\.xml/)
})

test('what a probe found out itself stays', () => {
  const own = { product: 'Other', version: '9', cpe: 'cpe:2.3:a:o:other:9:*:*:*:*:*:*:*' }
  const seen = data(service({ ...own, facts: { software: 'GadgetSSH_2.1 on Frobnix', osProduct: 'Truth' } }))
  assert.deepEqual([seen.product, seen.version, seen.cpe, seen.facts.osProduct, seen.facts.hwDevice], ['Other', '9', own.cpe, 'Truth', 'Router'])
  const sameName = { name: 'http', product: 'gadget', facts: { server: 'Gadget/3.4' } }
  assert.deepEqual([data(service(sameName)).version, data(service(sameName)).cpe], ['3.4', 'cpe:2.3:a:example:gadget:3.4:*:*:*:*:*:*:*'])
  // The probe looked deeper than the header: neither its version nor a CPE of another version.
  const proved = service({ ...sameName, version: '3.5' })
  assert.equal(recognise(proved)[0], proved)
  const better = data(service({ ...sameName, cpe: 'cpe:2.3:a:example:gadget:*:*:*:*:*:*:*:*' }))
  assert.equal(better.cpe, 'cpe:2.3:a:example:gadget:3.4:*:*:*:*:*:*:*')
})

test('an icon names what stands behind it', () => {
  const seen = recognise({ kind: 'http', at: { ...at, path: '/favicon.ico' }, seen: 5, by: 'icon@1', data: { method: 'GET', path: '/favicon.ico', status: 200, headers: {}, title: null, body: '', length: 9, catchAll: false, ask: 'GET /favicon.ico', tls: false, icon: { md5: '0'.repeat(32), mmh3: -5 } } })
  assert.deepEqual(seen.slice(1).map((one) => [one.kind, one.at, one.by, (one.data as Shapes['service']).product, (one.data as Shapes['service']).facts.layer]), [['service', at, 'icon@1', 'Gadget Console', 'icon']])
})

test('a version that was not told is any version', () => {
  assert.equal(data(service({ name: 'http', facts: { server: 'Gadget' } })).cpe, 'cpe:2.3:a:example:gadget:*:*:*:*:*:*:*:*')
  assert.equal(cpeName('cpe:/a:x:y:1.0:p1'), 'cpe:2.3:a:x:y:1.0:p1:*:*:*:*:*:*')
  assert.equal(cpeName('nonsense'), null)
})

test('what is not known is passed on as it is', () => {
  for (const seen of [service({ facts: { software: 'Unknown' } }), service({ name: 'gopher', banner: 'x' }), { kind: 'port', at, seen: 1, by: 'ports@1', data: { state: 'open' } } as const]) {
    assert.deepEqual(recognise(seen), [seen])
    assert.equal(recognise(seen)[0], seen)
  }
})

test('what Apache says of its system in brackets is looked up too', () => {
  const seen = data(service({ name: 'http', product: 'Apache httpd', facts: { server: 'Apache/2.4.6 (Frobnix)' } }))
  assert.deepEqual([seen.product, seen.version, seen.facts.osVendor, seen.facts.osProduct], ['Apache httpd', '2.4.6', 'Frob', 'Frobnix'])
})

const page = (title: string, body = ''): Observation<'http'> => ({
  kind: 'http', at: { ...at, path: '/', host: 'h' }, seen: 7, by: 'http@1', evidence: { sent: 'GET /', received: title },
  data: { method: 'GET', path: '/', status: 200, headers: {}, title, body, length: 0, catchAll: false, ask: 'GET /', tls: true },
})

test('a page or certificate that shows a device is a service of its own, seen by the same probe', () => {
  const [first, second, ...rest] = recognise(page('Gadget Router X1'))
  assert.deepEqual([first, rest], [page('Gadget Router X1'), []])
  assert.deepEqual([second!.kind, second!.at, second!.by, second!.seen], ['service', at, 'http@1', 7])
  const behind = second!.data as Shapes['service']
  assert.deepEqual([behind.name, behind.product, behind.tls, behind.facts.layer, behind.facts.hwProduct], ['http', 'Gadget Console', true, 'application', 'X1'])
  assert.equal(recognise(page('Just words')).length, 1)
  // Which server it is, a page that many servers have does not tell; nor is a guess taken for knowledge.
  assert.equal(recognise(page('Index of /')).length, 1)
  const unsure = recognise(page('Perhaps'))[1]!.data as Shapes['service']
  assert.deepEqual([unsure.product, unsure.facts.hwVendor, unsure.facts.osVendor], [undefined, undefined, 'Frob'])
  assert.equal(recognise({ ...page('Gadget Router X1'), data: { ...page('Gadget Router X1').data, path: '/other', ask: 'GET /other' } }).length, 1)
})

test('names of certificates are put in the order that fingerprints expect', () => {
  const certificate = { subject: 'C=US, O=Example, Inc., CN=gadget', issuer: 'CN=gadget', selfSigned: true } as NonNullable<Shapes['tls']['certificate']>
  assert.deepEqual(textsOfCertificate(certificate), [['x509.subject', 'CN=gadget,O=Example\\, Inc.,C=US'], ['x509.issuer', 'CN=gadget']])
  const tls = { kind: 'tls', at, seen: 1, by: 'tls@1', data: { certificate } as Shapes['tls'] } as const
  assert.deepEqual(recognise(tls).slice(1).map((one) => [one.by, (one.data as Shapes['service']).facts]), [['tls@1', { layer: 'certificate', hwVendor: 'Example', recognisedBy: ['x509.subject.xml: About ^CN=gadget,O=Example\\\\, Inc\\.,C=US$'] }]])
})

test('each protocol gives the texts that fingerprints are written for', () => {
  const texts = (name: string, rest: Readonly<{ banner?: string; facts?: Facts }>, received = '') => textsOfService(service({ name, facts: {}, ...rest }, received))
  assert.deepEqual(texts('ftp', { banner: '220-Welcome\r\n220 foo FTP server ready.\r\n' }), [['ftp.banner', 'Welcome\r\nfoo FTP server ready.']])
  assert.deepEqual(texts('smtp', { banner: '220 mx ESMTP Exim 4.96\r\n' }), [['smtp.banner', 'mx ESMTP Exim 4.96']])
  assert.deepEqual(texts('pop3', { banner: '+OK Dovecot ready.\r\n' }), [['pop3.banner', 'Dovecot ready.']])
  assert.deepEqual(texts('imap', { banner: '* OK [CAPABILITY IMAP4rev1 IDLE] Dovecot ready.\r\n' }), [['imap4.banner', 'Dovecot ready.']])
  assert.deepEqual(texts('snmp', { facts: { sysDescr: 'Linux x', sysObjectId: '1.3.6' } }), [['snmp.sys_description', 'Linux x'], ['snmp.sys_object_id', '1.3.6']])
  assert.deepEqual(texts('dns', { facts: { versionBind: '9.18' } }), [['dns.versionbind', '9.18']])
  assert.deepEqual(texts('mysql', {}, 'J\\x00\\x00\\x00\n11.4.2-GadgetDB\\x00\\x05'), [['mysql.banners', '11.4.2-GadgetDB']])
  assert.deepEqual(texts('ldap', { facts: { rootDse: true } }, '0\\x84ab'), [['ldap.search_result', '0\u0084ab']])
  assert.deepEqual(texts('unknown', { banner: '200 news server ready\r\n' }), [['nntp.banner', 'news server ready']])
  assert.deepEqual(texts('http', { facts: { server: 'x', layer: 'language' } }), [])
})

test('products are the same under names of more or fewer words', () => {
  for (const [one, other, same] of [['Apache httpd', 'Apache HTTPD', true], ['Pure-FTPd', 'pureftpd', true], ['Microsoft IIS', 'IIS', true], ['nginx', 'Apache HTTPD', false], ['R', 'Router', false]] as const) {
    assert.equal(sameProduct(one, other), same, `${one} ${other}`)
  }
})
