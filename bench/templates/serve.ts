import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { twins, type Twin } from './twins.ts'

/** Every twin on a port of its own; how many requests each got so far. */
export async function serveTwins(): Promise<readonly Readonly<{ twin: Twin; port: number; requests(): number; close(): void }>[]> {
  return Promise.all(twins.map(async (twin) => {
    let requests = 0
    const server = createServer((request, response) => {
      requests += 1
      const url = request.url ?? '/'
      const page = twin.pages[url] ?? twin.pages[url.split('?')[0]!] ?? twin.missing
      response.writeHead(page.status ?? 200, { ...twin.headers, ...page.headers })
      response.end(request.method === 'HEAD' ? undefined : Buffer.from(page.body))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { twin, port: (server.address() as AddressInfo).port, requests: () => requests, close: () => {
      server.close()
      server.closeAllConnections()
    } }
  }))
}

/** As a process of its own: tells its ports in one line, and with each line it reads how many requests each got. Ends with its input. */
if (import.meta.main) {
  const served = await serveTwins()
  process.stdout.write(`${JSON.stringify(served.map(({ twin, port }) => ({ name: twin.name, port })))}\n`)
  process.stdin.on('data', () => process.stdout.write(`${JSON.stringify(served.map(({ requests }) => requests()))}\n`)).on('end', () => process.exit(0))
}
