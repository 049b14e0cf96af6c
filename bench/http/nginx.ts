import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { run } from '../../test/peers/system.ts'

export type Nginx = Readonly<{ port: number; tlsPort: number; stop(): Promise<void> }>

/** A 76-byte page on nginx with one worker, in the clear and over TLS (P-256), on free ports of loopback. */
export async function startNginx(): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), 'vigil-bench-http-'))
  const [port, tlsPort] = await free(2) as [number, number]
  await mkdir(join(directory, 'www'))
  await writeFile(join(directory, 'www/index.html'), `<html><title>x</title>${'.'.repeat(46)}</html>\n`)
  await run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=bench', '-days', '2', '-keyout', join(directory, 'key'), '-out', join(directory, 'cert')])
  await writeFile(join(directory, 'nginx.conf'), [
    'daemon off;', 'master_process off;', `pid ${directory}/pid;`, `error_log ${directory}/error.log;`, 'events { worker_connections 4096; }', 'http {',
    '  access_log off; keepalive_requests 100000000; keepalive_timeout 60; types { text/html html; }',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${directory}/temp;`),
    `  server { listen 127.0.0.1:${port}; root ${directory}/www; }`,
    `  server { listen 127.0.0.1:${tlsPort} ssl; ssl_certificate ${directory}/cert; ssl_certificate_key ${directory}/key; ssl_session_cache off; ssl_session_tickets off; root ${directory}/www; }`, '}', '',
  ].join('\n'))
  const child = spawn('/usr/sbin/nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: ['ignore', 'inherit', 'inherit'] })
  const end = once(child, 'exit')
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error('nginx did not start')
    if (await fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.ok, () => false)) break
    await wait(50)
  }
  return {
    port, tlsPort,
    async stop() {
      child.kill('SIGTERM')
      await end
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function free(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return ports
}
