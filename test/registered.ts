import { authorityStatement } from '#core/authority.ts'
import type { Browser, TestServer } from './server.ts'

/** Declares that the organisation may scan these. */
export async function register(server: Pick<TestServer, 'app'>, browser: Browser, text: string): Promise<void> {
  const answer = await server.app.inject({ method: 'POST', url: '/api/v1/addresses', headers: browser.headers, payload: { text, comment: '', statement: authorityStatement } })
  if (answer.statusCode >= 300) throw new Error(`registering answered ${answer.statusCode}: ${answer.body}`)
}
