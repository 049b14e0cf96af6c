import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import type { WebService } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { parseJson, parseObject } from '../wire/json-object.ts'
import { cpeOf, distroPart } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * Docker Engine API (and Podman's twin of it). Reads `/version` and the list of containers; whoever may do that may start one, with the
 * host's disk inside. Facts: see FACTS.md. Reproduce: `curl http://HOST:2375/containers/json`.
 * Source: https://docs.docker.com/reference/api/engine/
 */
export const docker: WebService = {
  name: 'docker',
  ports: [2375, 2376],
  // The root page is a bare 404; the port or the server's name give it away.
  hints: (root, port) => port === 2375 || port === 2376 || /^(?:Docker|Libpod)\//i.test(root.headers.server ?? '') || root.body.startsWith('{"message":"page not found"}'),
  async look({ request }) {
    const first = await request({ path: '/version' })
    if (failed(first)) return null
    const about = parseObject(first.text)
    const isVersion = first.status === 200 && typeof about?.ApiVersion === 'string' && typeof about.Version === 'string'
    if (!isVersion) {
      const known = /^Docker\//i.test(first.headers.server ?? '') && (first.status === 401 || first.status === 403)
      return known ? { product: 'Docker', cpe: cpeOf('docker:docker'), facts: { auth: true }, evidence: first.evidence } : null
    }
    const text = (name: string, fact: string): Facts => (typeof about[name] === 'string' ? { [fact]: clean(about[name], 120) } : {})
    const podman = /podman/i.test(JSON.stringify(about.Components ?? '').slice(0, 4096)) || /^Libpod\//i.test(first.headers.server ?? '')
    const version = /^\d[\w.-]{0,40}/.exec(String(about.Version))?.[0]
    const facts: Record<string, Facts[string]> = { ...text('ApiVersion', 'apiVersion'), ...text('Os', 'os'), ...text('Arch', 'arch'), ...text('KernelVersion', 'kernel') }
    const base = {
      product: podman ? 'Podman' : 'Docker',
      ...(version === undefined ? {} : { version }),
      cpe: cpeOf(podman ? 'podman_project:podman' : 'docker:docker', version),
      ...distroPart(String(about.Version)),
      facts,
    }
    const list = await request({ path: '/containers/json?all=1&limit=100' })
    if (failed(list)) return { ...base, evidence: first.evidence, incomplete: { code: list.failed, text: list.text } }
    const containers = parseJson(list.text)
    if (list.status === 200 && (Array.isArray(containers) || list.cut)) {
      facts.auth = false
      if (Array.isArray(containers)) facts.containers = containers.length
    } else facts.auth = list.status === 401 || list.status === 403 ? true : null
    return { ...base, evidence: joinEvidence(first.evidence, list.evidence) }
  },
}

/**
 * Docker registry (distribution). Reads the catalogue of repositories without a login. Facts: see FACTS.md.
 * Reproduce: `curl http://HOST:5000/v2/_catalog`. Source: https://distribution.github.io/distribution/spec/api/
 */
export const dockerRegistry: WebService = {
  name: 'docker-registry',
  ports: [5000],
  hints: (root, port) => port === 5000 || 'docker-distribution-api-version' in root.headers,
  async look({ request }) {
    const first = await request({ path: '/v2/' })
    if (failed(first) || first.headers['docker-distribution-api-version'] === undefined) return null
    const base = { product: 'Docker Registry', cpe: cpeOf('docker:registry') }
    if (first.status === 401 || first.status === 403) return { ...base, facts: { auth: true }, evidence: first.evidence }
    const list = await request({ path: '/v2/_catalog?n=50' })
    if (failed(list)) return { ...base, facts: {}, evidence: first.evidence, incomplete: { code: list.failed, text: list.text } }
    const names = parseObject(list.text)?.repositories
    const open = list.status === 200 && Array.isArray(names)
    return {
      ...base,
      facts: {
        auth: open ? false : list.status === 401 || list.status === 403 ? true : null,
        ...(open ? { repositories: (names as readonly unknown[]).filter((name) => typeof name === 'string').slice(0, 50).map((name) => clean(name, 120)) } : {}),
      },
      evidence: joinEvidence(first.evidence, list.evidence),
    }
  },
}
