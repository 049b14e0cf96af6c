import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import type { Sighting, WebService, WebTarget } from '../../service.ts'
import { applicationOf, known, layersOf } from './http-identity.ts'
import type { HttpLayer } from './http-products.ts'
import { distroPart } from '../product.ts'

/**
 * Products behind a web server: each layer that the root page shows (library, language, framework, application) becomes a
 * `service`
 * observation of its own, named `http`, beside that of the server. Facts: `layer`.
 * Reproduce: `curl -sI HOST`. The rules name their marks; none asks for more than one page.
 */
function layerService(layer: Exclude<HttpLayer, 'application' | 'server'>): WebService {
  return {
    name: 'http',
    ports: [],
    hints: (root) => layersOf(root)[layer] !== undefined,
    look({ root }) {
      const product = layersOf(root)[layer]
      const facts: Facts = { layer }
      const said = `${root.headers['server'] ?? ''} ${root.headers['x-powered-by'] ?? ''}`
      return Promise.resolve(
        product === undefined ? null : { ...product, ...distroPart(said), facts, evidence: headEvidence(root) },
      )
    },
  }
}

const application: WebService = {
  name: 'http',
  ports: [],
  hints: (root) => applicationOf(root) !== null,
  look: lookAtApplication,
}

async function lookAtApplication({ root, request }: WebTarget): Promise<Sighting | null> {
  const found = applicationOf(root)
  if (found === null) return null
  const { product, cpe, ask } = found.application
  const facts: Facts = { layer: 'application' }
  if (found.version !== undefined || ask === undefined)
    return { ...known(product, cpe, found.version), facts, evidence: headEvidence(root) }
  const answer = await request({ path: ask.path })
  if (failed(answer)) {
    // A hint without its proof is no sighting; it was looked for, and in vain.
    if (found.hint) return null
    return {
      ...known(product, cpe, undefined),
      facts,
      evidence: headEvidence(root),
      incomplete: { code: answer.failed, text: answer.text },
    }
  }
  const version = ask.version.exec(answer.text)?.[1]
  if (version === undefined && found.hint) return null
  return { ...known(product, cpe, version), facts, evidence: version === undefined ? headEvidence(root) : answer.evidence }
}

/** The head of the root page stands for what showed the product. */
function headEvidence(root: WebTarget['root']): NonNullable<Sighting['evidence']> {
  const head = Object.entries(root.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
  const mark = root.title === null ? '' : `\n\n<title>${root.title}</title>`
  return {
    sent: `${root.method} ${root.path}`,
    received: `${root.status}\n${head}${mark}`.replace(/[^\x20-\x7e\n]/g, '.').slice(0, 8192),
  }
}

/** One web service a layer, for the registry. */
export const httpProducts: readonly WebService[] = [
  layerService('library'),
  layerService('language'),
  layerService('framework'),
  application,
]
