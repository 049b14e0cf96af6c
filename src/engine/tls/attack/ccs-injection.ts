import type { Exchange } from '#core/proof.ts'
import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { wireVersion } from '../hello.ts'
import type { Offer } from '../look/enumerate.ts'
import { handshakeOf, messagesOf } from '../record.ts'
import { afterHello, answerOf, record, type Verdict } from './after-hello.ts'
import { cipherOf, clientKeys, seal } from './cipher.ts'
import { message } from './session.ts'

/** bad_record_mac and decryption_failed. */
const deciphers = new Set(['alert 20', 'alert 21'])

/**
 * CVE-2014-0224: ChangeCipherSpec before there are keys. A right server says unexpected_message or hangs up; a broken one takes it in silence and from then on deciphers with
 * keys made of nothing. So what comes next is half a message under those very keys, which it waits to have the rest of, and on another connection the same with a bit changed, which it
 * turns away. Who is silent to both has said nothing.
 */
export async function ccsInjection(asker: Asker, below: Offer, wait: number): Promise<Verdict> {
  const flaw = 'ccs-injection'
  const early = await ask('none')
  if (early === null) return { flaw, found: null, shown: [], text: 'no handshake' }
  const text = `ChangeCipherSpec before there are keys: ${early.change}`
  if (early.change !== 'silent') return { flaw, found: early.change.startsWith('lost') ? null : false, shown: [], text }
  if (early.half === null) return { flaw, found: null, shown: [], text: `${text}; what it enciphers by is none that we speak` }
  const also = `${text}; half a message under keys of nothing: ${early.half}`
  // With other keys of nothing than ours it says so in the words of one that deciphers.
  if (early.half !== 'silent') return { flaw, found: early.half.startsWith('lost') ? null : deciphers.has(early.half), shown: [early.exchange], text: also }
  const spoiled = await ask('changed')
  if (spoiled?.half == null) return { flaw, found: null, shown: [], text: `${also}, but not always` }
  const found = spoiled.half === 'silent' || spoiled.half.startsWith('lost') ? null : true
  return { flaw, found, shown: [early.exchange, spoiled.exchange], text: `${also}; the same with a bit changed: ${spoiled.half}` }

  async function ask(half: 'none' | 'changed'): Promise<Readonly<{ change: string; half: string | null; exchange: Exchange }> | null> {
    const { version } = below
    const result = await afterHello(asker, { version, suites: speakable() }, async (connection, flight, hello, heard) => {
      connection.write(record(20, wireVersion[version], Uint8Array.from([1])))
      const change = await answerOf(connection, wait)
      const cipher = cipherOf(flight.hello!.suite)
      if (change !== 'silent' || cipher === null || version === 'SSLv3') return { change, half: null, exchange: connection.exchange() }
      const keys = clientKeys(version, cipher, Buffer.alloc(0), hello.subarray(11, 43), messagesOf(handshakeOf(heard))[0]!.body.subarray(2, 34))
      const sealed = seal(version, cipher, keys, 22, message(16, Buffer.alloc(40)).subarray(0, 8))
      if (half === 'changed') sealed[sealed.length - 1]! ^= 1
      connection.write(sealed)
      return { change, half: await answerOf(connection, wait), exchange: connection.exchange() }
    })
    return result === null || failed(result) ? null : result
  }

  /** What we can encipher by, where the server takes any of it. */
  function speakable(): readonly number[] {
    const some = below.suites.filter((suite) => cipherOf(suite) !== null)
    return some.length > 0 ? some : below.suites
  }
}
