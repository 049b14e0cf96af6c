import type { Place } from '#core/place.ts'

/** One web service as templates see it: a port of an address under one name, without a path. */
export type WebRoot = Readonly<{
  /** Where findings are: the port and the name, never a path, so that the key of a finding stays the same. */
  at: Place
  address: string
  port: number
  tls: boolean
  scheme: 'http' | 'https'
  /** Name it is spoken to by, or its address (in brackets if IPv6). */
  host: string
  /** `host:port`, without the port where it is the scheme's own. */
  authority: string
}>

export function webRootOf(at: Place, tls: boolean, name?: string): WebRoot {
  const port = at.port!
  const host = name ?? (at.address.includes(':') ? `[${at.address}]` : at.address)
  const { asset, address, proto } = at
  return {
    at: { asset, address, port, ...(proto === undefined ? {} : { proto }), ...(name === undefined ? {} : { host: name }) },
    address, port, tls, scheme: tls ? 'https' : 'http', host, authority: port === (tls ? 443 : 80) ? host : `${host}:${port}`,
  }
}
