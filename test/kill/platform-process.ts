import { readFile } from 'node:fs/promises'
import { startPlatform } from '../../src/command/platform.ts'

/**
 * What `vigil up` runs, without the build of the console: `node platform-process.ts DATA PORT CERT KEY [HOST [SCANS]]`. Writes `up` when it
 * answers.
 */
const [data, port, cert, key, host = '127.0.0.1', scans = 'true'] = process.argv.slice(2)

const running = await startPlatform({
  data: data!, host, port: Number(port), scanner: scans === 'true', log: `${data!}/vigil.log`, version: 'test', console: null,
  tls: { cert: await readFile(cert!, 'utf8'), key: await readFile(key!, 'utf8') },
  tell: (text) => void process.stderr.write(`${text}\n`),
})
process.stdout.write('up\n')
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
