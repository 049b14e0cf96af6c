import type { Facts, Shapes } from '#core/observation.ts'

type Setting = Shapes['setting']
const day = 86_400_000

/** `sshd -T`: what is in effect. Names in camelCase of the manual's; numbers and yes/no as such; algorithms as lists. */
export function readSshd(text: string): Setting | null {
  const values = new Map<string, string>()
  for (const line of text.split('\n').slice(0, 500)) {
    const [, name = '', value = ''] = /^([a-z0-9]{2,40}) (.{0,2000})$/.exec(line) ?? []
    if (name !== '' && !values.has(name)) values.set(name, value)
  }
  if (!values.has('permitrootlogin')) return null
  const facts: Record<string, Facts[string]> = {}
  for (const [name, [of, kind]] of Object.entries(sshdNames)) {
    const value = values.get(name)
    if (value === undefined) continue
    facts[of] = kind === 'list' ? value.split(',').slice(0, 100) : kind === 'number' ? Number.parseInt(value, 10) || 0 : kind === 'switch' ? value === 'yes' : value.slice(0, 200)
  }
  return { area: 'sshd', facts }
}

const sshdNames: Readonly<Record<string, readonly [string, 'text' | 'list' | 'number' | 'switch']>> = {
  permitrootlogin: ['permitRootLogin', 'text'], passwordauthentication: ['passwordAuthentication', 'switch'], permitemptypasswords: ['permitEmptyPasswords', 'switch'], kbdinteractiveauthentication: ['kbdInteractiveAuthentication', 'switch'],
  pubkeyauthentication: ['pubkeyAuthentication', 'switch'], hostbasedauthentication: ['hostbasedAuthentication', 'switch'], ignorerhosts: ['ignoreRhosts', 'text'], x11forwarding: ['x11Forwarding', 'switch'], allowtcpforwarding: ['allowTcpForwarding', 'text'],
  gatewayports: ['gatewayPorts', 'text'], permituserenvironment: ['permitUserEnvironment', 'text'], strictmodes: ['strictModes', 'switch'], loglevel: ['logLevel', 'text'], maxauthtries: ['maxAuthTries', 'number'],
  logingracetime: ['loginGraceTime', 'number'], clientaliveinterval: ['clientAliveInterval', 'number'], usepam: ['usePam', 'switch'], ciphers: ['ciphers', 'list'], macs: ['macs', 'list'], kexalgorithms: ['kex', 'list'], hostkeyalgorithms: ['hostKeyAlgorithms', 'list'],
}

/** `name = value` lines. A dot in a name would be a path in a rule: it stands as an underscore, `kernel_randomize_va_space`. */
export function readSysctl(text: string): Setting | null {
  const facts: Record<string, Facts[string]> = {}
  for (const line of text.split('\n').slice(0, 200)) {
    const [, name, value = ''] = /^([\w.]{3,80}) = (.{0,300})$/.exec(line) ?? []
    if (name !== undefined) facts[name.replaceAll('.', '_')] = /^-?\d{1,9}$/.test(value) ? Number(value) : value
  }
  return Object.keys(facts).length === 0 ? null : { area: 'sysctl', facts }
}

const mostUsers = 200

type Shadow = Readonly<{ state: string; hash: string; changed: number | null; longest: number | null }>

/**
 * Accounts one may be: with a shell, with a password, or of root's number; the others are only counted. `shadow`: what root was told, or null. Facts: `uid` `gid` `shell` `login` (has a shell); with root
 * `password` `set` `locked` `empty`, `hash` (its kind: `1` `5` `6` `y` …; empty: DES), `changed` (Unix ms), `longest` (days).
 */
export function readUsers(passwd: string, shadow: string | null): readonly Setting[] {
  const secrets = new Map<string, Shadow>()
  for (const line of (shadow ?? '').split('\n').slice(0, 5000)) {
    const [name = '', state = '', hash = '', changed = '', longest = ''] = line.split(':')
    if (/^(?:set|locked|empty)$/.test(state)) secrets.set(name, { state, hash: hash.slice(0, 12), changed: /^\d{1,6}$/.test(changed) ? Number(changed) * day : null, longest: /^\d{1,6}$/.test(longest) ? Number(longest) : null })
  }
  const users = passwd.split('\n').slice(0, 5000).flatMap((line) => {
    const [name = '', old = '', uid = '', gid = '', , , shell = ''] = line.split(':')
    if (!/^[\w.@$-]{1,64}$/.test(name) || !/^\d{1,10}$/.test(uid)) return []
    // An empty second field needs no root to be seen: no shadow is asked then.
    const secret = old === '' ? { state: 'empty', hash: '', changed: null, longest: null } : secrets.get(name)
    return [{ name, uid: Number(uid), gid: Number(gid) || 0, shell: shell.trim().slice(0, 100), login: !/(?:nologin|false|sync|halt|shutdown)$/.test(shell.trim()), secret }]
  })
  const shown = users.filter((user) => user.uid === 0 || user.login || user.secret?.state === 'set' || user.secret?.state === 'empty').slice(0, mostUsers)
  const roots = users.filter((user) => user.uid === 0).map((user) => user.name)
  return [
    { area: 'users', facts: { count: users.length, roots, extraRoots: roots.filter((name) => name !== 'root'), shadow: shadow !== null } },
    ...shown.map((user): Setting => ({
      area: 'user', name: user.name,
      facts: {
        uid: user.uid, gid: user.gid, shell: user.shell, login: user.login,
        ...(user.secret === undefined ? {} : { password: user.secret.state, ...(user.secret.state === 'set' ? { hash: user.secret.hash } : {}), changed: user.secret.changed, longest: user.secret.longest }),
      },
    })),
  ]
}

/** Who may run what without a password, as written. */
export function readSudoers(text: string): Setting {
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim()).filter((line) => line !== '').slice(0, 50)
  return { area: 'sudo', facts: { withoutPassword: lines.map((line) => line.slice(0, 200)), anythingWithoutPassword: lines.filter((line) => /NOPASSWD: ?ALL\b/.test(line)).map((line) => line.split(' ')[0]!.slice(0, 64)) } }
}

const mostSockets = 200

/** `ss -H -tulpn`: one for each socket that listens. `world`: not bound to loopback alone. */
export function readSockets(text: string): readonly Setting[] {
  const sockets = new Map<string, Setting>()
  for (const line of text.split('\n').slice(0, 5000)) {
    const [proto = '', , , , local = ''] = line.trim().split(/\s+/)
    const at = local.lastIndexOf(':')
    const address = local.slice(0, at).replace(/^\[|\]$|%.*$/g, '').replace(/\]$/, '')
    const port = Number(local.slice(at + 1))
    if (!/^(?:tcp|udp)$/.test(proto) || !Number.isInteger(port) || port < 1 || port > 65_535 || sockets.size >= mostSockets) continue
    const process = /users:\(\("([^"]{1,64})"/.exec(line)?.[1]
    const name = `${proto} ${local.slice(0, 100)}`
    sockets.set(name, { area: 'listener', name, facts: { proto, address, port, world: !/^(?:127\.|::1$|\[?::ffff:127\.)/.test(address), process: process ?? null } })
  }
  return [...sockets.values()]
}

export function readUnits(active: string, enabled: string): Setting | null {
  const units = (text: string): readonly string[] => text.split('\n').map((line) => line.trim()).filter((line) => /^[\w@.:\\-]{3,200}$/.test(line)).slice(0, 500)
  const [running, atBoot] = [units(active), units(enabled)]
  return running.length + atBoot.length === 0 ? null : { area: 'unit', facts: { active: running, enabled: atBoot } }
}

export function readMounts(text: string): Setting {
  const mounts = text.split('\n').flatMap((line) => {
    const [, target = '', type = '', options = ''] = line.split(' ')
    return target.startsWith('/') && !/^(?:proc|sysfs|cgroup2?|devpts|mqueue|overlay|squashfs|autofs|tracefs|debugfs|securityfs|pstore|bpf|configfs|fusectl|hugetlbfs|binfmt_misc)$/.test(type) ? [{ target, type, options: options.split(',') }] : []
  }).slice(0, 200)
  return { area: 'mount', facts: { points: mounts.map((mount) => `${mount.target} ${mount.type}`.slice(0, 200)), plainNfs: mounts.filter((mount) => mount.type.startsWith('nfs') && !mount.options.some((option) => option.startsWith('sec=krb5'))).map((mount) => mount.target.slice(0, 200)) } }
}

export function readModules(text: string): Setting {
  return { area: 'module', facts: { loaded: text.split('\n').map((line) => line.trim()).filter((line) => /^\w{1,64}$/.test(line)).slice(0, 1000) } }
}

export type KernelSaid = Readonly<{ running: string; build: string; installed: string; boot: string; reboot: string; packages: readonly Shapes['package'][] }>

/**
 * Which kernel runs, which are installed, and whether the machine waits for a restart. `newest`: of the same flavour as the running one. A machine that runs a kernel which is not installed (a container)
 * tells nothing. Facts: `running` `installed` `newest` `outdated` `rebootRequired` `rebootFor` `boot` `updated` (Unix ms).
 */
export function readKernel(said: KernelSaid): Setting {
  const installed = said.installed.split('\n').map((line) => line.trim()).filter((line) => /^\d+\.\d+[\w.+~-]{0,80}$/.test(line)).slice(0, 50)
  const flavour = /[a-z][a-z0-9_]*$/i.exec(said.running)?.[0] ?? ''
  const peers = installed.filter((one) => one.endsWith(flavour)).sort(byNumbers)
  const here = installed.includes(said.running)
  const newest = here ? peers.at(-1) ?? null : null
  // Debian keeps a kernel's name over updates: what runs tells its package's version in `uname -v`.
  const built = /(?:Debian|Ubuntu) (\d[\w.+~-]{2,60})/.exec(said.build)?.[1]
  const own = said.packages.find((one) => one.name === `linux-image-${said.running}`)?.version
  const outdated = here && ((newest !== null && newest !== said.running) || (built !== undefined && own !== undefined && own !== built && !own.startsWith(`${built}+`)))
  const time = (word: string): number | null => {
    const seconds = Math.max(0, ...[...said.boot.matchAll(new RegExp(`^${word} (\\d{1,11})$`, 'gm'))].map((one) => Number(one[1])))
    return seconds === 0 ? null : seconds * 1000
  }
  return {
    area: 'kernel',
    facts: {
      running: said.running, installed, newest, ...(own === undefined ? {} : { package: own }), outdated: here ? outdated : null, rebootRequired: /^reboot$/m.test(said.boot),
      rebootFor: said.reboot.split('\n').map((line) => line.trim()).filter((line) => /^[a-z0-9][\w.+-]{1,100}$/.test(line)).slice(0, 50), boot: time('boot'), updated: time('updated'),
    },
  }
}

/** Numbers in it by their value, the rest as text. */
function byNumbers(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []]
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const [one = '', other = ''] = [left[place], right[place]]
    if (one === other) continue
    const difference = /^\d/.test(one) && /^\d/.test(other) ? Number(one) - Number(other) : one < other ? -1 : 1
    if (difference !== 0) return difference
  }
  return 0
}
