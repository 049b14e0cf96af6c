import type { Credential } from '#core/credential.ts'
import type { Place } from '#core/place.ts'
import { failed, type Connection } from '../net.ts'
import type { Probe, Sight } from '../probe.ts'
import { attemptOf, credentialsFor } from './attempt.ts'

type Kind = 'mysql' | 'postgresql'
export type Trouble = Readonly<{ outcome: 'failed' | 'not attempted' | 'insufficient'; why: string }>

/** How one database is logged in to. `look` reads what it shows, and answers whether it saw all: then no other record is tried. */
export type DatabaseLogin<K extends Kind, Session extends object> = Readonly<{
  kind: K
  logIn(connection: Connection, credential: Credential & { kind: K }): Promise<Session | Trouble>
  look(session: Session, credential: Credential & { kind: K }, at: Place): AsyncGenerator<Sight, boolean>
  /** What is said before hanging up, however it went. */
  leave?(connection: Connection): void
}>

/** A probe that tries the records meant for the port, each over a connection of its own, until one sees all. */
export function databaseLogin<K extends Kind, Session extends object>({ kind, logIn, look, leave }: DatabaseLogin<K, Session>): Probe<'service'> {
  return {
    id: `login-${kind}`,
    version: 1,
    on: 'service',
    effect: 'login',
    needs: { privilege: 'login' },
    wants: ({ data, at }) => data.name === kind && at.port !== undefined,
    async *run(seen, tools, signal) {
      const at: Place = { asset: seen.at.asset, address: seen.at.address, port: seen.at.port!, proto: 'tcp' }
      for (const credential of credentialsFor(tools, kind, seen.at.port!)) {
        signal.throwIfAborted()
        const connection = await tools.net.connect({ address: at.address, port: at.port! })
        if (failed(connection)) {
          yield attemptOf(credential, at, { outcome: 'not attempted', why: connection.text })
          continue
        }
        try {
          const session = await logIn(connection, credential)
          if ('outcome' in session) yield attemptOf(credential, at, session)
          else if (yield* look(session, credential, at)) return
        } finally {
          leave?.(connection)
          connection.close()
        }
      }
    },
  }
}
