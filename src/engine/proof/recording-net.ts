import { mostExchanges, type Exchange } from '#core/proof.ts'
import { failed, type Connection, type Net } from '../net.ts'
import { openCapture, type Capture } from './capture.ts'

/** Conversations kept from the beginning of a look; the rest of what a proof may hold is for the last ones. */
const first = mostExchanges - 4

/** Where what was said is told by who said it, since it goes over connections that many looks share. `net`: the one below. */
type Recorder = Readonly<{ net: Net; keep(exchange: () => Exchange): void }>
const recorders = new WeakMap<Net, Recorder>()

/** Of a net that records nothing: the net itself, and nothing is kept. */
export function recorderOf(net: Net): Recorder {
  return recorders.get(net) ?? { net, keep: () => {} }
}

/** A net that remembers what went over it, for a look whose outcome may have to be proved. It lets through and stops what the one below does. */
export function recordingNet(net: Net, now: () => number): Readonly<{ net: Net; exchanges(): readonly Exchange[] }> {
  const captures: Pick<Capture, 'isEmpty' | 'exchange'>[] = []

  function keep<T extends Pick<Capture, 'isEmpty' | 'exchange'>>(capture: T): T {
    if (captures.length >= mostExchanges) captures.splice(first, 1)
    captures.push(capture)
    return capture
  }

  const own: Net = {
    ...net,
    get packets() {
      return net.packets
    },
    async connect(to, options) {
      const connection = await net.connect(to, options)
      if (failed(connection)) return connection
      return recorded(connection, keep(openCapture(to, options?.tls === undefined ? 'tcp' : 'tls', options?.tls?.servername, now())))
    },
    async stream(to, on, options) {
      const capture = openCapture(to, options?.tls === undefined ? 'tcp' : 'tls', options?.tls?.servername, now())
      const stream = await net.stream(to, {
        data(bytes, length) {
          capture.received(bytes.subarray(0, length))
          on.data(bytes, length)
        },
        end(why) {
          if (why === null) capture.end()
          on.end(why)
        },
      }, options)
      if (failed(stream)) return stream
      keep(capture)
      return {
        get tls() {
          return stream.tls
        },
        get alpn() {
          return stream.alpn
        },
        write(bytes) {
          capture.sent(bytes)
          stream.write(bytes)
        },
        close: () => stream.close(),
      }
    },
    async ask(to, datagrams, options) {
      const at = now()
      const result = await net.ask(to, datagrams, options)
      const answers = failed(result) ? [] : result.answers
      // One for each datagram, so that none runs into the next.
      for (let place = 0; place < Math.max(datagrams.length, answers.length); place++) {
        const capture = keep(openCapture(to, 'udp', undefined, at))
        capture.sent(datagrams[place] ?? new Uint8Array())
        capture.received(answers[place] ?? new Uint8Array())
      }
      return result
    },
  }
  recorders.set(own, { net, keep: (exchange) => void keep({ isEmpty: () => false, exchange }) })
  return { net: own, exchanges: () => captures.filter((one) => !one.isEmpty()).map((one) => one.exchange()) }
}

function recorded(connection: Connection, capture: Capture): Connection {
  return {
    get tls() {
      return connection.tls
    },
    write(bytes) {
      capture.sent(bytes)
      connection.write(bytes)
    },
    async read(options) {
      const result = await connection.read(options)
      if (failed(result)) return result
      capture.received(result.bytes)
      if (result.ended) capture.end()
      return result
    },
    async upgrade(options) {
      const result = await connection.upgrade(options)
      if (result === true) capture.secure()
      return result
    },
    evidence: (note) => connection.evidence(note),
    exchange: (note) => capture.exchange(note),
    close: () => connection.close(),
  }
}
