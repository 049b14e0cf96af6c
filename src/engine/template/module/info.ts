import type { Exchange } from '#core/proof.ts'
import { failed, type Failure } from '../../net.ts'
import { recordingNet } from '../../proof/recording-net.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting } from '../../service.ts'
import { mssql } from '../../services/database/mssql.ts'
import { mysql } from '../../services/database/mysql.ts'
import { postgresql } from '../../services/database/postgresql.ts'
import { bulkEnd, redis } from '../../services/database/redis.ts'
import { rdp } from '../../services/desktop/rdp.ts'
import { vnc } from '../../services/desktop/vnc.ts'
import { rsync } from '../../services/file/rsync.ts'
import { smb } from '../../services/file/smb.ts'
import { ssh } from '../../services/shell/ssh.ts'
import { telnet } from '../../services/shell/telnet.ts'
import { transportOver } from '../../services/shell/ssh-cipher.ts'
import { parseKexInit } from '../../services/shell/ssh-message.ts'
import { targetOf } from '../../target.ts'
import type { Wire } from '../block/wire.ts'

/** What one of our own looks at a service says, by the functions that scripts ask with. */
export type Info = Readonly<{ answers: Readonly<Record<string, unknown>>; exchanges: readonly Exchange[] }>

const services: Readonly<Record<string, Service>> = { ssh, smb, redis, rsync, rdp, mssql, mysql, postgres: postgresql, vnc, telnet }

/** Looks with the same code that recognises services; a script gets its findings in the shapes it knows. */
export async function infoOf(module: string, port: number, wire: Wire): Promise<Info | Failure> {
  const recording = recordingNet(wire.tools.net, wire.tools.now)
  const tools = { ...wire.tools, net: recording.net }
  if (module === 'oracle') return oracleOf(port, wire)
  const service = services[module]
  if (service === undefined) return { failed: 'protocol', text: `no module ${module}` }
  const target = targetOf({ ...wire.at, port, proto: 'tcp' }, false, new Uint8Array(), tools, wire.signal)
  try {
    const sighting = await service.look(target)
    const answers = answersOf(module, sighting)
    if (module === 'redis' && sighting !== null) Object.assign(answers, await redisInfo(port, { ...wire, tools }))
    if (module === 'ssh' && sighting !== null) Object.assign(answers, { ConnectSSHInfoMode: await sshInfo(port, { ...wire, tools }, sighting) })
    return { answers, exchanges: recording.exchanges() }
  } catch (error) {
    if (error instanceof Unseen) return { failed: 'protocol', text: error.message }
    throw error
  } finally {
    target.close()
  }
}

function answersOf(module: string, sighting: Sighting | null): Record<string, unknown> {
  const is = sighting !== null
  const facts = sighting?.facts ?? {}
  const text = (name: string): string => (typeof facts[name] === 'string' ? facts[name] : '')
  switch (module) {
    case 'smb':
      return is ? { ListSMBv2Metadata: {
        SigningEnabled: facts['signingEnabled'] === true, SigningRequired: facts['signingRequired'] === true, OSVersion: text('os'), NetBIOSComputerName: text('hostname'), NetBIOSDomainName: text('domain'),
        DNSComputerName: text('dnsHostname'), DNSDomainName: text('dnsDomain'), ForestName: text('dnsDomain'),
      } } : {}
    case 'rsync': return { IsRsync: { IsRsync: is, Banner: text('protocol') === '' ? '' : `RSYNCD: ${text('protocol')}` } }
    case 'rdp': return { IsRDP: { IsRDP: is, OS: sighting?.product ?? '' } }
    case 'vnc': return { IsVNC: { IsVNC: is, Banner: text('protocol') } }
    case 'mssql': return { IsMssql: is }
    case 'mysql': return { IsMySQL: is, FingerprintMySQL: { Host: '', IP: '', Port: 0, Protocol: 'mysql', TLS: facts['tls'] === true, Transport: 'tcp', Version: sighting?.version ?? '', Debug: { ...facts } } }
    case 'postgres': return { IsPostgres: is }
    case 'telnet': return { IsTelnet: { IsTelnet: is, Banner: text('banner') } }
    default: return {}
  }
}

async function redisInfo(port: number, wire: Wire): Promise<Record<string, unknown>> {
  const connection = await wire.tools.net.connect({ address: wire.at.address, port })
  if (failed(connection)) return {}
  try {
    connection.write('INFO\r\n')
    const answer = await connection.read({ until: bulkEnd, most: 65_536 })
    if (failed(answer)) return {}
    const text = Buffer.from(answer.bytes).toString('utf8')
    return text.startsWith('$') ? { GetServerInfo: text.replace(/^\$\d+\r\n/, '').replace(/\r\n$/, ''), IsAuthenticated: true } : { IsAuthenticated: false }
  } finally {
    connection.close()
  }
}

/** By the names of the library that scripts were written for. */
async function sshInfo(port: number, wire: Wire, { facts = {} }: Sighting): Promise<unknown> {
  const connection = await wire.tools.net.connect({ address: wire.at.address, port })
  if (failed(connection)) return null
  try {
    const heard = await connection.read({ until: '\n', most: 8192 })
    if (failed(heard)) return null
    const raw = Buffer.from(heard.bytes).toString('latin1').trim()
    const [, version = '', software = '', comment = ''] = /^SSH-([\d.]+)-(\S*)\s?(.*)$/.exec(raw) ?? []
    connection.write('SSH-2.0-Vigil\r\n')
    const first = await transportOver(connection).receive()
    const init = failed(first) ? null : parseKexInit(first)
    const methods = facts['authMethods']
    return {
      ServerID: { Raw: raw, ProtoVersion: version, SoftwareVersion: software, ...(comment === '' ? {} : { Comment: comment }) },
      ...(init === null ? {} : { ServerKex: {
        KexAlgos: init.kex, ServerHostKeyAlgos: init.hostKeys, CiphersClientServer: init.ciphersOut, CiphersServerClient: init.ciphersIn, MACsClientServer: init.macsOut, MACsServerClient: init.macsIn,
        CompressionClientServer: init.compressionOut, CompressionServerClient: init.compressionIn,
      } }),
      UserAuth: Array.isArray(methods) ? methods : [],
    }
  } finally {
    connection.close()
  }
}

/** A TNS listener answers a connect packet for a service that it cannot have by refusing it in its own words. */
async function oracleOf(port: number, wire: Wire): Promise<Info | Failure> {
  const connection = await wire.connect(port)
  if (failed(connection)) return connection
  try {
    const data = Buffer.from('(CONNECT_DATA=(COMMAND=version))')
    const head = Buffer.from('0000000001000000013601200000 0800 7fff7f080000000100000000003a000000000000000000000000000000000000000000000000'.replace(/\s/g, ''), 'hex')
    const packet = Buffer.concat([head, Buffer.alloc(Math.max(0, 58 - head.length)), data])
    packet.writeUInt16BE(packet.length, 0)
    packet.writeUInt16BE(data.length, 24)
    packet.writeUInt16BE(58, 26)
    connection.write(packet)
    const answer = await connection.read({ most: 4096 })
    const bytes = failed(answer) ? Buffer.alloc(0) : Buffer.from(answer.bytes)
    const is = bytes.length >= 8 && bytes.readUInt16BE(0) <= bytes.length && [2, 4, 5, 11].includes(bytes[4]!) && /\((?:DESCRIPTION|ERR|TMP|VSNNUM)/.test(bytes.toString('latin1'))
    const number = Number(/VSNNUM=(\d{1,10})/.exec(bytes.toString('latin1'))?.[1] ?? 0)
    const version = number === 0 ? '' : `${number >>> 24}.${(number >> 20) & 15}.${(number >> 12) & 255}.${(number >> 8) & 15}.${number & 255}`
    return { answers: { IsOracle: { IsOracle: is, Banner: version === '' ? '' : `Oracle TNS Listener Version: ${version}` } }, exchanges: [connection.exchange()] }
  } finally {
    connection.close()
  }
}
