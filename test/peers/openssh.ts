import type { Peer, Twins } from './peer.ts'

const base = {
  packages: ['openssh-server', 'openssh-client'],
  needsRoot: true,
  command: ({ directory }) => ['/usr/sbin/sshd', '-D', '-e', '-f', `${directory}/sshd_config`],
} satisfies Partial<Peer>

const privilegeSeparation = ['mkdir', '-p', '/run/sshd'] as const

/** What sshd of 2005 would have offered, as far as today's still can; and its modern self. */
export const openssh: Twins = {
  weak: {
    ...base,
    name: 'openssh weak',
    files: ({ address, port, directory }) => ({
      sshd_config: [
        `ListenAddress ${address}:${port}`, `HostKey ${directory}/rsa`, `HostKey ${directory}/ecdsa`, 'PidFile none', 'UsePAM no', 'UseDNS no',
        'KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1', 'Ciphers +3des-cbc,aes128-cbc',
        'MACs +hmac-md5,hmac-md5-96,hmac-sha1-96', 'HostKeyAlgorithms +ssh-rsa', 'RequiredRSASize 1024', 'PermitRootLogin yes', 'PasswordAuthentication yes', '',
      ].join('\n'),
    }),
    prepare: () => [privilegeSeparation, ['ssh-keygen', '-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', 'rsa'], ['ssh-keygen', '-q', '-t', 'ecdsa', '-N', '', '-f', 'ecdsa']],
  },
  hardened: {
    ...base,
    name: 'openssh hardened',
    files: ({ address, port, directory }) => ({
      sshd_config: [
        `ListenAddress ${address}:${port}`, `HostKey ${directory}/ed25519`, 'PidFile none', 'UsePAM no', 'UseDNS no', 'KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256',
        'Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com', 'MACs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com', 'HostKeyAlgorithms ssh-ed25519',
        'PermitRootLogin no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'Compression no', '',
      ].join('\n'),
    }),
    prepare: () => [privilegeSeparation, ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', 'ed25519']],
  },
}
