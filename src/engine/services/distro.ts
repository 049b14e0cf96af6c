const marks: readonly Readonly<{ pattern: RegExp; distro: string }>[] = [
  { pattern: /ubuntu/i, distro: 'ubuntu' },
  { pattern: /raspbian/i, distro: 'raspbian' },
  { pattern: /debian|[+~.-]deb\d{1,2}u\d|[+~.]dfsg|~bpo\d/i, distro: 'debian' },
  { pattern: /freebsd/i, distro: 'freebsd' },
  { pattern: /centos/i, distro: 'centos' },
  { pattern: /\brocky\b/i, distro: 'rocky' },
  { pattern: /almalinux/i, distro: 'almalinux' },
  { pattern: /oracle linux/i, distro: 'oracle' },
  { pattern: /red ?hat|\brhel\b|[.-](?:el|rhel)\d/i, distro: 'rhel' },
  { pattern: /fedora|\.fc\d{2}/i, distro: 'fedora' },
  { pattern: /alpine/i, distro: 'alpine' },
  { pattern: /suse/i, distro: 'suse' },
  { pattern: /\.amzn\d|amazon linux/i, distro: 'amazon' },
  { pattern: /gentoo/i, distro: 'gentoo' },
  { pattern: /arch ?linux/i, distro: 'arch' },
]

/**
 * The distribution that a banner names as its builder, or null: its security fixes are back-ported under an old version number.
 */
export function distroOf(banner: string): string | null {
  const head = banner.slice(0, 2048)
  return marks.find(({ pattern }) => pattern.test(head))?.distro ?? null
}
