import { mkdir, open, readFile } from 'node:fs/promises'
import { X509Certificate } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '#formats/certificate.ts'

/** The certificate of a console that was given none: made once, renewed a month before it ends. Scanners trust it by `--ca DIR/tls/cert.pem`. */
export async function serverCertificate(folder: string, host: string, now: number, tell: (text: string) => void): Promise<Readonly<{ cert: string; key: string }>> {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const known = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]).catch(() => null)
  if (known !== null && new X509Certificate(known[0]).validToDate.getTime() > now + 30 * 86_400_000) return { cert: known[0], key: known[1] }
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)).filter((address) => !address.includes('%'))
  const names = [...new Set([hostname(), 'localhost', ...(/^(0\.0\.0\.0|::)$/.test(host) ? addresses : [host, '127.0.0.1'])])]
  const made = selfSigned(names, now)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const [path, text] of [[keyFile, made.key], [certFile, made.cert]] as const) {
    const file = await open(path, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
    await file.close()
  }
  tell(`made a certificate for ${names.slice(0, 4).join(', ')}: ${certFile}, SHA-256 ${made.sha256}`)
  return made
}
