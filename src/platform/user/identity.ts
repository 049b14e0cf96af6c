import type { Actor } from '../access/actor.ts'

/** Who is signed in, apart from any organisation. */
export type Person = Readonly<{ id: string; name: string; email: string; session: string | null; signedIn: number | null }>

export type Signed = Readonly<{ person: Person; actor: Actor | null; setCookies: readonly string[] }>

export interface Identity {
  /** Null when neither the token nor the cookie holds. */
  authenticate(given: Readonly<{ bearer: string | null; cookie: string; ip: string }>): Promise<Signed | null>
}
