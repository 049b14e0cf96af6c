import { failed } from '../net.ts'
import { httpIdentity } from '../services/web/http-identity.ts'
import type { Service } from '../service.ts'
import { httpClient } from './client.ts'
import { titleOf } from './page.ts'

/** A web server that was spoken to in the clear on its TLS port says so, in these words (nginx, Apache, Go). */
const wantsTls = /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled|HTTP request to an HTTPS server/i

/**
 * HTTP: `GET /` and an answer that begins like HTTP/1. The page itself is the business of the probe `http`; products
 * behind the server are that of the web services. Facts: see `httpIdentity`.
 */
export const http: Service = {
  name: 'http',
  ports: [80, 81, 82, 88, 591, 2375, 2379, 3000, 3128, 4040, 5000, 5601, 5984, 7001, 8000, 8001, 8008, 8009, 8080, 8081, 8082, 8083, 8086, 8088, 8090, 8123, 8161, 8181, 8200, 8222, 8500, 8834, 8880, 8888, 8983, 9000, 9090, 9091, 9200, 15672, 28017],
  tlsPorts: [443, 444, 832, 981, 1311, 2376, 4443, 5986, 6443, 7443, 8243, 8443, 8444, 8843, 9443, 10250, 10443, 12443],
  guess: 10,
  async look({ at, tls, tools }) {
    const client = httpClient(at, tls, tools)
    try {
      const answer = await client.request({ path: '/' }, true)
      if (failed(answer) || answer.version === '0.9') return null
      if (!tls && answer.status === 400 && wantsTls.test(answer.text)) return null
      return { ...httpIdentity({ headers: answer.headers, body: answer.text, title: titleOf(answer.text) }), evidence: answer.evidence }
    } finally {
      client.close()
    }
  },
}
