import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import type { WebService } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { isObject, parseJson, parseObject } from '../wire/json-object.ts'
import { cpeOf, distroPart } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * CouchDB. Reads `/`, `/_all_dbs` and `/_session` without a login; a session that is already `_admin` is the "admin party".
 * Facts: see FACTS.md. Reproduce: `curl http://HOST:5984/_all_dbs`. Source: https://docs.couchdb.org/en/stable/api/server/
 */
export const couchdb: WebService = {
  name: 'couchdb',
  ports: [5984],
  hints: (root) => /"couchdb"\s*:/i.test(root.body.slice(0, 2048)) || /^CouchDB\//i.test(root.headers.server ?? ''),
  async look({ request }) {
    const first = await request({ path: '/' })
    if (failed(first)) return null
    const root = parseObject(first.text)
    const banner = first.headers.server ?? ''
    const fromBanner = /^CouchDB\/(\d[\w.]{0,20})/i.exec(banner)?.[1]
    if (root?.couchdb !== 'Welcome' && fromBanner === undefined) return null
    const version = typeof root?.version === 'string' ? /^\d[\w.-]{0,40}/.exec(root.version)?.[0] : fromBanner
    const facts: Record<string, Facts[string]> = {}
    if (isObject(root?.vendor) && typeof root.vendor.name === 'string') facts.vendor = clean(root.vendor.name, 80)
    const base = { product: 'CouchDB', ...(version === undefined ? {} : { version }), cpe: cpeOf('apache:couchdb', version), ...distroPart(String(facts.vendor ?? '')), facts }
    const list = await request({ path: '/_all_dbs' })
    if (failed(list)) return { ...base, evidence: first.evidence, incomplete: { code: list.failed, text: list.text } }
    const names = parseJson(list.text)
    if (list.status === 200 && Array.isArray(names)) {
      facts.auth = false
      facts.databases = (names as readonly unknown[]).filter((name) => typeof name === 'string').slice(0, 50).map((name) => clean(name, 120))
    } else facts.auth = list.status === 401 || list.status === 403 ? true : null
    const session = await request({ path: '/_session' })
    if (failed(session)) return { ...base, evidence: joinEvidence(first.evidence, list.evidence), incomplete: { code: session.failed, text: session.text } }
    const who = parseObject(session.text)?.userCtx
    if (isObject(who) && Array.isArray(who.roles)) facts.adminParty = who.roles.includes('_admin')
    return { ...base, evidence: joinEvidence(first.evidence, list.evidence, session.evidence) }
  },
}
