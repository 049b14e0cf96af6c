import type { Socket } from 'node:net'
import type { SecureContextOptions, TLSSocket } from 'node:tls'

/** One listener of the range. `talk` gets each connection; errors and the end of sockets are seen to by the range. */
export type Listener =
  | Readonly<{ kind: 'tcp'; port: number; talk(socket: Socket): void }>
  | Readonly<{ kind: 'tls'; port: number; context: SecureContextOptions; talk(socket: TLSSocket): void }>
  /** One datagram in, at most one out. */
  | Readonly<{ kind: 'udp'; port: number; answer(message: Buffer): Buffer | null }>

/** A service of the practice range: weak on one address, hardened on another. Nothing in it stores, forwards or runs anything. */
export type LabService = Readonly<{
  name: string
  /** What is wrong with the weak one, for people. */
  wrong: string
  /** What the twin does better. */
  better: string
  /** Signatures that must fire on the weak one. */
  expects: readonly number[]
  weak: readonly Listener[]
  twin: readonly Listener[]
}>

/** Calls `take` with each line a client sends, without its line end; hangs up on a client that sends none for 8 KB. */
export function onLines(socket: Socket, take: (line: string) => void): void {
  let rest = ''
  socket.on('data', (bytes: Buffer) => {
    rest += bytes.toString('latin1')
    const lines = rest.split(/\r?\n/)
    rest = lines.pop()!
    if (rest.length > 8192) socket.destroy()
    for (const line of lines) if (!socket.destroyed) take(line)
  })
}

/** Calls `take` with all bytes not consumed yet; it answers how many it used. Hangs up beyond 64 KB. */
export function onBytes(socket: Socket, take: (bytes: Buffer) => number): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    for (let used = take(rest); used > 0 && rest.length > 0; used = take(rest)) rest = rest.subarray(used)
    if (rest.length > 65_536) socket.destroy()
  })
}
