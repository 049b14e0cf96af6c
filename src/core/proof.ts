/**
 * What proves an observation: the very bytes that went over the wire, so that anybody can decide again what they say, offline
 * (`./vigil verify FINDING`) or with a packet in hand. Kept in the blob store beside a finding, by its sha256; never in the database.
 */
export type Exchange = Readonly<{
  over: 'tcp' | 'udp' | 'tls' | 'icmp'
  /** `192.0.2.7:443`, `[2001:db8::7]:443`. */
  to: string
  /** Name sent in the TLS handshake, if any. */
  serverName?: string
  /** Base64 of the bytes above TLS, exactly as sent and received; received at most `mostReceived`. */
  sent: string
  received: string
  /** More was received than is kept. */
  cut: boolean
  /** Unix ms at which sending began, and how long it took to the last byte that counted. */
  at: number
  took: number
  /** What this step is for, in a few words: `step 2 of 3`, `negative control`. */
  note?: string
}>

export const mostSent = 65_536
export const mostReceived = 262_144
/** Exchanges of one proof; a check that needs more keeps the first and the last ones. */
export const mostExchanges = 16

export type Proof = Readonly<{
  /** `by` of the observation, or `template:ID@DIGEST`: what decided. */
  check: string
  exchanges: readonly Exchange[]
  /** The same question put so that the answer must differ where the finding is true: another path, another value. A check that needs none says why. */
  control: readonly Exchange[]
  controlNote?: string
  /** What matched, in words for people: `body contains "root:x:0:0"`. */
  matched: readonly string[]
  /** Values that chance chose for this run (`randstr`, tokens of the callback listener): with them the decision is the same again. */
  variables?: Readonly<Record<string, string>>
  /** Calls that came back to the listener. */
  callbacks?: readonly Readonly<{ protocol: 'dns' | 'http'; from: string; at: number; request: string }>[]
}>
