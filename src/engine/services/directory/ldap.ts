import type { Facts } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { berLength } from '../wire/ber.ts'
import { ldapBind, ldapSearch, ldapStartTls, ldapUnbind, readLdap, results, type LdapMessage } from './ldap-message.ts'
import { cpeOf, productOf, type Product, type ProductRule } from '../product.ts'

/**
 * LDAP (RFC 4511). Anonymous bind, the rootDSE, at most five names below each of two naming contexts, StartTLS offered or not,
 * and
 * whether a password in the clear would be evaluated (a bind as somebody who does not exist).
 * Facts: `anonymousBind`, `rootDse`, `anonymousSearch` (entries were given without login), `anonymousEntries` (up to 3 names),
 * `namingContexts`, `starttls`, `cleartextLogin` (a password bind is evaluated without TLS), `saslMechanisms`, `vendorName`,
 * `vendorVersion`, `domain`.
 * Reproduce: `ldapsearch -x -H ldap://HOST -s base -b '' +`, then `-s one -b CONTEXT 1.1`. Source: RFC 4511, 4513, 3045.
 */
export const ldap: Service = {
  name: 'ldap',
  ports: [389, 3268],
  tlsPorts: [636, 3269],
  guess: 90,
  async look(target) {
    const connection = await target.open()
    connection.write(ldapBind(1))
    const bind = await nextMessage(connection)
    // Servers that dislike version 3 or anonymous still answer in LDAP; whatever else answers is not LDAP.
    if (failed(bind) || bind.type !== 'bind' || bind.id !== 1) return null
    const cut = (failure: Failure): Sighting => ({
      facts: { anonymousBind: bind.result === results.success },
      evidence: connection.evidence(),
      incomplete: { code: failure.failed, text: failure.text },
    })
    const dse = await search(connection, 2, '', 0, [
      '*',
      '+',
      'supportedExtension',
      'supportedSASLMechanisms',
      'namingContexts',
      'vendorName',
      'vendorVersion',
    ])
    if (failed(dse)) return cut(dse)
    const root = dse.entries[0]?.attributes ?? new Map<string, readonly string[]>()
    const contexts = root.get('namingcontexts') ?? []
    const seen: string[] = []
    for (const [index, context] of contexts
      .filter((name) => name !== '')
      .slice(0, 2)
      .entries()) {
      for (const scope of [0, 1] as const) {
        const found = await search(connection, 10 + index * 2 + scope, context, scope, ['1.1'], 5)
        if (failed(found)) return cut(found)
        seen.push(...found.entries.map((entry) => entry.name))
      }
    }
    const evidence = connection.evidence(seen.length > 0 ? 'Entries were given without a login' : undefined)
    connection.write(ldapUnbind(99))
    const transport = target.tls ? null : await looksInTheClear(target, contexts[0])
    const facts: Facts = {
      anonymousBind: bind.result === results.success,
      rootDse: dse.entries.length > 0,
      anonymousSearch: contexts.length === 0 ? null : seen.length > 0,
      anonymousEntries: [...new Set(seen)].slice(0, 3),
      namingContexts: contexts.slice(0, 16),
      ...(transport === null ? {} : { starttls: transport.starttls, cleartextLogin: transport.plainBind }),
      saslMechanisms: (root.get('supportedsaslmechanisms') ?? []).slice(0, 32),
      vendorName: root.get('vendorname')?.[0] ?? null,
      vendorVersion: root.get('vendorversion')?.[0] ?? null,
      domain: domainOf(root.get('defaultnamingcontext')?.[0]),
    }
    return {
      ...serverOf(root),
      facts,
      evidence,
      ...(transport?.incomplete === undefined ? {} : { incomplete: transport.incomplete }),
    }
  },
}

type Transport = Readonly<{
  starttls: boolean | null
  plainBind: boolean | null
  incomplete?: NonNullable<Sighting['incomplete']>
}>

/** StartTLS and a cleartext bind, each on a connection of its own, since either may end it. */
async function looksInTheClear(target: Target, context: string | undefined): Promise<Transport> {
  try {
    const one = await target.open()
    one.write(ldapBind(1, `cn=vigil-nobody,${context ?? 'dc=invalid'}`, 'vigil-no-password'))
    const bind = await nextMessage(one)
    const two = await target.open()
    two.write(ldapStartTls(1))
    const tls = await nextMessage(two)
    one.close()
    two.close()
    const lost = failed(bind) ? bind : failed(tls) ? tls : null
    const refusals: readonly number[] = [
      results.confidentialityRequired,
      results.strongerAuthRequired,
      results.unwilling,
      results.inappropriateAuthentication,
    ]
    // Outside every naming context a server says "wrong password" without asking its own rules first: that tells nothing.
    const plain =
      failed(bind) || bind.type !== 'bind' ? null : refusals.includes(bind.result) ? false : context === undefined ? null : true
    return {
      plainBind: plain,
      starttls: failed(tls) || tls.type !== 'extended' ? null : tls.result === results.success,
      ...(lost === null ? {} : { incomplete: { code: lost.failed, text: lost.text } }),
    }
  } catch (error) {
    if (!(error instanceof Unseen)) throw error
    return { starttls: null, plainBind: null, incomplete: { code: error.code, text: error.message } }
  }
}

async function nextMessage(connection: Connection): Promise<LdapMessage | Failure> {
  const answer = await connection.read({ until: berLength, most: 262_144 })
  if (failed(answer)) return answer
  return (
    readLdap(answer.bytes) ?? {
      failed: answer.ended ? 'closed' : 'protocol',
      text: answer.ended ? 'The server closed the connection' : 'Not an LDAP message',
    }
  )
}

type Entry = Extract<LdapMessage, { type: 'entry' }>

async function search(
  connection: Connection,
  id: number,
  base: string,
  scope: 0 | 1,
  attributes: readonly string[],
  most = 0,
): Promise<Readonly<{ entries: readonly Entry[]; result: number }> | Failure> {
  connection.write(ldapSearch(id, base, scope, attributes, most))
  const entries: Entry[] = []
  // A server that ignores the size limit is read no further than this.
  for (let count = 0; count < 32; count++) {
    const next = await nextMessage(connection)
    if (failed(next)) return next
    if (next.id !== id) continue
    if (next.type === 'entry') entries.push(next)
    if (next.type === 'done') return { entries, result: next.result }
  }
  return { entries, result: results.sizeLimitExceeded }
}

function domainOf(context: string | undefined): string | null {
  const labels = [...(context ?? '').matchAll(/DC=([A-Za-z0-9-]{1,63})/gi)].map((found) => found[1]!.toLowerCase())
  return labels.length === 0 ? null : labels.join('.')
}

const vendors: readonly ProductRule[] = [
  { pattern: /389-Directory\/(\d[\w.]{1,20})/, product: '389 Directory Server', cpe: 'port389:389-ds-base' },
  { pattern: /Apache (?:Directory|DS|Software Foundation)/i, product: 'ApacheDS', cpe: 'apache:directory_server' },
  { pattern: /Oracle|Sun Microsystems/i, product: 'Oracle Directory Server' },
  { pattern: /OpenLDAP/i, product: 'OpenLDAP', cpe: 'openldap:openldap' },
]

function serverOf(root: Entry['attributes']): Product {
  if (/OpenLDAProotDSE/i.test((root.get('objectclass') ?? []).join(' ')))
    return { product: 'OpenLDAP', cpe: cpeOf('openldap:openldap') }
  const vendor = `${root.get('vendorname')?.[0] ?? ''} ${root.get('vendorversion')?.[0] ?? ''}`
  if (root.get('forestfunctionality') === undefined && root.get('rootdomainnamingcontext') === undefined)
    return productOf(vendor, vendors)
  return /samba/i.test(vendor)
    ? { product: 'Samba AD', cpe: cpeOf('samba:samba') }
    : { product: 'Active Directory', cpe: cpeOf('microsoft:active_directory') }
}
