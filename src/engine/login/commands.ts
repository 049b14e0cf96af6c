/**
 * All that is ever run on a host after a login over SSH, each once. They read; none writes, and none takes anything from outside into its text. `root`: asked as root where
 * that may be had; `only`: not asked otherwise.
 */
export type HostCommand = Readonly<{ id: string; text: string; root?: 'better' | 'only'; most?: number; timeout?: number }>

const megabyte = 1_048_576

/** Fields of rpm and dpkg as src/formats/inventory/lines.ts reads them. */
const dpkgFormat = '${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\t${db:Status-Abbrev}\\n'
const rpmFormat = '%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n'

/** Kernel settings that checks judge. */
export const kernelSettings = [
  'kernel.randomize_va_space', 'kernel.kptr_restrict', 'kernel.dmesg_restrict', 'kernel.yama.ptrace_scope', 'kernel.unprivileged_bpf_disabled', 'kernel.sysrq', 'kernel.core_pattern', 'fs.suid_dumpable',
  'fs.protected_hardlinks', 'fs.protected_symlinks', 'net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding', 'net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.all.accept_redirects',
  'net.ipv4.conf.all.secure_redirects', 'net.ipv4.conf.all.send_redirects', 'net.ipv4.conf.all.accept_source_route', 'net.ipv6.conf.all.accept_redirects', 'net.ipv6.conf.all.accept_source_route',
  'net.ipv4.tcp_syncookies', 'net.ipv4.icmp_echo_ignore_broadcasts',
] as const

export const hostCommands = {
  identity: { id: 'identity', text: 'uname -s; uname -r; uname -m; uname -v; uname -n; command -v dpkg-query rpm apk' },
  release: { id: 'release', text: 'cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release', most: 16_384 },
  dpkg: { id: 'dpkg', text: `dpkg-query -W -f '${dpkgFormat}'`, most: 4 * megabyte, timeout: 60_000 },
  rpm: { id: 'rpm', text: `rpm -qa --qf '${rpmFormat}'`, most: 4 * megabyte, timeout: 120_000 },
  apk: { id: 'apk', text: `grep -E '^([PVAo]:.*)?$' /lib/apk/db/installed`, most: 4 * megabyte },
  npm: { id: 'npm', text: `grep -Hm1 '"version":' /usr/local/lib/node_modules/*/package.json /usr/local/lib/node_modules/@*/*/package.json 2>/dev/null; true` },
  pip: { id: 'pip', text: 'ls -d /usr/local/lib/python3*/dist-packages/*.dist-info /usr/local/lib/python3*/site-packages/*.dist-info 2>/dev/null; true' },
  kernels: { id: 'kernels', text: 'ls -1 /lib/modules 2>/dev/null; true', most: 16_384 },
  boot: { id: 'boot', text: `awk '/^btime/{print "boot " $2}' /proc/stat; stat -c 'updated %Y' /var/lib/dpkg/status /var/lib/rpm/rpmdb.sqlite /var/lib/rpm/Packages /lib/apk/db/installed 2>/dev/null; test -e /run/reboot-required && echo reboot; true`, most: 4096 },
  rebootPackages: { id: 'rebootPackages', text: 'cat /run/reboot-required.pkgs 2>/dev/null; true', most: 8192 },
  active: { id: 'active', text: `test -d /run/systemd/system && systemctl list-units --type=service --state=running --no-legend --no-pager --plain 2>/dev/null | awk '{print $1}'` },
  enabled: { id: 'enabled', text: `test -d /run/systemd/system && systemctl list-unit-files --type=service --state=enabled --no-legend --no-pager 2>/dev/null | awk '{print $1}'` },
  sockets: { id: 'sockets', text: 'ss -H -tulpn', root: 'better' },
  users: { id: 'users', text: 'cat /etc/passwd' },
  /** The hash stays where it is: what leaves the host is whether there is one, of which kind, and how old it is. */
  shadow: { id: 'shadow', text: `awk -F: '{ state = "set"; if ($2 == "") state = "empty"; else if ($2 ~ /^[!*]/) state = "locked"; split($2, part, "$"); print $1 ":" state ":" (state == "set" ? part[2] : "") ":" $3 ":" $5 }' /etc/shadow`, root: 'only' },
  sudoers: { id: 'sudoers', text: `grep -hE '^[^#]*NOPASSWD' /etc/sudoers /etc/sudoers.d/* 2>/dev/null; true`, root: 'only', most: 16_384 },
  sshd: { id: 'sshd', text: 'sshd -T', root: 'only', most: 65_536 },
  sysctl: { id: 'sysctl', text: `sysctl -e ${kernelSettings.join(' ')} 2>/dev/null`, most: 16_384 },
  mounts: { id: 'mounts', text: 'cat /proc/mounts', most: 65_536 },
  modules: { id: 'modules', text: `cut -d ' ' -f 1 /proc/modules`, most: 65_536 },
} as const satisfies Readonly<Record<string, HostCommand>>
