import type { Observation, Shapes } from '#core/observation.ts'

/** One text that fingerprints are for, and the kind it is of. */
export type Text = readonly [matches: string, text: string]

/** What a service said that fingerprints know, the most telling first. */
export function textsOfService({ data, evidence }: Observation<'service'>): readonly Text[] {
  const { facts } = data
  const banner = data.banner ?? ''
  switch (data.name) {
    case 'ssh':
      return named('ssh.banner', facts.software)
    case 'ftp':
      return named('ftp.banner', replyText(banner, /^220[ -]/))
    case 'smtp':
      return named('smtp.banner', replyText(banner, /^(?:220|554|421)[ -]/))
    case 'pop3':
      return named('pop3.banner', banner.startsWith('+OK') ? firstLine(banner.slice(3)) : null)
    case 'imap':
      return named('imap4.banner', /^\* (?:OK|PREAUTH) ?/.test(banner) ? firstLine(banner.replace(/^\* (?:OK|PREAUTH) ?(?:\[[^\]]*\] ?)?/, '')) : null)
    case 'telnet':
      return named('telnet_banners', facts.text)
    case 'mysql':
      return [...named('mysql.error', facts.blocked), ...named('mysql.banners', mysqlVersion(received(evidence)))]
    case 'snmp':
      return [...named('snmp.sys_description', facts.sysDescr), ...named('snmp.sys_object_id', facts.sysObjectId)]
    case 'dns':
      return named('dns.versionbind', facts.versionBind)
    case 'ntp':
      return facts.readvar === true ? named('ntp.readvar', received(evidence)) : []
    case 'ldap':
      return facts.rootDse === true ? named('ldap.search_result', received(evidence)) : []
    case 'smb':
      return [...named('smb.native_os', facts.os), ...named('smb.native_lm', facts.nativeLm)]
    case 'x11':
      return named('x11.vendor', facts.vendor)
    case 'http':
      // What stands behind the server is a service of its own, with a layer.
      return facts.layer === undefined ? named('http_header.server', facts.server) : []
    case 'rtsp':
      return named('rtsp_header.server', facts.server)
    case 'sip':
      return [...named('sip_header.server', facts.server), ...named('sip_header.user_agent', facts.userAgent)]
    case 'unknown':
      return named('nntp.banner', replyText(banner, /^20[01][ -]/))
    default:
      return []
  }
}

/** What a root page shows besides its `Server` header. */
export function textsOfPage({ title, headers }: Shapes['http']): readonly Text[] {
  return [
    ...named('html_title', title),
    ...named('http_header.wwwauth', headers['www-authenticate']),
    ...(headers['set-cookie'] ?? '').slice(0, 4096).split('\n').slice(0, 16).flatMap((line) => named('http_header.cookie', line.trim())),
    ...named('http_header.x-powered-by', headers['x-powered-by']),
  ]
}

export function textsOfIcon({ icon }: Shapes['http']): readonly Text[] {
  return named('favicon.md5', icon?.md5)
}

/** Names of a certificate as RFC 4514 writes them, the last first, for that is what fingerprints are for. */
export function textsOfCertificate(certificate: NonNullable<Shapes['tls']['certificate']>): readonly Text[] {
  return [...named('x509.subject', reversedName(certificate.subject)), ...named('x509.issuer', reversedName(certificate.issuer))]
}

function reversedName(name: string): string {
  return name.split(/, (?=[A-Za-z][A-Za-z0-9.]{0,30}=)/).map((part) => part.replace(/([,+])/g, '\\$1')).toReversed().join(',')
}

function named(matches: string, text: unknown): readonly Text[] {
  return typeof text === 'string' && text !== '' ? [[matches, text]] : []
}

/** The text of a reply with a code, of all its lines, or null. */
function replyText(banner: string, code: RegExp): string | null {
  if (!code.test(banner)) return null
  return banner.split(/\r?\n/).filter((line) => line !== '').map((line) => line.replace(/^\d{3}[ -]/, '')).join('\r\n').trim()
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0]!.trim()
}

/** The bytes that came back, one character each, from a proof that shows them as text. */
function received(evidence: Observation['evidence']): string {
  return (evidence?.received ?? '').replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
}

/** The version text inside MySQL's first packet: protocol 10, then up to a zero byte. */
function mysqlVersion(bytes: string): string | null {
  return /^[^]{4}\n([\x20-\x7e]{1,80})\0/.exec(bytes)?.[1] ?? null
}
