/**
 * Search parameters as people write them: `?q=severity:5&sort=-last`, never JSON. A route names its parameters with readers;
 * what is not readable is left out, so that no address breaks a page.
 */
export type Reader<T> = (value: string) => T | undefined
type Readers = Readonly<Record<string, Reader<unknown>>>
export type SearchOf<R extends Readers> = { [K in keyof R]?: Exclude<ReturnType<R[K]>, undefined> }

export const text: Reader<string> = (value) => (value === '' || value.length > 4000 ? undefined : value)
export const oneOf = <const V extends string>(...values: readonly V[]): Reader<V> => (value) => values.find((one) => one === value)
export const list: Reader<string[]> = (value) => (value === '' ? undefined : value.split(',').slice(0, 50))
export const flag: Reader<true> = (value) => (value === '1' || value === 'true' ? true : undefined)
export const whole: Reader<number> = (value) => (/^\d{1,12}$/.test(value) ? Number(value) : undefined)

export function searchReader<R extends Readers>(readers: R): (raw: Record<string, unknown>) => SearchOf<R> {
  return (raw: Readonly<Record<string, unknown>>) => {
    const read: Record<string, unknown> = {}
    for (const [name, reader] of Object.entries(readers)) {
      const value = raw[name]
      if (value === undefined || value === null) continue
      const found = reader(Array.isArray(value) ? value.join(',') : value === true ? '1' : `${value as string | number}`)
      if (found !== undefined) read[name] = found
    }
    return read as SearchOf<R>
  }
}

export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search))
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) continue
    params.set(name, value === true ? '1' : Array.isArray(value) ? value.join(',') : String(value as string | number))
  }
  // Colons, commas, slashes and quotes may stand in a query: an address stays readable.
  const readable = params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/')
  return readable === '' ? '' : `?${readable}`
}
