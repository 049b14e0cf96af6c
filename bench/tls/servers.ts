import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oldNode } from './old-node.ts'
import { oldOpenssl } from './old-openssl.ts'
import { startPlainFirst } from './plain-first.ts'

/** `service`: what goes over to TLS there; TLS from the first byte is `https` of a web server, else `tls`. */
export type Running = Readonly<{ name: string; service: 'https' | 'tls' | 'smtp' | 'imap' | 'pop3' | 'ftp' | 'ldap' | 'postgresql' | 'mysql'; address: string; port: number; stop(): void | Promise<void> }>
type Start = (folder: string, port: number) => readonly string[] | null

const pem = ['-cert', 'rsa.pem', '-key', 'rsa.key']
const openssl = (...words: readonly string[]): Start => (_, port) => ['openssl', 's_server', '-accept', `127.0.0.1:${port}`, '-quiet', ...words]
const old = (...words: readonly string[]): Start => (_, port) => {
  const program = oldOpenssl()
  return program === null ? null : [program, 's_server', '-accept', `127.0.0.1:${port}`, '-quiet', ...words]
}
const gnutls = (priority: string): Start => (_, port) => ['gnutls-serv', '--quiet', '--x509certfile', 'rsa.pem', '--x509keyfile', 'rsa.key', '--port', String(port), '--priority', priority]

const nginx = (lines: string): Start => (folder, port) => {
  const home = join(folder, `nginx-${port}`)
  mkdirSync(home)
  writeFileSync(join(home, 'conf'), `daemon off; pid ${home}/pid; error_log ${home}/log; events {} http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${home}/${name};`).join(' ')}
    server { listen 127.0.0.1:${port} ssl; ssl_certificate ${folder}/rsa.pem; ssl_certificate_key ${folder}/rsa.key; root ${home}; ${lines} } }`)
  return ['/usr/sbin/nginx', '-p', home, '-c', join(home, 'conf')]
}

/** Servers of every age on loopback, each with what it stands for. */
const starts: Readonly<Record<string, Start>> = {
  'nginx, defaults': nginx(''),
  'nginx, two certificates, TLS 1.2 and 1.3, own order': (folder, port) => nginx(`ssl_certificate ${folder}/ec.pem; ssl_certificate_key ${folder}/ec.key; ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;`)(folder, port),
  'Apache': (folder, port) => {
    const home = join(folder, 'apache')
    mkdirSync(home)
    writeFileSync(join(home, 'conf'), ['mpm_event', 'authz_core', 'ssl', 'socache_shmcb'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')
      + `ServerName localhost\nListen 127.0.0.1:${port}\nServerRoot ${home}\nDocumentRoot ${home}\nPidFile ${home}/pid\nErrorLog ${home}/log\nSSLEngine on\nSSLCertificateFile ${folder}/rsa.pem\nSSLCertificateKeyFile ${folder}/rsa.key\n`)
    return ['/usr/sbin/apache2', '-f', join(home, 'conf'), '-DFOREGROUND']
  },
  'lighttpd': (folder, port) => {
    writeFileSync(join(folder, 'lighttpd'), `server.document-root = "${folder}"\nserver.port = ${port}\nserver.bind = "127.0.0.1"\nserver.modules = ("mod_openssl")\nssl.engine = "enable"\nssl.pemfile = "${folder}/rsa.pem"\nssl.privkey = "${folder}/rsa.key"\n`)
    return ['/usr/sbin/lighttpd', '-D', '-f', join(folder, 'lighttpd')]
  },
  'stunnel': (folder, port) => {
    writeFileSync(join(folder, 'stunnel'), `foreground = yes\npid =\n[x]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:9\ncert = ${folder}/rsa.pem\nkey = ${folder}/rsa.key\n`)
    return ['/usr/bin/stunnel4', join(folder, 'stunnel')]
  },
  'OpenSSL 3, defaults': openssl(...pem),
  'OpenSSL 3, TLS 1.3 alone': openssl(...pem, '-tls1_3'),
  'OpenSSL 3, TLS 1.0 alone': openssl(...pem, '-tls1', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL 3, all suites, NULL and anonymous': openssl(...pem, '-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0', '-no_tls1_3'),
  'OpenSSL 3, prime of 1024 bits': openssl(...pem, '-dhparam', 'dh.pem', '-cipher', 'DHE:@SECLEVEL=0', '-no_tls1_3'),
  'OpenSSL 3, ECDSA': openssl('-cert', 'ec.pem', '-key', 'ec.key'),
  'OpenSSL 3, client certificate demanded': openssl(...pem, '-Verify', '1'),
  'OpenSSL 3, RSA exchange alone': openssl(...pem, '-cipher', 'kRSA:!NULL', '-no_tls1_3'),
  'GnuTLS, defaults': gnutls('NORMAL'),
  'GnuTLS, legacy': gnutls('LEGACY:+VERS-ALL:+3DES-CBC:+ARCFOUR-128:%SERVER_PRECEDENCE'),
  'OpenSSL 1.1.1, SSL 3, RC4, 3DES, IDEA, anonymous, NULL': old(...pem, '-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'),
  'OpenSSL 1.1.1, SSL 3 alone': old(...pem, '-ssl3', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL 1.1.1, 3DES and RC4 by own order': old(...pem, '-serverpref', '-cipher', 'RC4:3DES:@SECLEVEL=0', '-no_tls1_3'),
  'Node 0.10.42 with OpenSSL 1.0.1r: SSL 2, SSL 3': (folder, port) => oldNode('0.10.42', join(folder, 'rsa.key'), join(folder, 'rsa.pem'), port),
  'Node 0.10.26 with OpenSSL 1.0.1e, a key of 512 bits: SSL 2, EXPORT': (folder, port) => oldNode('0.10.26', join(folder, 'short.key'), join(folder, 'short.pem'), port),
  'Java, all it knows: SSL 3, EXPORT, DES': (_, port) => ['java', '-Xmx128m', fileURLToPath(new URL('OldServer.java', import.meta.url)), 'store.p12', String(port)],
}

export async function startServers(folder: string, tell: (missing: string) => void, only: RegExp): Promise<readonly Running[]> {
  const make = (...words: readonly string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  make('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'rsa.key', '-out', 'rsa.pem', '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost')
  make('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ec.key', '-out', 'ec.pem', '-days', '30', '-subj', '/CN=localhost')
  make('req', '-x509', '-newkey', 'rsa:512', '-nodes', '-keyout', 'short.key', '-out', 'short.pem', '-days', '30', '-subj', '/CN=localhost')
  make('dhparam', '-dsaparam', '-out', 'dh.pem', '1024')
  make('pkcs12', '-export', '-in', 'rsa.pem', '-inkey', 'rsa.key', '-out', 'store.p12', '-passout', 'pass:vigil-bench')
  const running: Running[] = []
  for (const [name, start] of Object.entries(starts).filter(([name]) => only.test(name))) {
    const port = await freePort()
    const command = start(folder, port)
    const one = command === null ? null : await launch(name, command, folder, port)
    if (one === null) tell(name)
    else running.push(one)
  }
  return [...running, ...await startPlainFirst(tell, only)]
}

async function launch(name: string, [program = '', ...words]: readonly string[], folder: string, port: number): Promise<Running | null> {
  const child = spawn(program, words, { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  let over = false
  child.once('exit', () => (over = true)).once('error', () => (over = true))
  for (const until = Date.now() + 60_000; !over && Date.now() < until;) {
    if (await answers(port)) return { name, service: /^(nginx|Apache|lighttpd)/.test(name) ? 'https' : 'tls', address: '127.0.0.1', port, stop: () => killGroup(child) }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  killGroup(child)
  return null
}

/** Apache's workers outlive their parent where that alone is killed. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
