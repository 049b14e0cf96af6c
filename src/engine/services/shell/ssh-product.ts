import { cpeOf, distroPart, productOf, type ProductRule } from '../product.ts'

const products: readonly ProductRule[] = [
  { pattern: /^dropbear(?:_(\d{4}\.\d{1,3}|0\.\d{1,2}))?/i, product: 'Dropbear', cpe: 'dropbear_ssh_project:dropbear_ssh' },
  { pattern: /^libssh[-_]?(\d[\d.]{0,12})?/i, product: 'libssh', cpe: 'libssh:libssh' },
  { pattern: /^mod_sftp(?:\/(\d[\d.]{0,12}))?/i, product: 'ProFTPD mod_sftp' },
  { pattern: /^Cisco-(\d[\d.]{0,12})/i, product: 'Cisco SSH' },
  { pattern: /^ROSSSH/, product: 'ROSSSH' },
  { pattern: /Bitvise SSH Server \(WinSSHD\) (\d[\d.]{0,12})/i, product: 'Bitvise' },
  { pattern: /WinSSHD (\d[\d.]{0,12})/i, product: 'WinSSHD' },
  // Erlang says the version of its ssh application, not of OTP, so no CPE.
  { pattern: /^Erlang\/(\d[\d.]{0,12})/i, product: 'Erlang SSH' },
  { pattern: /^Go\b/, product: 'Go SSH' },
  { pattern: /^AsyncSSH_(\d[\d.]{0,12})/i, product: 'AsyncSSH', cpe: 'asyncssh_project:asyncssh' },
  { pattern: /^paramiko_(\d[\d.]{0,12})/i, product: 'Paramiko', cpe: 'paramiko:paramiko' },
  { pattern: /^Twisted(?:Conch)?[ _]?(\d[\d.]{0,12})?/i, product: 'Twisted Conch' },
  { pattern: /^(?:APACHE-SSHD|SSHD-CORE)-(\d[\d.]{0,12})/i, product: 'Apache MINA SSHD', cpe: 'apache:sshd' },
  { pattern: /^SFTPGo(?:_(\d[\d.]{0,12}))?/i, product: 'SFTPGo', cpe: 'sftpgo_project:sftpgo' },
  { pattern: /^CrushFTPSSHD/i, product: 'CrushFTP', cpe: 'crushftp:crushftp' },
  { pattern: /^Serv-U_(\d[\d.]{0,12})/i, product: 'Serv-U', cpe: 'solarwinds:serv-u' },
]

export type SshProduct = Readonly<{ product?: string; version?: string; cpe?: string; distro?: string; packageVersion?: string }>

/** `OpenSSH_9.2p1 Debian-2+deb12u3` → OpenSSH 9.2p1, package 2+deb12u3, debian. */
export function sshProductOf(software: string): SshProduct {
  const open = /^OpenSSH_(?:for_Windows_)?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)(p\d{1,2})?(.*)$/.exec(software)
  if (open === null) return { ...productOf(software, products), ...distroPart(software) }
  const [, number = '', patch = '', rest = ''] = open
  const packageVersion = /^ (?:Debian|Ubuntu|Raspbian)-([\w.+~:-]{1,60})/.exec(rest)?.[1]
  return {
    product: 'OpenSSH',
    version: `${number}${patch}`,
    cpe: cpeOf('openbsd:openssh', number, patch),
    ...distroPart(software),
    ...(packageVersion === undefined ? {} : { packageVersion }),
  }
}
