import { fieldsOf, listOf, scalarOf, type Fields } from './compile/fields.ts'
import type { Block, Fit } from './plan.ts'

const shortest = 3
const mostFits = 40

/** Words that name a kind of thing, and no product. */
const general = new Set([
  'wordpress_plugin', 'wp', 'plugin', 'theme', 'generic', 'multiple', 'other', 'unknown', 'http', 'https', 'web', 'server', 'api', 'panel', 'login', 'cms', 'router', 'iot', 'php', 'java', 'linux', 'windows', 'network',
])

/** Fields of a search in Shodan, FOFA, Censys, ZoomEye or Hunter by what they look at; the same words name the same things in all of them. */
const searched: Readonly<Record<string, Fit['in']>> = {
  'http.title': 'title', title: 'title', intitle: 'title', 'web.title': 'title', 'http.html': 'body', html: 'body', body: 'body', 'web.body': 'body', 'http.component': 'name', component: 'name', app: 'name',
  product: 'name', 'http.favicon.hash': 'favicon', icon_hash: 'favicon', iconhash: 'favicon', 'web.icon': 'favicon', header: 'header', server: 'header', 'http.headers': 'header',
  'services.http.response.html_title': 'title', 'services.http.response.body': 'body',
}

/**
 * What suggests that the product of a template is there, from what it says of itself: its CPE, vendor and product, the searches by which it is found, its ports. A template for a WordPress plugin fits where
 * WordPress is. Empty for what looks at everybody.
 */
export function fitsOf(info: Fields, blocks: readonly Block[]): readonly Fit[] {
  const fits = new Map<string, Fit>()
  const add = (where: Fit['in'], is: string): void => {
    const text = is.trim().toLowerCase()
    const isNumber = where === 'favicon' || where === 'port'
    if (isNumber ? !/^-?\d{1,12}$/.test(text) : text.length < shortest || (where === 'name' && general.has(text))) return
    if (fits.size < mostFits) fits.set(`${where} ${text}`, { in: where, is: text })
  }
  const metadata = fieldsOf(info.metadata)
  for (const name of ['product', 'framework']) for (const one of words(metadata[name])) addName(one, add)
  const cpe = /^cpe:(?:2\.3:|\/)[aoh]:([^:]+):([^:]+)(?::(.*))?$/.exec(scalarOf(fieldsOf(info.classification).cpe) ?? '')
  if (cpe !== null) {
    addName(plain(cpe[2]!), add)
    // target_sw, the platform that a plugin is for.
    const platform = /^(?:[^:]*:){5}([^:]*):/.exec(cpe[3] ?? '')?.[1] ?? ''
    if (!/^[*-]?$/.test(platform)) addName(plain(platform), add)
  }
  for (const [field, value] of Object.entries(metadata)) if (/-?(query|dork)$/.test(field)) for (const query of listOf(value)) readQuery(scalarOf(query) ?? '', add)
  addTags(info, add)
  for (const block of blocks) addPorts(block, add)
  const found = [...fits.values()]
  // A port alone tells less than anything else, but is all there is for what speaks no HTTP.
  return found.some(({ in: where }) => where !== 'port') || blocks.some(({ protocol }) => protocol !== 'http') ? found : []
}

type Add = (where: Fit['in'], is: string) => void

/** A name as CPE has it and as people write it. */
function addName(name: string, add: Add): void {
  add('name', name)
  if (/[_-]/.test(name)) add('name', name.replace(/[_-]+/g, ' '))
}

function words(value: unknown): readonly string[] {
  return listOf(value).flatMap((one) => (scalarOf(one) ?? '').split(',')).map((one) => one.trim()).filter((one) => one !== '')
}

function plain(part: string): string {
  return part.replace(/\\(.)/g, '$1')
}

/** Tags are named freely: only a few of them say which platform it must be. */
const platforms: Readonly<Record<string, string>> = {
  wordpress: 'wordpress', 'wp-plugin': 'wordpress', wpscan: 'wordpress', joomla: 'joomla', drupal: 'drupal', magento: 'magento', jira: 'jira', confluence: 'confluence', jenkins: 'jenkins', tomcat: 'tomcat', weblogic: 'weblogic',
  coldfusion: 'coldfusion', aem: 'adobe experience manager', sap: 'sap', vmware: 'vmware', citrix: 'citrix', exchange: 'exchange', sharepoint: 'sharepoint', grafana: 'grafana', gitlab: 'gitlab', zabbix: 'zabbix', prestashop: 'prestashop',
}

function addTags(info: Fields, add: Add): void {
  for (const tag of words(info.tags)) {
    const platform = platforms[tag.toLowerCase()]
    if (platform !== undefined) add('name', platform)
  }
}

/** `http.title:"…" http.component:wordpress`, `body="…" && title="…"`, `title='…'`. What is denied is left out. */
function readQuery(query: string, add: Add): void {
  for (const part of query.slice(0, 2000).matchAll(/(?<![\w.!-])([\w.]{2,50})\s*(?:==?|:)\s*(?:"((?:[^"\\]|\\.){1,300})"|'([^']{1,300})'|([^\s"'&|()]{1,200}))/g)) {
    const where = searched[part[1]!.toLowerCase()]
    if (where !== undefined) add(where, (part[2] ?? part[3] ?? part[4]!).replace(/\\(.)/g, '$1'))
  }
  for (const port of query.matchAll(/(?<![\w.!-])port\s*(?:==?|:)\s*"?(\d{1,5})\b/g)) add('port', port[1]!)
}

function addPorts(block: Block, add: Add): void {
  if (block.protocol === 'tcp' || block.protocol === 'javascript') for (const port of block.ports) add('port', String(port))
}
