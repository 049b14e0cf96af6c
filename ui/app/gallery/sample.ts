import type { SeverityLevel } from '#ui/kit/severity.tsx'

/** Made-up rows for the gallery alone; the console itself shows only what the platform answers. */
export type SampleFinding = Readonly<{ id: string; severity: SeverityLevel; title: string; host: string; port: string; status: string; first: number; last: number; cve: string }>

const titles = [
  'Redis answers commands without a password', 'TLS certificate has expired', 'OpenSSH offers ssh-rsa signatures with SHA-1', 'Server tells its version',
  'Docker API is open to everyone', 'Directory listing is on', 'SNMP answers the community “public”', 'HTTP login form without TLS', 'Elasticsearch answers without login', 'Strict-Transport-Security is missing',
]
const statuses = ['new', 'active', 'reopened', 'fixed', 'active', 'active']

export const findings: readonly SampleFinding[] = Array.from({ length: 5000 }, (_, index) => ({
  id: `f${index}`,
  severity: (5 - ((index * 7) % 5)) as SeverityLevel,
  title: titles[(index * 3) % titles.length]!,
  host: `127.0.${Math.floor(index / 250)}.${(index % 250) + 1}`,
  port: ['tcp/6379', 'tcp/443', 'tcp/22', 'tcp/80', 'udp/161'][index % 5]!,
  status: statuses[index % statuses.length]!,
  first: Date.now() - ((index * 37) % 90) * 86_400_000,
  last: Date.now() - ((index * 13) % 48) * 3_600_000,
  cve: index % 3 === 0 ? `CVE-2024-${1000 + index}` : '',
}))
