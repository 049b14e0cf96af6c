import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Failure } from '../../net.ts'
import type { Service, Target, UdpService } from '../../service.ts'
import { joinEvidence } from '../wire/reply.ts'
import { inRecord, outOfRecord, program, readAnswer, readExports, readMappings, recordEnd, rpcCall, type Export, type Mapping } from './rpc-message.ts'

const names: Readonly<Record<number, string>> = {
  100000: 'portmapper', 100001: 'rstatd', 100002: 'rusersd', 100003: 'nfs', 100004: 'ypserv', 100005: 'mountd', 100007: 'ypbind', 100008: 'walld', 100009: 'yppasswdd', 100011: 'rquotad',
  100020: 'llockmgr', 100021: 'nlockmgr', 100024: 'status', 100068: 'cmsd', 100083: 'ttdbserverd', 100227: 'nfs_acl', 100232: 'sadmind', 150001: 'pcnfsd', 300019: 'amd',
}
const id = 0x56494731
const most = 65_536

/**
 * The list of RPC programs (RFC 1833), and the exports of NFS as its mount daemon tells them (RFC 1813). Two questions, each asked of everybody by every client; nothing is mounted.
 * Facts: `programs` (`nfs 3 tcp/2049`), `nfsVersions`, `exports` (`/path client client`), `worldExports` (paths that anybody may mount).
 * Reproduce: `rpcinfo -p HOST`, `showmount -e HOST`.
 */
export const rpcbind: Service = {
  name: 'rpcbind',
  ports: [111],
  async look(target) {
    const listed = await ask(target, target.at.port!, rpcCall(id, program.portmap, 2, 4), readMappings)
    if (failed(listed)) return null
    if (listed.answer === null) return null
    if (listed.answer === 'refused') return { facts: { programs: null }, evidence: listed.evidence }
    const mappings = listed.answer
    const mount = mappings.filter((one) => one.program === program.mount && one.proto === 'tcp' && one.port > 0).toSorted((a, b) => b.version - a.version)[0]
    const facts = factsOf(mappings)
    if (mount === undefined) return { facts, evidence: listed.evidence }
    const told = await ask(target, mount.port, rpcCall(id + 1, program.mount, mount.version, 5), readExports)
    if (failed(told)) return { facts, evidence: listed.evidence, incomplete: { code: told.failed, text: `the mount daemon at port ${mount.port}: ${told.text}` } }
    const evidence = joinEvidence(listed.evidence, told.evidence)
    if (told.answer === null || told.answer === 'refused') return { facts: { ...facts, exports: null }, evidence }
    return { facts: { ...facts, ...exportFacts(told.answer) }, evidence }
  },
}

/** The same list over UDP, where it makes the host an amplifier. Facts: `udp`, `amplification` (bytes answered over bytes asked). */
export const rpcbindUdp: UdpService = {
  name: 'rpcbind',
  ports: [111],
  async look(target) {
    const question = rpcCall(id, program.portmap, 2, 4)
    const { answers, evidence } = await target.ask([question])
    const answer = readAnswer(answers[0]!, id, readMappings)
    if (answer === null) return null
    const amplification = Math.round((answers[0]!.length / question.length) * 10) / 10
    return { facts: answer === 'refused' ? { udp: true, programs: null } : { udp: true, amplification, ...factsOf(answer) }, evidence }
  },
}

async function ask<T>(target: Target, port: number, call: Uint8Array, read: Parameters<typeof readAnswer<T>>[2]): Promise<Readonly<{ answer: T | 'refused' | null; evidence: Evidence }> | Failure> {
  const connection = port === target.at.port ? await target.open() : await target.tools.net.connect({ address: target.at.address, port })
  if (failed(connection)) return connection
  try {
    connection.write(inRecord(call))
    const record = await connection.read({ until: recordEnd, most })
    if (failed(record)) return record
    return { answer: readAnswer(outOfRecord(record.bytes), new DataView(call.buffer, call.byteOffset).getUint32(0), read), evidence: connection.evidence() }
  } finally {
    connection.close()
  }
}

function factsOf(mappings: readonly Mapping[]): Facts {
  const told = mappings.map((one) => `${names[one.program] ?? one.program} ${one.version} ${one.proto}/${one.port}`)
  return { programs: [...new Set(told)].slice(0, 64), nfsVersions: [...new Set(mappings.filter((one) => one.program === program.nfs).map((one) => one.version))].toSorted((a, b) => a - b) }
}

function exportFacts(exports: readonly Export[]): Facts {
  return {
    exports: exports.slice(0, 32).map(({ path, clients }) => `${path} ${clients.length === 0 ? '*' : clients.join(' ')}`),
    worldExports: exports.filter(({ clients }) => clients.length === 0 || clients.some((one) => /^(?:\*|\(everyone\)|everyone|0\.0\.0\.0(?:\/0(?:\.0\.0\.0)?)?|::\/0)$/.test(one))).map(({ path }) => path).slice(0, 32),
  }
}
