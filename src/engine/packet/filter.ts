/**
 * The kernel's filter before our ring: of all packets of the machine it hands over only what may answer us, and of that the first bytes. A classic BPF program,
 * over packets that begin with their network header (a cooked packet socket).
 */
export function answerFilter(ownPort: number): Uint8Array {
  const lines: Line[] = [
    // Our own packets come by as well; on loopback twice.
    [ldb, ancillary + packetType], [jeq, outgoing, 'drop', 'next'],
    [ldh, ancillary + protocol], [jeq, 0x0800, 'ip4', 'next'], [jeq, 0x86dd, 'ip6', 'next'], [jeq, 0x0806, 'next', 'drop'],
    [ldh, 6], [jeq, 2, 'take', 'drop'],
    { label: 'ip4' }, [ldh, 6], [jset, 0x1fff, 'drop', 'next'], [ldxHeader, 0], [ldb, 9], [jeq, 6, 'tcp4', 'next'], [jeq, 17, 'udp4', 'next'], [jeq, 1, 'next', 'drop'],
    [ldbX, 0], [jeq, 0, 'take', 'next'], [jeq, 3, 'take', 'next'], [jeq, 11, 'take', 'drop'],
    { label: 'tcp4' }, [ldhX, 2], [jeq, ownPort, 'next', 'drop'], [ldbX, 13], [jset, 0x14, 'take', 'drop'],
    { label: 'udp4' }, [ldhX, 2], [jeq, ownPort, 'take', 'drop'],
    { label: 'ip6' }, [ldb, 6], [jeq, 6, 'tcp6', 'next'], [jeq, 17, 'udp6', 'next'], [jeq, 58, 'next', 'drop'],
    [ldb, 40], [jeq, 1, 'take', 'next'], [jeq, 3, 'take', 'next'], [jeq, 129, 'take', 'next'], [jeq, 136, 'take', 'drop'],
    { label: 'tcp6' }, [ldh, 42], [jeq, ownPort, 'next', 'drop'], [ldb, 53], [jset, 0x14, 'take', 'drop'],
    { label: 'udp6' }, [ldh, 42], [jeq, ownPort, 'take', 'drop'],
    { label: 'take' }, [give, snap],
    { label: 'drop' }, [give, 0],
  ]
  return assemble(lines)
}

/** Bytes of a packet that are kept: headers with all options, and what an ICMP error quotes. */
export const snap = 144

type Target = 'next' | 'drop' | 'take' | 'ip4' | 'ip6' | 'tcp4' | 'tcp6' | 'udp4' | 'udp6'
type Line = Readonly<{ label: Target }> | readonly [code: number, value: number, yes?: Target, no?: Target]

const [ldb, ldh, ldbX, ldhX, ldxHeader, jeq, jset, give] = [0x30, 0x28, 0x50, 0x48, 0xb1, 0x15, 0x45, 0x06] as const
const ancillary = 0xfffff000
const [protocol, packetType] = [0, 4]
const outgoing = 4

function assemble(lines: readonly Line[]): Uint8Array {
  const labels = new Map<string, number>()
  const code: (readonly [number, number, Target?, Target?])[] = []
  for (const line of lines) {
    if ('label' in line) labels.set(line.label, code.length)
    else code.push(line)
  }
  const bytes = new Uint8Array(code.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, [operation, value, yes, no]] of code.entries()) {
    const jump = (to: Target | undefined): number => (to === undefined || to === 'next' ? 0 : labels.get(to)! - index - 1)
    view.setUint16(index * 8, operation, true)
    bytes[index * 8 + 2] = jump(yes)
    bytes[index * 8 + 3] = jump(no)
    view.setUint32(index * 8 + 4, value, true)
  }
  return bytes
}
