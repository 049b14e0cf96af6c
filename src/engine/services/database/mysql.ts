import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Failure } from '../../net.ts'
import { triesDefaults, type Service, type Target } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { capability, packetEnd, parseError, parseHandshake, type Handshake } from './mysql-message.ts'
import { logIn, type Login } from './mysql-login.ts'
import { cpeOf, distroPart } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * MySQL and its kin. Reads the handshake; where the profile allows default credentials, tries `root` and the empty user without a password,
 * once each, and lists databases. Facts: see FACTS.md. Reproduce: `mysql -h HOST -u root --skip-password`.
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
 */
export const mysql: Service = {
  name: 'mysql',
  defaults: true,
  ports: [3306, 33060, 3307],
  greets: (greeting) => parseHandshake(greeting) !== null || parseError(greeting) !== null,
  async look(target) {
    const connection = await target.open()
    const first = await connection.read({ until: packetEnd, most: 4096 })
    if (failed(first)) return null
    const handshake = parseHandshake(first.bytes)
    const evidence = [connection.evidence()]
    connection.close()
    if (handshake === null) {
      const error = parseError(first.bytes)
      if (error === null) return null
      const mariadb = /MariaDB/i.test(error.text)
      return {
        ...(mariadb ? { product: 'MariaDB', cpe: cpeOf('mariadb:mariadb') } : /MySQL/i.test(error.text) ? { product: 'MySQL', cpe: cpeOf('oracle:mysql') } : {}),
        facts: { blocked: clean(error.text, 200) },
        evidence: joinEvidence(...evidence),
      }
    }
    const facts: Record<string, Facts[string]> = {
      protocol: handshake.protocol,
      authPlugin: handshake.plugin,
      oldPasswords: (handshake.capabilities & capability.protocol41) === 0 || (handshake.capabilities & capability.secureConnection) === 0,
      ...(target.tls ? {} : { starttls: (handshake.capabilities & capability.tls) !== 0 }),
    }
    const named = nameOf(handshake.version)
    if (named.packageVersion !== undefined) facts.packageVersion = named.packageVersion
    const trouble = triesDefaults(target.tools.profile) ? await tryDefaults(target, facts, evidence) : null
    const { packageVersion: _, ...product } = named
    return {
      ...product,
      facts,
      evidence: joinEvidence(...evidence),
      ...(trouble === null ? {} : { incomplete: { code: trouble.failed, text: trouble.text } }),
    }
  },
}

async function tryDefaults(target: Target, facts: Record<string, Facts[string]>, evidence: Evidence[]): Promise<Failure | null> {
  const root = await logIn(target, 'root', evidence)
  if (failed(root)) return root
  const nobody = await logIn(target, '', evidence)
  if (failed(nobody)) return nobody
  facts.rootWithoutPassword = root.in
  facts.anonymous = nobody.in
  const inside: Login | undefined = [root, nobody].find((login) => login.in === true)
  if (inside !== undefined) {
    facts.auth = false
    if (inside.databases !== null) facts.databases = inside.databases
  }
  return null
}

type Named = Readonly<{ product: string; version?: string; cpe?: string; distro?: string; packageVersion?: string }>

/** `5.5.5-10.11.6-MariaDB-0+deb12u1` → MariaDB 10.11.6, package 0+deb12u1, debian. The `5.5.5-` only calms old replicas. */
export function nameOf(handshake: Handshake['version']): Named {
  const text = /-MariaDB/i.test(handshake) ? handshake.replace(/^5\.5\.5-/, '') : handshake
  const version = /^\d{1,4}(?:\.\d{1,5}){1,3}[a-z]?/.exec(text)?.[0]
  const rest = version === undefined ? '' : text.slice(version.length)
  const packageVersion = /-((?:\d[^\s-]{0,40}-)?[^\s-]{0,10}(?:ubuntu|deb\d)[\w.~+]{0,40})/.exec(rest)?.[1]
  const of = (product: string, cpe?: string): Named => ({
    product,
    ...(version === undefined ? {} : { version }),
    ...(cpe === undefined ? {} : { cpe: cpeOf(cpe, version) }),
    ...distroPart(text),
    ...(packageVersion === undefined ? {} : { packageVersion: packageVersion.replace(/^-/, '') }),
  })
  if (/MariaDB/i.test(text)) return of('MariaDB', 'mariadb:mariadb')
  if (/TiDB/i.test(text)) return of('TiDB')
  if (/Vitess/i.test(text)) return of('Vitess')
  if (/ProxySQL/i.test(text)) return of('ProxySQL')
  if (/manticore/i.test(text)) return of('Manticore')
  // Percona writes its release after a hyphen: 8.0.36-28.
  return /^-\d{1,3}(?:\.\d)?(?:$|-)/.test(rest) && !/ubuntu|deb/.test(rest) ? of('Percona Server', 'percona:percona_server') : of('MySQL', 'oracle:mysql')
}
