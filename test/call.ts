import type { FastifyInstance } from 'fastify'
import { cookiesOf, origin } from './server.ts'

export type Answer = Readonly<{ status: number; body: Readonly<Record<string, unknown>>; cookie: string; text: string }>

/** One request to the API, and its answer as tests look at it. */
export async function call(app: FastifyInstance, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object, headers: Readonly<Record<string, string>> = { origin }): Promise<Answer> {
  const answer = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload === undefined ? {} : { payload }) })
  const isJson = /json/.test(String(answer.headers['content-type']))
  return { status: answer.statusCode, body: isJson ? answer.json() : {}, cookie: cookiesOf(answer.headers['set-cookie']), text: answer.body }
}

/** `403 forbidden` */
export const codeOf = (answer: Answer): string => `${answer.status} ${String(answer.body['code'])}`
