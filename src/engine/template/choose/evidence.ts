import type { Shapes } from '#core/observation.ts'
import type { Fit } from '#core/template/plan.ts'
import type { Catalogue } from './catalogue.ts'

/** What is known of a web root: grows while it is looked at. */
export interface Evidence {
  /** A page that was received. */
  page(page: Readonly<{ title: string | null; header: string; body: string }>): void
  icon(hash: string): void
  /** Products that something else found out. */
  name(name: string): void
  /** Places of the fits that hold by now. */
  fits(): ReadonlySet<number>
}

/** Words in places where servers say what they are that are also in every other place. */
const empty = new Set(['the', 'and', 'for', 'with', 'welcome', 'home', 'page', 'index', 'login', 'server', 'web', 'http', 'https', 'html', 'text', 'error', 'default', 'site', 'test', 'unix', 'linux', 'debian', 'ubuntu', 'win32', 'win64'])

/** Marks in a page by which everybody knows a platform. */
const marks: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\/wp-(?:content|includes)\//, ['wordpress']], [/\/media\/jui\/|\/components\/com_|joomla!/i, ['joomla']], [/sites\/(?:default|all)\/|drupal\.settings|drupal-settings-json/i, ['drupal']],
  [/\/skin\/frontend\/|mage\/cookies|Magento_/i, ['magento']], [/laravel_session|XSRF-TOKEN/, ['laravel']],
]

export function evidenceOf(catalogue: Catalogue): Evidence {
  const held = new Set<number>()
  const names = new Set<string>()
  const open = catalogue.fits.map((_, place) => place)
  const pages: { title: string; header: string; body: string; said: string }[] = []
  const icons = new Set<string>()
  let looked = 0
  let news = true

  function holds(fit: Fit, fresh: readonly (typeof pages)[number][]): boolean {
    switch (fit.in) {
      case 'title': return fresh.some(({ title }) => title.includes(fit.is))
      case 'header': return fresh.some(({ header }) => header.includes(fit.is))
      case 'body': return fresh.some(({ body }) => body.includes(fit.is))
      case 'favicon': return icons.has(fit.is)
      case 'name': return names.has(fit.is) || (!empty.has(fit.is) && fresh.some(({ said }) => hasWord(said, fit.is)))
      default: return false
    }
  }

  return {
    page({ title, header, body }) {
      const lower = body.toLowerCase()
      const generator = [...body.slice(0, 32_768).matchAll(/<meta[^>]{1,200}>/gi)].filter(([tag]) => /name=["']?(?:generator|application-name|author)/i.test(tag)).map(([tag]) => tag).join('\n')
      const said = `${title ?? ''}\n${productHeaders(header)}\n${generator}`.toLowerCase()
      pages.push({ title: (title ?? '').toLowerCase(), header: header.toLowerCase(), body: lower, said })
      for (const [mark, of] of marks) if (mark.test(body) || mark.test(header)) for (const name of of) names.add(name)
      news = true
    },
    icon(hash) {
      icons.add(hash)
      news = true
    },
    name(name) {
      const lower = name.toLowerCase()
      if (empty.has(lower)) return
      for (const one of [lower, lower.replaceAll(/[-\s]+/g, '_'), lower.replaceAll(/[-_]+/g, ' ')]) if (catalogue.names.has(one)) names.add(one)
      news = true
    },
    fits() {
      if (!news) return held
      news = false
      const fresh = pages.slice(looked)
      looked = pages.length
      let kept = 0
      for (const place of open) {
        if (holds(catalogue.fits[place]!, fresh)) held.add(place)
        else open[kept++] = place
      }
      open.length = kept
      return held
    },
  }
}

/** Headers in which software names itself, and the names of cookies. */
function productHeaders(header: string): string {
  return header.split(/\r?\n/).filter((line) => /^(?:server|x-powered-by|x-generator|x-aspnet\w*|x-drupal-[\w-]+|x-jenkins[\w-]*|via|www-authenticate|x-application-context|x-[\w-]*version[\w-]*|set-cookie|liferay-portal|microsoftsharepoint\w*|x-influxdb[\w-]*|product)\s*:/i.test(line))
    .map((line) => line.replace(/=[^;]*;.*$/, '').slice(0, 500)).join('\n')
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[a-z0-9]/.test(text[at - 1] ?? '') && !/[a-z]/.test(text[at + word.length] ?? '')) return true
  }
  return false
}

/** The head of a page as an observation has it, one header a line. */
export function headerText(headers: Shapes['http']['headers']): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n')
}
