import type { Facts, Shapes } from '#core/observation.ts'
import type { Sighting } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { applications, type HttpApplication } from './http-applications.ts'
import {
  frameworkRules,
  languageRules,
  libraryRules,
  serverPageRules,
  serverRules,
  type HttpLayer,
  type HttpRule,
  type HttpSource,
} from './http-products.ts'
import { cpeOf, distroPart, type Product } from '../product.ts'

/** What of an answer tells products. */
export type WebPage = Pick<Shapes['http'], 'headers' | 'body' | 'title'>

/** A body is searched this far: marks of products stand at its beginning. */
const bodyMost = 32_768

/** The texts that a page offers to a rule; missing ones are empty. */
function textFrom(page: WebPage, source: HttpSource): string {
  const { headers } = page
  if (source === 'server') return (headers['server'] ?? '').slice(0, 512)
  if (source === 'powered') return (headers['x-powered-by'] ?? '').slice(0, 256)
  if (source === 'title') return page.title ?? ''
  if (source === 'body') return page.body.slice(0, bodyMost)
  if (source === 'location') return (headers['location'] ?? '').slice(0, 512)
  if (source === 'generator') return generatorOf(page.body) ?? ''
  if (source === 'cookie')
    return (headers['set-cookie'] ?? '')
      .slice(0, 4096)
      .split('\n')
      .map((line) => line.split('=', 1)[0]!.trim())
      .join('\n')
  const value = headers[source.slice('header:'.length)]
  // An empty header is a mark too.
  return value === undefined ? '' : `${value.slice(0, 256)} `
}

export function generatorOf(body: string): string | null {
  const head = body.slice(0, bodyMost)
  const tag = /<meta[^>]{0,200}name=["']?generator["']?[^>]{0,300}>/i.exec(head)?.[0]
  const content = tag === undefined ? undefined : /content=["']([^"']{1,200})/i.exec(tag)?.[1]
  return content === undefined ? null : clean(content, 120)
}

type Known = Product & Readonly<{ product: string }>

function firstOf(page: WebPage, rules: readonly HttpRule[]): Known | null {
  for (const { from, pattern, product, cpe } of rules) {
    const text = textFrom(page, from)
    const found = text === '' ? null : pattern.exec(text)
    if (found !== null) return known(product, cpe, found[1])
  }
  return null
}

export function known(product: string, cpe: string | undefined, version: string | undefined): Known {
  const number = version === undefined || version === '' ? undefined : version.slice(0, 40).replace(/[.-]+$/, '')
  return {
    product,
    ...(number === undefined ? {} : { version: number }),
    ...(cpe === undefined ? {} : { cpe: cpeOf(cpe, number) }),
  }
}

/**
 * The application whose mark is on the page, with the version if the mark tells it; `hint`: only a page of its own would prove
 * it.
 */
export function applicationOf(page: WebPage): Readonly<{ application: HttpApplication; version?: string; hint: boolean }> | null {
  for (const application of applications) {
    let matched = false
    for (const { from, pattern } of application.shows) {
      const text = textFrom(page, from)
      const found = text === '' ? null : pattern.exec(text)
      if (found === null) continue
      if (found[1] !== undefined) return { application, version: found[1], hint: false }
      matched = true
    }
    if (matched) return { application, hint: application.ask?.sure === true }
  }
  return null
}

/** The product of each layer that a page shows; `application` is left to `applicationOf`, which may have to ask further. */
export function layersOf(page: WebPage): Readonly<Partial<Record<Exclude<HttpLayer, 'application'>, Known>>> {
  const rules = {
    server: [...serverRules, ...serverPageRules],
    library: libraryRules,
    language: languageRules,
    framework: frameworkRules,
  }
  const layers: Partial<Record<Exclude<HttpLayer, 'application'>, Known>> = {}
  for (const layer of ['server', 'library', 'language', 'framework'] as const) {
    const product = firstOf(page, rules[layer])
    if (product !== null) layers[layer] = product
  }
  return layers
}

/** What the service `http` says of itself by one answer: its server's product, and the facts of FACTS.md. */
export function httpIdentity(page: WebPage): Pick<Sighting, 'product' | 'version' | 'cpe' | 'distro' | 'facts'> {
  const layers = layersOf(page)
  const application = applicationOf(page)
  const server = page.headers['server']
  const poweredBy = page.headers['x-powered-by']
  const generator = generatorOf(page.body)
  const all = [
    layers.server,
    layers.library,
    layers.language,
    layers.framework,
    application === null || application.hint ? undefined : known(application.application.product, undefined, application.version),
  ]
  const products = all
    .filter((product) => product !== undefined)
    .map(({ product, version }) => (version === undefined ? product : `${product}/${version}`))
  const modules = [...(server ?? '').slice(0, 512).matchAll(/\b(mod_\w{1,20}\/[\w.]{1,16})/g)].map((found) => found[1]!)
  const facts: Facts = {
    ...(server === undefined ? {} : { server: clean(server) }),
    ...(poweredBy === undefined ? {} : { poweredBy: clean(poweredBy) }),
    ...(generator === null ? {} : { generator }),
    ...(layers.language?.product === 'PHP' && layers.language.version !== undefined ? { php: layers.language.version } : {}),
    ...(layers.library?.version === undefined ? {} : { openssl: layers.library.version }),
    ...(modules.length === 0 ? {} : { modules: modules.slice(0, 32) }),
    products: [...new Set(products)],
  }
  return { ...layers.server, ...distroPart(`${server ?? ''} ${poweredBy ?? ''}`), facts }
}
