import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Made, tarOf, zipOf } from '../../src/formats/archive/testing-archive.ts'

const slices = fileURLToPath(new URL('../feeds/', import.meta.url))

/** A slice of a feed under the name and in the form it comes in; `sums`: the form has a checksum over what matters. */
export type Packed = Readonly<{ name: string; form: 'tar.gz' | 'zip' | 'gz' | 'plain'; files: readonly Made[]; sums: boolean }>

const feeds: readonly (readonly [slice: string, name: string, form: Packed['form']])[] = [
  ['cve', 'cvelistV5-main.zip', 'zip'], ['cve', 'vulnrichment-2099-01-01.tar.gz', 'tar.gz'], ['nvd/nvdcve-2.0-2099.json', 'nvdcve-2.0-2099.json.gz', 'gz'],
  ['nvd/nvdcve-1.1-2099.json', 'nvdcve-1.1-2099.json.zip', 'zip'], ['nvd-overrides', 'nvd-data-overrides-2099-01-01.tar.gz', 'tar.gz'], ['osv', 'osv/Test/all.zip', 'zip'],
  ['ghsa', 'advisory-database-main.zip', 'zip'], ['rustsec', 'advisory-db-2099-01-01.tar.gz', 'tar.gz'], ['csaf', 'csaf-2099-01-01.tar.gz', 'tar.gz'], ['redhat', 'redhat/data.zip', 'zip'],
  ['redhat/oval/rhel-9.oval.xml', 'rhel-9.oval.xml.gz', 'gz'], ['ubuntu/com.ubuntu.jammy.cve.oval.xml', 'com.ubuntu.jammy.cve.oval.xml.gz', 'gz'], ['debian/security-tracker.json', 'debian/security-tracker.json.gz', 'gz'],
  ['alpine', 'alpine/secdb.tar.gz', 'tar.gz'], ['nuclei-templates', 'nuclei-templates/nuclei-templates-2099-01-01.tar.gz', 'tar.gz'], ['recog', 'recog/recog-2099-01-01.tar.gz', 'tar.gz'],
  ['retirejs/jsrepository-master.json', 'retirejs/jsrepository-master.json', 'plain'], ['kev/known_exploited_vulnerabilities.json', 'kev/known_exploited_vulnerabilities.json', 'plain'],
  ['epss/epss_scores-current.csv', 'epss/epss_scores-current.csv.gz', 'gz'], ['endoflife/products.json', 'endoflife/products.json.gz', 'gz'], ['ids/oui.csv', 'ids/oui.csv.gz', 'gz'],
  ['ids/public_suffix_list.dat', 'ids/public_suffix_list.dat.gz', 'gz'], ['scap/ssg-example-ds.xml', 'scap/ssg-example-ds.xml.gz', 'gz'],
]

export function packedFeeds(): readonly Packed[] {
  return feeds.map(([slice, name, form]) => {
    const path = join(slices, slice)
    const names = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((one) => statSync(join(path, one)).isFile()).sort() : ['']
    return { name, form, sums: form !== 'plain', files: names.map((one) => ({ name: one === '' ? slice.split('/').at(-1)! : one, text: readFileSync(join(path, one)) })) }
  })
}

export function pack(form: Packed['form'], files: readonly Made[]): Buffer {
  if (form === 'zip') return zipOf(files)
  return form === 'tar.gz' ? gzipSync(tarOf(files)) : form === 'gz' ? gzipSync(Buffer.from(files[0]!.text ?? '')) : Buffer.from(files[0]!.text ?? '')
}

/** mulberry32: the same mutants every time. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Bytes as a bad disk, a torn line or an attacker leaves them. */
export function damage(bytes: Buffer, pick: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  switch (pick(6)) {
    case 0:
      return copy.subarray(0, pick(copy.length))
    case 1: {
      const start = pick(copy.length)
      copy.fill(0, start, Math.min(copy.length, start + 1 + pick(64)))
      return copy
    }
    case 2: {
      const start = pick(copy.length)
      return Buffer.concat([copy.subarray(0, start), copy.subarray(pick(copy.length), copy.length)])
    }
    case 3:
      return Buffer.concat([copy, copy.subarray(pick(copy.length))])
    default: {
      for (let flips = 1 + pick(8); flips > 0; flips--) copy[pick(copy.length)]! ^= 1 << pick(8)
      return copy
    }
  }
}

const evil: readonly string[] = [
  `${'a'.repeat(50_000)}!`, '1.'.repeat(30_000), `${' '.repeat(40_000)}x`, `${'<='.repeat(20_000)}1`, `cpe:2.3:a:${':'.repeat(5000)}`, `cpe:2.3:a:${'\\\\:'.repeat(3000)}`, '(((((a+)+)+)+)+)$', '(?:a|a)*b'.repeat(200),
  `pkg:npm/${'%'.repeat(3000)}`, `pkg:maven/${'a/'.repeat(3000)}@1`, `CVSS:3.1${'/AV:N'.repeat(2000)}`, '../../../../etc/passwd', '__proto__', 'constructor', '9'.repeat(4000), '-1', '1e999', 'null', `${'1 and '.repeat(8000)}earlier`,
  `https://${'a.'.repeat(4000)}`, '\\u0000\\ud800', '&lt;script&gt;', '>= 1, '.repeat(5000), 'vers:all/' + '|<1'.repeat(5000), 'x'.repeat(300_000),
]

/** Text that still looks like the feed, with something in it that should not be there. */
export function poison(text: string, pick: (below: number) => number): string {
  let result = text
  for (let times = 1 + pick(3); times > 0; times--) result = poisonOnce(result, pick)
  return result
}

function poisonOnce(text: string, pick: (below: number) => number): string {
  const at = pick(Math.max(1, text.length))
  switch (pick(8)) {
    case 0: {
      // One quoted value by another.
      const from = text.indexOf('"', at)
      const to = from < 0 ? -1 : text.indexOf('"', from + 1)
      return to < 0 ? text : `${text.slice(0, from + 1)}${evil[pick(evil.length)]}${text.slice(to)}`
    }
    case 1: {
      const other = pick(text.length)
      return text.slice(0, Math.min(at, other)) + text.slice(Math.max(at, other))
    }
    case 2:
      return text.slice(0, at) + text.slice(at, at + 200).repeat(50) + text.slice(at)
    case 3:
      return text.slice(0, at) + '[{"a":'.repeat(pick(20_000)) + text.slice(at)
    case 4:
      return text.slice(0, at) + String.fromCharCode(pick(65_536)) + text.slice(at + 1)
    case 5:
      return text.replace(/"[^"\n]{1,60}":/, '"__proto__":')
    case 6: {
      const number = /\d+/g
      number.lastIndex = at
      const found = number.exec(text)
      return found === null ? text : `${text.slice(0, found.index)}${['-1', '1e400', '99999999999999999999', 'null', '[]', '{}'][pick(6)]}${text.slice(number.lastIndex)}`
    }
    default:
      return text.slice(0, at) + evil[pick(evil.length)] + text.slice(at)
  }
}
