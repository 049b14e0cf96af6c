import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['vsftpd', 'openssl'],
  needsRoot: true,
  command: ({ directory }) => ['/usr/sbin/vsftpd', `${directory}/vsftpd.conf`],
} satisfies Partial<Peer>

const common = ({ address, port, directory }: PeerPlace): readonly string[] => [
  'listen=YES', `listen_address=${address}`, `listen_port=${port}`, 'background=NO', `secure_chroot_dir=${directory}/empty`, 'xferlog_enable=NO', 'seccomp_sandbox=NO',
]

export const vsftpd: Twins = {
  /** Anonymous, with a folder that all may write to, and passwords in the clear. */
  weak: {
    ...base,
    name: 'vsftpd weak',
    files: (place) => ({
      'vsftpd.conf': [...common(place), 'anonymous_enable=YES', `anon_root=${place.directory}/pub`, 'local_enable=YES', 'ssl_enable=NO', 'anon_world_readable_only=NO', ''].join('\n'),
      'pub/readme.txt': 'nothing to see\n',
      'empty/.keep': '',
    }),
    prepare: () => [['mkdir', '-p', 'pub/incoming'], ['chmod', '777', 'pub/incoming'], ['rm', 'empty/.keep']],
  },
  hardened: {
    ...base,
    name: 'vsftpd hardened',
    files: (place) => ({
      'vsftpd.conf': [
        ...common(place), 'anonymous_enable=NO', 'local_enable=YES', 'ssl_enable=YES', 'force_local_logins_ssl=YES', 'force_local_data_ssl=YES', 'ssl_tlsv1=NO', 'ssl_sslv2=NO', 'ssl_sslv3=NO',
        'ssl_ciphers=HIGH:!aNULL', `rsa_cert_file=${place.directory}/server.crt`, `rsa_private_key_file=${place.directory}/server.key`, 'ftpd_banner=Welcome', '',
      ].join('\n'),
      'empty/.keep': '',
    }),
    prepare: () => [certificate(), ['rm', 'empty/.keep']],
  },
}
