import { suites, suiteName, suiteOf, type Suite } from '#core/tls/suite.ts'
import type { TlsVersion } from './hello.ts'

export { suiteName }

const rarest = /PSK|SRP|KRB5|_ECDH_|_DH_|FIPS|GOST|28147|ARIA|ECCPWD|CECPQ1|_OLD$|RC2|KUZNYECHIK|MAGMA/
const numbers = (list: readonly Suite[]): readonly number[] => list.map(({ number }) => number)

export const suites13 = numbers(suites.filter(({ since }) => since === 'TLSv1.3'))
/** What TLS 1.2 may agree on: what servers usually take first, strong before weak. */
export const suites12 = numbers(suites.filter(({ since }) => since !== 'TLSv1.3').sort((a, b) => weight(a) - weight(b)))
const suites10 = suites12.filter((number) => suiteOf(suiteName(number))?.since === 'SSLv3')

function weight({ name, weak, aead }: Suite): number {
  return (rarest.test(name) ? 4 : 0) + (weak.length > 0 ? 2 : 0) + (aead ? 0 : 1)
}

/** All that a version may agree on. */
export function suitesOf(version: TlsVersion): readonly number[] {
  return version === 'TLSv1.3' ? suites13 : version === 'TLSv1.2' ? suites12 : suites10
}

export const weakClasses = ['NULL', 'anon', 'EXPORT', 'DES', 'RC4', '3DES'] as const

export function factsOf(number: number): Suite | null {
  return suiteOf(suiteName(number))
}

export const finiteField = new Set(numbers(suites.filter(({ exchange, proof }) => exchange === 'DHE' || (exchange === 'DH' && proof === 'anon'))))
