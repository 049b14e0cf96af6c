import en from './en.json' with { type: 'json' }

export type TextKey = keyof typeof en
type Params = Readonly<Record<string, string | number>>

const catalogue: Readonly<Record<string, string>> = en
const plural = new Intl.PluralRules('en')
const number = new Intl.NumberFormat('en')

/**
 * The text for a key with `{name}` filled in; numbers are grouped by thousands. A text may hold plural forms as
 * `{n|host|hosts}`: the first is taken for one, the second for all else.
 */
export function t(key: TextKey, params: Params = {}): string {
  return catalogue[key]!.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, other?: string) => {
    const value = params[name]
    if (value === undefined) return whole
    if (one !== undefined) return plural.select(Number(value)) === 'one' ? one : (other ?? '')
    return typeof value === 'number' ? number.format(value) : value
  })
}

export function catalogued(prefix: string, value: string): string | undefined {
  return catalogue[`${prefix}.${value}`]
}

/** Text for a value the server names (`status.new`); the value itself where the catalogue has no word for it yet. */
export function word(prefix: string, value: string): string {
  return catalogued(prefix, value) ?? value.replaceAll('_', ' ')
}
