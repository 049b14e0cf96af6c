/**
 * Where something is. `asset` is the stable identity the platform gave the host (in a terminal scan: the address);
 * `address` is a literal IPv4 or IPv6 address, never a name; `host` is the name it was reached by, if any.
 */
export type Place = Readonly<{
  asset: string
  address: string
  host?: string
  port?: number
  proto?: Proto
  /** Path of an HTTP resource, from the leading slash, query included. */
  path?: string
  package?: string
}>

export type Proto = 'tcp' | 'udp'

/**
 * The part of a finding's key below host, port and protocol: which resource or which package. `host` counts, since two
 * virtual hosts on one port are two services.
 */
export function instanceOf(at: Place): string {
  return [at.host ?? '', at.path ?? '', at.package ?? ''].join('|').replace(/^\|+$/, '')
}
