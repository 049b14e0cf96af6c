import type { Evidence } from '#core/observation.ts'
import type { Exchange } from '#core/proof.ts'
import type { StackSight } from './packet/stack.ts'

/**
 * The only way to a target. Every call checks scope, exclusions, rate, connection and byte budgets and deadlines before a
 * packet leaves, and records what was said. An expected network failure is a value, never a throw; leaving the scope is a
 * programming error and throws `OutOfScope`.
 */
export interface Net {
  connect(to: Endpoint, options?: ConnectOptions): Promise<Connection | Failure>
  /** The same for who speaks thousands of times: callbacks instead of reads, no transcript, no copy. Behind the same walls. */
  stream(to: Endpoint, on: StreamEvents, options?: ConnectOptions): Promise<Stream | Failure>
  /** Whether a TCP port answers, at the least cost: connects and hangs up. Waits for `patience` unless told how long. */
  knock(to: Endpoint, timeout?: number): Promise<'open' | Failure>
  /**
   * Which TCP ports of a host are open, by the leanest way this scanner has (`packets`): half-open packets where it may send them, else whole connections. Each port comes once, with those that came
   * out alike, since a promise for each of thousands costs more than its packet; all that are not `open` or `closed` were not conclusive. Obeys scope, exclusions, rate and the host's budget like everything else.
   */
  sweep(address: string, ports: Iterable<number>, signal: AbortSignal): AsyncIterable<Swept>
  /** How `sweep` works here, named in results: `syn (packet ring)`, `syn (raw socket)`, `connect (epoll)`, `connect`; and why it is not a leaner one. */
  readonly packets: Readonly<{ method: string; why: string }>
  /** Whether anybody is at an address, by packets: the search for neighbours on the scanner's own network, echo requests, the ports given. Null where no packets may be sent: knock instead. */
  look(address: string, ports: readonly number[]): Promise<Readonly<{ up: boolean; why: string }> | null>
  /** Ms within which this host answers a handshake if it does, by what was measured; at first, and at most, the profile's `connect`. */
  patience(address: string): number
  /**
   * Sends datagrams from one fresh socket and collects answers until `until` says enough (default: the first answer) or `wait` ms
   * passed (default: the profile's `answer`). While nothing came they are sent again, after a third and two thirds of the wait.
   * No answer is a `timeout`, port unreachable from the host itself `refused`, from another (a firewall) `unreachable`.
   */
  ask(to: Endpoint, datagrams: readonly Uint8Array[], options?: AskOptions): Promise<Answers | Failure>
}

/**
 * Ports that came out alike. `open`; `closed`: the host itself said so (RST); `rejected`: something answered with an ICMP error, which says nothing of the service behind it; `silent`: no answer,
 * asked again as often as makes sense. `failure` says more where it is not a plain answer, `stacks` how the host's system answered, of some open ports.
 */
export type Swept = Readonly<{ state: 'open' | 'closed' | 'rejected' | 'silent'; ports: Uint16Array; failure?: Failure; stacks?: readonly (readonly [port: number, sight: StackSight])[] }>

export type Endpoint = Readonly<{ address: string; port: number }>

/**
 * `refused`: of a knock and of datagrams, the host itself said that the port is closed (RST; port unreachable). Of a connection, an RST or anybody's ICMP port unreachable: it closes nothing. `timeout`: silence. `unreachable`: no route or host. `reset`: cut after it opened.
 * `tls`: handshake failed. `budget`: the host's time or bytes are used up. `aborted`: the scan was stopped. `protocol`: not what was expected.
 */
export type FailureCode = 'refused' | 'timeout' | 'unreachable' | 'reset' | 'closed' | 'tls' | 'budget' | 'aborted' | 'protocol'
/** `by`: an ICMP error refused it, of the address that sent it; null where this system does not tell whether it was one or the host's own RST. */
export type Failure = Readonly<{ failed: FailureCode; text: string; by?: string | null }>

export type ConnectOptions = Readonly<{
  /** TLS from the first byte; `servername` sets SNI (never an address). Any certificate is accepted: looking is not trusting. */
  tls?: TlsOptions
  /** Ms; the profile's when absent. */
  timeout?: number
}>

export type TlsOptions = Readonly<{
  servername?: string; minVersion?: string; maxVersion?: string; ciphers?: string; alpn?: readonly string[]
  /** What the server gave to take up a session again; kept here from one stream to the next to the same port under the same name. A resumed session tells less of the certificates. */
  resume?: Resumption
  /** After the handshake it asks to begin again, below TLS 1.3, and `TlsSession.renegotiates` says what came of it. The connection is good for nothing else then. */
  renegotiate?: true
}>

export type Resumption = { ticket: Buffer | null }

export interface Connection {
  /** Resolves once handed to the kernel; failures show at the next read. */
  write(bytes: Uint8Array | string): void
  /**
   * Reads until `until(received so far)` returns a length (that many bytes are returned and consumed), the peer closes (all that
   * is left is returned, may be empty), or limits are reached. A string `until` means: up to and including it.
   */
  read(options?: ReadOptions): Promise<Bytes | Failure>
  /** Upgrades in place after STARTTLS. */
  upgrade(tls: TlsOptions): Promise<true | Failure>
  /** Details of the TLS session, if there is one. */
  readonly tls: TlsSession | null
  /** All that was sent and received so far (above TLS), bounded. */
  evidence(note?: string): Evidence
  /** The same as bytes, for a proof. */
  exchange(note?: string): Exchange
  close(): void
}

export type StreamEvents = Readonly<{
  /** The first `length` of `bytes`; they are overwritten as soon as this returns. */
  data(bytes: Buffer, length: number): void
  /** The peer closed (null), or it failed or was cut. Once, and nothing after it; not after our own `close`. */
  end(why: Failure | null): void
}>

export interface Stream {
  write(bytes: Uint8Array | string): void
  readonly tls: TlsSession | null
  /** The protocol agreed on in the TLS handshake. */
  readonly alpn: string | null
  close(): void
}

export type ReadOptions = Readonly<{
  /** Default: whatever arrives first, then what follows within 50 ms. */
  until?: string | ((received: Uint8Array) => number | null)
  /** Most bytes to hold; default 65,536. More is a `protocol` failure. */
  most?: number
  /** Ms; the profile's `answer` when absent. */
  timeout?: number
}>

/** `ended`: the peer closed before `until` was met. */
export type Bytes = Readonly<{ bytes: Uint8Array; ended: boolean }>

export type TlsSession = Readonly<{ version: string; cipher: string; alpn: string | null; chain: readonly Uint8Array[]; trustError: string | null; renegotiates?: boolean | null }>

export type AskOptions = Readonly<{
  wait?: number
  until?: (answers: readonly Uint8Array[]) => boolean
  /** Most answers to hold; default 16. */
  most?: number
  /** Takes answers from any port of the address (TFTP answers from a fresh one). */
  anyPort?: boolean
}>
export type Answers = Readonly<{ answers: readonly Uint8Array[]; evidence: Evidence }>

export function failed(result: object): result is Failure {
  return 'failed' in result
}

/** Something asked for a packet to an address that is not in the scope or is excluded. No packet left. */
export class OutOfScope extends Error {
  readonly address: string
  constructor(address: string) {
    super(`${address.slice(0, 64)} is not in the scope of this scan`)
    this.name = 'OutOfScope'
    this.address = address
  }
}
