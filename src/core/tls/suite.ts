import { suiteTable } from './suite-table.ts'

/** What a cipher suite is worth, read off its name. */
export type Suite = Readonly<{
  number: number
  name: string
  /** `RSA`, `DHE`, `ECDHE`, `DH`, `ECDH`, `PSK`, `SRP`, `KRB5`, `GOST`, `any` of TLS 1.3. */
  exchange: string
  /** What proves the server: `RSA`, `ECDSA`, `DSS`, `PSK`, `anon`, `any` of TLS 1.3, … */
  proof: string
  /** Bits an attacker has to try: 112 of 3DES, 40 of export, 0 of none. */
  bits: number
  forwardSecret: boolean
  aead: boolean
  /** The oldest version that may agree on it. */
  since: 'SSLv3' | 'TLSv1.2' | 'TLSv1.3'
  /** Classes no server should take: `NULL`, `anon`, `EXPORT`, `DES`, `RC4`, `3DES`; and the rarer `RC2`, `IDEA`, `MD5`. */
  weak: readonly string[]
}>

const inTls13 = /^TLS_(AES|CHACHA20|SM4|AEGIS)_/
const sslv2Name = /^SSL_CK_/

export const suites: readonly Suite[] = suiteTable.trim().split(/; |\n/).map((entry) => {
  const name = entry.slice(5)
  return read(Number.parseInt(entry.slice(0, 4), 16), name.startsWith('SSL_') ? name : `TLS_${name}`)
})

const byNumber = new Map(suites.map((suite) => [suite.number, suite]))
const byName = new Map(suites.map((suite) => [suite.name, suite]))

export function suiteName(number: number): string {
  return byNumber.get(number)?.name ?? `0x${number.toString(16).padStart(4, '0')}`
}

/** What a name from an observation is worth; null where nothing is known of it. Suites of SSL 2 (`SSL_CK_…`) are read too. */
export function suiteOf(name: string): Suite | null {
  return byName.get(name) ?? (sslv2Name.test(name) ? read(-1, name) : null)
}

function read(number: number, name: string): Suite {
  const modern = inTls13.test(name)
  const [exchangeText = '', cipherText = ''] = name.includes('_WITH_') ? name.split(/_WITH_(.*)/) : ['', name]
  const exchange = modern ? 'any' : sslv2Name.test(name) ? 'RSA' : (/^(?:TLS|SSL)_(ECDHE|ECDH|DHE|DH|RSA|PSK|SRP|KRB5|GOST|CECPQ1|ECCPWD)/.exec(name)?.[1] ?? 'RSA')
  const aead = modern || /GCM|CCM|CHACHA20|POLY1305|OCB|MGM/.test(cipherText)
  const bits = bitsOf(name, cipherText)
  const anonymous = /_anon/.test(exchangeText)
  return {
    number, name, exchange, bits, aead,
    proof: modern ? 'any' : anonymous ? 'anon' : (/_(RSA|ECDSA|DSS|PSK|SHA)(?:_|$)/.exec(exchangeText.replace(/^(TLS|SSL)_(ECDHE|ECDH|DHE|DH|CECPQ1)/, ''))?.[1] ?? exchange),
    forwardSecret: modern || (/^(ECDHE|DHE|CECPQ1)$/.test(exchange) || (anonymous && bits > 0)),
    since: modern ? 'TLSv1.3' : aead || /_(SHA256|SHA384|SHA512)(_|$)|KUZNYECHIK|MAGMA/.test(cipherText) ? 'TLSv1.2' : 'SSLv3',
    weak: [
      ...(bits === 0 ? ['NULL'] : []),
      ...(anonymous ? ['anon'] : []),
      ...(/EXPORT/.test(name) ? ['EXPORT'] : []),
      ...(/(_|^)DES_(CBC|64)/.test(cipherText) ? ['DES'] : []),
      ...(/RC4_(128|56)/.test(cipherText) && !/EXPORT/.test(name) ? ['RC4'] : []),
      ...(/3DES|DES_192/.test(cipherText) ? ['3DES'] : []),
      ...(/RC2/.test(cipherText) ? ['RC2'] : []),
      ...(/IDEA/.test(cipherText) ? ['IDEA'] : []),
      ...(cipherText.endsWith('_MD5') ? ['MD5'] : []),
    ],
  }
}

function bitsOf(name: string, cipher: string): number {
  if (/NULL/.test(cipher) || /SHA256_SHA256|SHA384_SHA384/.test(cipher)) return 0
  if (/EXPORT1024|_56_/.test(name)) return 56
  if (/EXPORT|_40_|DES40/.test(name)) return 40
  if (/3DES|DES_192/.test(cipher)) return 112
  if (/DES_(CBC|64)/.test(cipher)) return 56
  if (/256|CHACHA20|28147|KUZNYECHIK|MAGMA/.test(cipher.replace(/_SHA256$/, ''))) return 256
  return 128
}
