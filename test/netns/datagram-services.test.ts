import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Shapes } from '#core/observation.ts'
import { installed, run } from '../peers/system.ts'
import { openWorld, type Host, type World } from './world.ts'

const program = fileURLToPath(new URL('udp-program.ts', import.meta.url))
const packages = ['avahi-daemon', 'coturn', 'libcoap3-bin', 'miniupnpd-nftables', 'openssl', 'openvpn', 'samba', 'strongswan-charon']

let world: World
let host: Host
let folder: string
const closing: (() => Promise<unknown>)[] = []
before(async () => {
  await installed(packages)
  folder = mkdtempSync(join(tmpdir(), 'vigil-udp-'))
  closing.push(async () => rmSync(folder, { recursive: true, force: true }))
  world = await openWorld()
  closing.push(() => world.close())
  host = await world.host(['10.77.0.20/24'])
})
after(async () => {
  for (const close of closing.toReversed()) await close()
})

type Told = Readonly<{ services: readonly Shapes['service'][]; open: readonly number[]; tested: string; untested: string }>

/** What the probe `udp` tells of the host. */
async function look(ports: string): Promise<Told> {
  const child = world.scanner.spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, '10.77.0.20', ports])
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  await once(child, 'close')
  assert.notEqual(out, '', err)
  return JSON.parse(out) as Told
}

/** Starts a daemon in the host's namespace and asks until it answers. */
async function served(port: number, command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Shapes['service']> {
  const [first, ...words] = command
  const daemon = host.spawn(first!, words, environment)
  let log = ''
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on('data', (part: Buffer) => (log = (log + part.toString()).slice(-4000)))
  const end = Date.now() + 60_000
  for (;;) {
    const told = await look(String(port))
    const found = told.services[0]
    if (found !== undefined) {
      assert.deepEqual(told.open, [port])
      return found
    }
    assert.deepEqual(told.open, [], log)
    if (Date.now() > end || daemon.exitCode !== null) throw new Error(`${command.join(' ')} was not recognised: ${JSON.stringify(told)}\n${log}`)
  }
}

const put = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

suite('services that speak datagrams', { concurrency: false }, () => {
  test('where nobody listens the ports are closed, and where a firewall drops they are not tested; neither is open', async () => {
    const ports = '69,137,389,427,500,1194,1434,1900,3478,5353,5683,47808'
    const closed = await look(ports)
    assert.deepEqual([closed.services, closed.open, closed.untested], [[], [], ''])
    assert.equal(closed.tested.split(',').length, 12)
    await host.filter(['meta l4proto udp drop'])
    const dropped = await look(ports)
    assert.deepEqual([dropped.services, dropped.open, dropped.tested], [[], [], ''])
    await host.filter([])
  })

  test('NetBIOS names of Samba', async () => {
    for (const name of ['state', 'cache', 'private', 'lock', 'run']) mkdirSync(join(folder, name))
    const conf = put('smb.conf', ['[global]', 'workgroup = PEERS', 'netbios name = PEER', 'interfaces = 10.77.0.20/24', 'bind interfaces only = yes', `log file = ${folder}/nmbd.log`, `lock directory = ${folder}/lock`,
      `state directory = ${folder}/state`, `cache directory = ${folder}/cache`, `private dir = ${folder}/private`, `pid directory = ${folder}/run`, `ncalrpc dir = ${folder}/run/ncalrpc`, ''].join('\n'))
    const { name, facts } = await served(137, ['/usr/sbin/nmbd', '-F', '--no-process-group', '-s', conf, '-l', folder])
    assert.deepEqual([name, facts.name, facts.workgroup, facts.fileServer, facts.domainController], ['netbios-ns', 'PEER', 'PEERS', true, false])
  })

  test('STUN of coturn', async () => {
    const { name, product, facts } = await served(3478, ['/usr/bin/turnserver', '-n', '--listening-ip=10.77.0.20', '--relay-ip=10.77.0.20', '--no-cli', '--no-tls', '--no-dtls', '--log-file=stdout', `--userdb=${folder}/turn.db`, `--pidfile=${folder}/turn.pid`])
    assert.deepEqual([name, product, facts.bound], ['stun', 'coturn', true])
  })

  test('CoAP of libcoap, with what it offers', async () => {
    const { name, facts } = await served(5683, ['/usr/bin/coap-server-notls', '-A', '10.77.0.20'])
    assert.deepEqual([name, facts.code], ['coap', '2.05'])
    assert.ok((facts.resources as readonly string[]).includes('/time'), JSON.stringify(facts))
  })

  test('OpenVPN that talks to strangers, and not the one that demands a key', async () => {
    await run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${folder}/vpn.key`, '-out', `${folder}/vpn.crt`, '-days', '2', '-subj', '/CN=peer'])
    await run(['/usr/sbin/openvpn', '--genkey', 'tls-auth', `${folder}/tls.key`])
    const command = (port: number): string[] => ['/usr/sbin/openvpn', '--dev', 'null', '--local', '10.77.0.20', '--port', String(port), '--tls-server', '--ca', `${folder}/vpn.crt`, '--cert', `${folder}/vpn.crt`, '--key', `${folder}/vpn.key`, '--dh', 'none', '--verb', '3']
    const guarded = host.spawn('/usr/sbin/openvpn', [...command(1194).slice(1), '--tls-auth', `${folder}/tls.key`, '0'])
    await new Promise<void>((resolve) => {
      let log = ''
      guarded.stdout.on('data', (part: Buffer) => {
        log += part.toString()
        if (log.includes('UDPv4 link remote')) resolve()
      })
    })
    const silent = await look('1194')
    assert.deepEqual([silent.services, silent.open, silent.untested], [[], [], 'udp:1194'])
    const ended = once(guarded, 'close')
    guarded.kill('SIGKILL')
    await ended
    const { name, facts } = await served(1194, command(1194))
    assert.deepEqual([name, facts.answersStrangers], ['openvpn', true])
  })

  test('SSDP of miniupnpd', async () => {
    await host.ip('link add outer type veth peer name beyond', 'link set outer up', 'link set beyond up')
    // A router wants to know its address on the Internet; nothing goes there, and nothing could.
    const conf = put('miniupnpd.conf', ['ext_ifname=outer', 'ext_ip=1.2.3.4', 'listening_ip=net', 'enable_natpmp=no', 'enable_upnp=yes', 'uuid=00000000-0000-0000-0000-000000000001', 'port=5555', ''].join('\n'))
    const { name, facts } = await served(1900, ['/usr/sbin/miniupnpd', '-d', '-f', conf, '-P', `${folder}/miniupnpd.pid`])
    assert.equal(name, 'ssdp')
    assert.match(String(facts.server), /MiniUPnPd/i)
    assert.match(String(facts.location), /^http:\/\/10\.77\.0\.20:5555\//)
  })

  test('mDNS of avahi', async () => {
    const conf = put('avahi.conf', '[server]\nhost-name=peer\nuse-ipv6=no\nallow-interfaces=net\nenable-dbus=no\n[publish]\npublish-workstation=yes\n[rlimits]\n')
    const { name, facts } = await served(5353, ['/usr/sbin/avahi-daemon', '-f', conf, '--no-drop-root', '--no-chroot', '--no-rlimits'])
    assert.equal(name, 'mdns')
    assert.ok(Number(facts.services) >= 1)
  })

  test('IKE of strongSwan', async () => {
    const conf = put('strongswan.conf', `charon {\n load = random nonce aes sha1 sha2 hmac gmp pem pkcs1 x509 kernel-netlink socket-default\n filelog { stderr { default = 1 } }\n}\n`)
    const { name, facts } = await served(500, ['/usr/lib/ipsec/charon'], { STRONGSWAN_CONF: conf })
    assert.equal(name, 'ike')
    assert.ok((facts.versions as readonly string[]).includes('2.0'), JSON.stringify(facts))
  })
})
