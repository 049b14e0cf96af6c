import type { Evidence, Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import type { Sighting, WebService, WebTarget } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { isObject, parseJson, parseObject } from '../wire/json-object.ts'
import { cpeOf } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * Elasticsearch and OpenSearch. Reads `/` and the list of indices without a login. Facts: see FACTS.md.
 * Reproduce: `curl http://HOST:9200/_cat/indices`. Source: https://www.elastic.co/docs/api/doc/elasticsearch/
 */
export const elasticsearch: WebService = {
  name: 'elasticsearch',
  ports: [9200, 9201],
  hints: (root, port) => /"cluster_name"|you know, for search|opensearch/i.test(root.body.slice(0, 4096)) || /elastic|opensearch/i.test(`${root.headers['www-authenticate'] ?? ''} ${root.headers['x-elastic-product'] ?? ''}`) || (port === 9200 && root.status === 401),
  async look(target) {
    const first = await target.request({ path: '/' })
    if (failed(first)) return null
    const root = parseObject(first.text)
    const about = isObject(root?.version) && typeof root.version.number === 'string' ? root.version : null
    const challenge = `${first.headers['www-authenticate'] ?? ''} ${first.headers['x-elastic-product'] ?? ''}`
    if (root === null || about === null || typeof root.cluster_name !== 'string') {
      const opensearch = /opensearch/i.test(challenge)
      const denied = first.status === 401 && (/"security_exception"|elastic|opensearch/i.test(`${first.text.slice(0, 4096)} ${challenge}`))
      if (!denied) return null
      return { product: opensearch ? 'OpenSearch' : 'Elasticsearch', cpe: cpeOf(opensearch ? 'amazon:opensearch' : 'elastic:elasticsearch'), facts: { auth: true }, evidence: first.evidence }
    }
    return lookInside(target, root, about, first.evidence)
  },
}

async function lookInside(target: WebTarget, root: Readonly<Record<string, unknown>>, about: Readonly<Record<string, unknown>>, evidence: Evidence): Promise<Sighting> {
  const opensearch = about.distribution === 'opensearch'
  const version = /^\d[\w.-]{0,40}/.exec(String(about.number))?.[0]
  const facts: Record<string, Facts[string]> = {}
  const text = (value: unknown, fact: string): void => {
    if (typeof value === 'string') facts[fact] = clean(value, 120)
  }
  text(root.cluster_name, 'clusterName')
  text(root.name, 'nodeName')
  text(about.lucene_version, 'lucene')
  text(about.distribution ?? about.build_flavor, 'distribution')
  const base = { product: opensearch ? 'OpenSearch' : 'Elasticsearch', ...(version === undefined ? {} : { version }), cpe: cpeOf(opensearch ? 'amazon:opensearch' : 'elastic:elasticsearch', version), facts }
  const list = await target.request({ path: '/_cat/indices?format=json&h=index,docs.count' })
  if (failed(list)) return { ...base, evidence, incomplete: { code: list.failed, text: list.text } }
  const indices = parseJson(list.text)
  if (list.status === 200 && Array.isArray(indices)) {
    facts.auth = false
    facts.indices = (indices as readonly unknown[]).slice(0, 50).map((one) => (isObject(one) && typeof one.index === 'string' ? clean(one.index, 120) : '')).filter((name) => name !== '')
  } else facts.auth = list.status === 401 || list.status === 403 ? true : null
  return { ...base, evidence: joinEvidence(evidence, list.evidence) }
}
