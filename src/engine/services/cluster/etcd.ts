import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import type { HttpAnswer } from '../../http/answer.ts'
import type { WebService } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { isObject, parseObject } from '../wire/json-object.ts'
import { cpeOf, distroPart } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/** Every key, counted and not shown: range from NUL to NUL, in base64. */
const countAll = '{"key":"AA==","range_end":"AA==","count_only":true}'

/**
 * etcd. Reads `/version`, counts the keys of the v3 store through its JSON gateway, and lists the root of the v2 store, all without a
 * login. Facts: see FACTS.md. Reproduce: `etcdctl --endpoints HOST:2379 get '' --prefix --count-only --write-out fields`.
 * Source: https://etcd.io/docs/latest/dev-guide/api_grpc_gateway/
 */
export const etcd: WebService = {
  name: 'etcd',
  ports: [2379, 4001],
  hints: (root, port) => port === 2379 || port === 4001 || /etcd/i.test(`${root.headers.server ?? ''} ${Object.keys(root.headers).join(' ')}`),
  async look({ request }) {
    const first = await request({ path: '/version' })
    if (failed(first)) return null
    const about = parseObject(first.text)
    if (first.status !== 200 || typeof about?.etcdserver !== 'string') return null
    const version = /^\d[\w.+~-]{0,40}/.exec(about.etcdserver)?.[0]
    const facts: Record<string, Facts[string]> = {}
    if (typeof about.etcdcluster === 'string') facts.clusterVersion = clean(about.etcdcluster, 40)
    const base = { product: 'etcd', ...(version === undefined ? {} : { version }), cpe: cpeOf('etcd:etcd', version), ...distroPart(about.etcdserver), facts }
    const range = await request({ method: 'POST', path: '/v3/kv/range', headers: { 'content-type': 'application/json' }, body: countAll })
    if (failed(range)) return { ...base, evidence: first.evidence, incomplete: { code: range.failed, text: range.text } }
    const keys = await request({ path: '/v2/keys/' })
    const evidence = joinEvidence(first.evidence, range.evidence, ...(failed(keys) ? [] : [keys.evidence]))
    if (failed(keys)) return { ...base, evidence, incomplete: { code: keys.failed, text: keys.text } }
    const v3 = verdictV3(range)
    const v2 = verdictV2(keys)
    facts.v3 = v3.spoken
    facts.v2 = v2.spoken
    if (v3.count !== null) facts.keys = v3.count
    facts.auth = v3.open === false || v2.open === false ? false : v3.open ?? v2.open
    return { ...base, evidence }
  },
}

/** `open`: false = answered without a login, true = a login is demanded, null = neither. */
type Verdict = Readonly<{ spoken: boolean; open: boolean | null; count: number | null }>

function verdictV3(answer: HttpAnswer): Verdict {
  const body = parseObject(answer.text)
  if (answer.status === 200 && isObject(body?.header)) return { spoken: true, open: false, count: Number(/^\d{1,15}$/.exec(typeof body.count === 'string' ? body.count : '0')?.[0] ?? 0) }
  // gRPC codes: 3 with "user name is empty", 16 unauthenticated, 7 permission denied.
  const denied = /user name is empty|invalid auth token|permission denied|unauthenticated/i.test(answer.text.slice(0, 2048))
  return { spoken: denied || typeof body?.code === 'number', open: denied ? true : null, count: null }
}

function verdictV2(answer: HttpAnswer): Verdict {
  const body = parseObject(answer.text)
  if (answer.status === 200 && isObject(body?.node)) return { spoken: true, open: false, count: null }
  const denied = answer.status === 401 || answer.status === 403
  return { spoken: denied || typeof body?.errorCode === 'number', open: denied ? true : null, count: null }
}
