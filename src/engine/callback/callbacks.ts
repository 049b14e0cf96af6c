/**
 * The scanner's own listener for calls that a target makes because of what it was sent (out-of-band): HTTP and, where a domain is delegated to it, DNS, on an address of the scanner that the
 * target can reach. It serves nothing, and keeps only calls that carry a token it gave out.
 */
export interface Callbacks {
  /** Before a host is looked at: finds out under which address it reaches us. */
  begin(address: string): Promise<void>
  /** The host is done: its tokens mean nothing any more. */
  end(address: string): void
  /** Whether a name that is looked up leads here, too; without a delegated domain a look-up goes nowhere. */
  readonly named: boolean
  /** A name that means this listener from where `address` stands, with a fresh token in it: `<token>.<domain>` or `<ip>:<port>/<token>`; null: that host cannot reach us. */
  place(address: string): CallbackPlace | null
  /** Calls that came for it so far. */
  calls(place: CallbackPlace): readonly Call[]
  /** Resolves when one came, or after `ms`. */
  wait(place: CallbackPlace, ms: number, signal: AbortSignal): Promise<readonly Call[]>
  close(): Promise<void>
}
export type CallbackPlace = Readonly<{ token: string; url: string }>
/** `request`: what came, as text, at most 8,192 characters. */
export type Call = Readonly<{ protocol: 'dns' | 'http'; from: string; at: number; request: string }>
