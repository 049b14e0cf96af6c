import type { Evidence, Shapes } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { failed } from '../net.ts'
import type { Probe, Sight } from '../probe.ts'
import { attemptOf, credentialsFor } from './attempt.ts'
import { hostCommands, type HostCommand } from './commands.ts'
import { becomeRoot, bodyOf, marked, type Rights } from './elevate.ts'
import { apkPackages, dpkgPackages, npmPackages, pythonPackages, rpmPackages } from './read/packages.ts'
import { ecosystemOf, readRelease, systemOf } from './read/release.ts'
import { readKernel, readModules, readMounts, readSockets, readSshd, readSudoers, readSysctl, readUnits, readUsers } from './read/settings.ts'
import { openSsh, type SshCredential, type SshSession } from './ssh-session.ts'

/**
 * Logs in over SSH with the records meant for the host, the first that gets in, and reads what is installed and how it is set up, by the commands of `commands.ts` and no
 * others. Nothing is written to the host. Reproduce: `ssh USER@HOST dpkg-query -W`.
 */
export const loginSsh: Probe<'service'> = {
  id: 'login-ssh',
  version: 1,
  on: 'service',
  effect: 'login',
  needs: { privilege: 'login' },
  wants: ({ data, at }) => data.name === 'ssh' && at.port !== undefined,
  async *run(seen, tools, signal) {
    const at: Place = { asset: seen.at.asset, address: seen.at.address, port: seen.at.port!, proto: 'tcp' }
    for (const credential of credentialsFor(tools, 'ssh', seen.at.port!)) {
      signal.throwIfAborted()
      const session = await openSsh({ address: at.address, port: at.port! }, credential, tools, signal)
      if ('no' in session) {
        const known = credential.known?.[at.address]
        yield attemptOf(credential, at, { outcome: session.no === 'network' ? 'not attempted' : 'failed', why: session.why, ...(known === undefined ? {} : { hostKey: known }) })
        continue
      }
      try {
        if (yield* look(session, credential, at)) return
      } finally {
        session.close()
      }
    }
  },
}

type Reader = (command: HostCommand) => Promise<string | null>

/** The name under which is covered what root alone may read. */
const rootPart = 'login-root'

/** Tells all there is; whether it was enough, so that no other record needs to be tried. */
async function* look(session: SshSession, credential: SshCredential, at: Place): AsyncGenerator<Sight, boolean> {
  const first = await session.run(marked(hostCommands.identity.text))
  const identity = failed(first) ? null : bodyOf(first)
  if (identity === null) {
    const why = failed(first) ? first.text : 'the user may log in but runs no command: no shell, or a menu'
    yield attemptOf(credential, at, { outcome: 'insufficient', why, hostKey: session.hostKey })
    return false
  }
  const rights = await becomeRoot(session, credential)
  const troubles: string[] = []
  const read = readerOf(session, rights, troubles)
  const asset: Place = { asset: at.asset, address: at.address }
  const [system = '', kernel = '', machine = '', build = '', host = '', ...tooling] = identity.text.split('\n').map((line) => clean(line))
  if (system !== 'Linux') {
    yield { kind: 'system', at: asset, data: systemOf(null, { system: system === '' ? 'unknown' : system, kernel, machine, host, build }) }
    const why = `it is ${system === '' ? 'no system that is known here' : system}, of which only the name is read`
    yield attemptOf(credential, at, { outcome: 'insufficient', why, hostKey: session.hostKey })
    return false
  }
  const released = await read(hostCommands.release)
  const release = released === null ? null : readRelease(released)
  yield { kind: 'system', at: asset, data: systemOf(release, { system, kernel, machine, host, build }), evidence: evidenceOf(hostCommands.release, released ?? '') }
  const ecosystem = release === null ? null : ecosystemOf(release)
  const distro = release === null ? '' : `${release.id}:${release.version}`
  const packages: Shapes['package'][] = []
  const has = (tool: string): boolean => tooling.some((path) => path.endsWith(`/${tool}`))
  if (ecosystem === null) troubles.push('the distribution is not known, so its packages cannot be judged')
  else if (has('dpkg-query')) packages.push(...dpkgPackages((await read(hostCommands.dpkg)) ?? '', ecosystem, distro))
  else if (has('rpm')) packages.push(...rpmPackages((await read(hostCommands.rpm)) ?? '', ecosystem, distro))
  else if (has('apk')) packages.push(...apkPackages((await read(hostCommands.apk)) ?? '', ecosystem, distro))
  if (ecosystem !== null && packages.length === 0) troubles.push('no packages could be listed')
  packages.push(...npmPackages((await read(hostCommands.npm)) ?? ''), ...pythonPackages((await read(hostCommands.pip)) ?? ''))
  for (const one of packages) yield { kind: 'package', at: { ...asset, package: one.name }, data: one }
  const complete = troubles.length === 0
  for await (const { setting, evidence, byRoot } of settings(read, rights, { kernel, build, packages })) yield { kind: 'setting', at: setting.name === undefined ? asset : { ...asset, path: `${setting.area} ${setting.name}` }, data: setting, evidence, ...(byRoot ? { as: rootPart } : {}) }
  const short = rights.root ? troubles : [...troubles, rights.why]
  const method = `by ${session.method} as ${credential.user}`
  yield attemptOf(credential, at, {
    outcome: short.length === 0 ? 'passed' : 'insufficient', rights: rights.root ? 'root' : 'user', hostKey: session.hostKey,
    why: `${method}; ${packages.length} packages read${short.length === 0 ? '' : `; ${short.slice(0, 4).join('; ')}`}`,
  })
  if (complete) yield { kind: 'entered', at: asset }
  if (rights.root && troubles.length === 0) yield { kind: 'entered', at: asset, as: rootPart }
  return short.length === 0
}

async function* settings(read: Reader, rights: Rights, about: Readonly<{ kernel: string; build: string; packages: readonly Shapes['package'][] }>): AsyncGenerator<Readonly<{ setting: Shapes['setting']; evidence: Evidence; byRoot: boolean }>> {
  const one = async (command: HostCommand, parse: (text: string) => Shapes['setting'] | null | readonly Shapes['setting'][], byRoot = false) => {
    const text = await read(command)
    const parsed = text === null ? null : parse(text)
    const evidence = evidenceOf(command, text ?? '')
    return (parsed === null ? [] : Array.isArray(parsed) ? (parsed as readonly Shapes['setting'][]) : [parsed as Shapes['setting']]).map((setting) => ({ setting, evidence, byRoot }))
  }
  const [installed, boot, reboot] = [await read(hostCommands.kernels), await read(hostCommands.boot), await read(hostCommands.rebootPackages)]
  yield { setting: readKernel({ running: about.kernel, build: about.build, installed: installed ?? '', boot: boot ?? '', reboot: reboot ?? '', packages: about.packages }), evidence: evidenceOf(hostCommands.kernels, `${about.kernel}\n\n${installed ?? ''}`), byRoot: false }
  yield* await one(hostCommands.sysctl, readSysctl)
  yield* await one(hostCommands.sockets, readSockets)
  yield* await one(hostCommands.mounts, readMounts)
  yield* await one(hostCommands.modules, readModules)
  const [active, enabled] = [await read(hostCommands.active), await read(hostCommands.enabled)]
  const units = readUnits(active ?? '', enabled ?? '')
  if (units !== null) yield { setting: units, evidence: evidenceOf(hostCommands.active, active ?? ''), byRoot: false }
  const shadow = rights.root ? await read(hostCommands.shadow) : null
  yield* await one(hostCommands.users, (passwd) => readUsers(passwd, shadow), rights.root)
  if (!rights.root) return
  yield* await one(hostCommands.sudoers, readSudoers, true)
  yield* await one(hostCommands.sshd, readSshd, true)
}

/** What a command says; null when it could not be run or failed, and then why is kept where it matters. */
function readerOf(session: SshSession, rights: Rights, troubles: string[]): Reader {
  return async (command) => {
    const options = { ...(command.most === undefined ? {} : { most: command.most }), ...(command.timeout === undefined ? {} : { timeout: command.timeout }) }
    const asRoot = rights.root && command.root !== undefined
    if (command.root === 'only' && !rights.root) return null
    const output = asRoot && rights.root ? await rights.run(command.text, options) : await session.run(marked(command.text), options)
    if (failed(output)) {
      troubles.push(`${command.id}: ${output.text}`)
      return null
    }
    const body = bodyOf(output)
    if (output.cut) troubles.push(`${command.id}: more was said than is taken`)
    // What a command could say before it failed is used: a list of packages with one damaged entry is a list.
    return body === null || (body.code !== 0 && body.text.trim() === '') ? null : body.text
  }
}

function evidenceOf(command: HostCommand, text: string): Evidence {
  const shown = text.replace(/[^\n\x20-\x7e]/g, (character) => `\\x${(character.codePointAt(0)! & 255).toString(16).padStart(2, '0')}`)
  return { sent: command.text, received: shown.length > 4000 ? `${shown.slice(0, 3999)}…` : shown }
}

function clean(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, '').trim().slice(0, 190)
}
