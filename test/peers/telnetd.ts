import type { Peer, Twins } from './peer.ts'

const base = { packages: ['inetutils-telnetd', 'login', 'bash'], needsRoot: true, perConnection: true } satisfies Partial<Peer>

/** Telnet cannot be hardened, only switched off; the twins are a shell for everybody and the usual login. */
export const telnetd: Twins = {
  weak: { ...base, name: 'telnetd with a shell', files: () => ({ 'shell.sh': "#!/bin/sh\nPS1='box# ' exec /bin/sh -i\n" }), command: ({ directory }) => ['/usr/sbin/telnetd', '-h', '-E', `${directory}/shell.sh`] },
  hardened: { ...base, name: 'telnetd with a login', command: () => ['/usr/sbin/telnetd', '-h', '-E', "/bin/login"] },
}
