import { ProblemError, UnreachableError, type Problem } from './problem.ts'

export type QueryParams = Readonly<Record<string, string | number | boolean | null | undefined>>
export type Page<T> = Readonly<{ items: readonly T[]; next: string | null }>

const root = '/api/v1'

export function apiUrl(path: string, query: QueryParams = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  const text = search.toString()
  return `${root}${path}${text === '' ? '' : `?${text}`}`
}

/** One request to the platform. What it answers is what its schema says; what went wrong comes as ProblemError. */
async function send<T>(method: string, path: string, options: { query?: QueryParams | undefined; body?: unknown; signal?: AbortSignal | undefined } = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(apiUrl(path, options.query), {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(options.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new UnreachableError()
  }
  if (response.ok) return (response.status === 204 || response.headers.get('content-length') === '0' ? undefined : await response.json()) as T
  throw new ProblemError(await problemOf(response))
}

/** A proxy in between may answer in its own way: then the status is all we know. */
async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Partial<Problem>
    return { ...body, status: response.status }
  } catch {
    return { status: response.status }
  }
}

export const api = {
  get: <T>(path: string, query?: QueryParams, signal?: AbortSignal): Promise<T> => send('GET', path, { query, signal }),
  post: <T = void>(path: string, body?: unknown, query?: QueryParams): Promise<T> => send('POST', path, { body: body ?? {}, query }),
  put: <T = void>(path: string, body?: unknown): Promise<T> => send('PUT', path, { body: body ?? {} }),
  patch: <T = void>(path: string, body?: unknown): Promise<T> => send('PATCH', path, { body: body ?? {} }),
  delete: <T = void>(path: string, body?: unknown): Promise<T> => send('DELETE', path, body === undefined ? {} : { body }),
}
