import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { startPlatform } from '../../src/command/platform.ts'
import { client } from '../story/platform.ts'

/**
 * A whole platform inside a namespace, and a person's browser beside it: `node platform-process.ts DATA ADDRESS CERT KEY`. Writes `{welcome}` when it
 * answers; then reads lines `{method, path, body}` and writes what the API answered as `{status, body}`. Ends in order with its input.
 */
const [data = '', address = '', cert = '', key = ''] = process.argv.slice(2)

const running = await startPlatform({
  data, host: address, port: 8443, scanner: true, log: `${data}/vigil.log`, version: 'test', console: null,
  tls: { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') }, tell: (text) => void process.stderr.write(`${text}\n`),
})
const browser = client(running.url)
process.stdout.write(`${JSON.stringify({ welcome: running.welcome })}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, body } = JSON.parse(line) as { method: string; path: string; body?: unknown }
  process.stdout.write(`${JSON.stringify(await browser.call(method, path, body))}\n`)
}
await running.stop()
process.exit(0)
