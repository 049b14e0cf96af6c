import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { VersionScheme } from '../knowledge/affected.ts'
import { isDistribution, schemeOf } from './ecosystem.ts'
import { compare } from './scheme.ts'

/** Each line from old to new; versions joined by `=` are the same. */
const orders: Readonly<Record<VersionScheme, readonly string[]>> = {
  dpkg: ['1.0~~ 1.0~~a 1.0~ 1.0~rc1-1 1.0 1.0-0ubuntu1 1.0-1~deb12u1 1.0-1 1.0-1+b1 1.0-1+deb12u1 1.0-1.1 1.0-2 1.0+dfsg-1 1.0.1 1:0.1 2:0', '1.0=1.0-0=0:1.0', '1.2.3-9 1.2.3-10', '1A 1a 1b 1+'],
  rpm: ['1.0~rc1-1 1.0-1.el8 1.0-1.el9 1.0-1.el9_2 1.0-1.el9_10 1.0-2 1.0^git1-1 1.0.1-1 1.1-1 1:0.9-1', '1.0=0:1.0=1.00', '1.0 1.0-1', '1.0.a 1.0.0', '2.0~~a 2.0~ 2.0 2.0^ 2.0a', '1_0=1.0', '1.010=1.10'],
  apk: ['1.0_alpha 1.0_alpha1 1.0_beta 1.0_pre 1.0_rc1 1.0 1.0-r0 1.0-r1 1.0-r10 1.0_git20240101 1.0_p1 1.0_p1-r1 1.0a 1.0.1 1.1', '1.01 1.1'],
  semver: ['1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0 2.0.0', '1.0.0=1.0.0+build=v1.0.0', '1.0.0-1 1.0.0-1a'],
  pep440: ['1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.1.dev1 1!0', '1.0=1=1.0.0=v1.0', '1.0-1=1.0.post1=1.0-r1', '1.0c1=1.0-RC_1'],
  maven: ['1.0-alpha-1 1.0-beta-1 1.0-M1 1.0-rc1 1.0-SNAPSHOT 1.0 1.0-sp 1.0-jre 1.0-1 1.0.1', '1.0=1=1.0.0=1.0.Final=1-ga', '1.0a1=1.0-alpha-1', '1.0-rc1=1.0-cr1', '2.9.10 2.9.10.8 2.10', '9.4.48.v20220622 9.4.49.v20220914'],
  gem: ['1.0.a 1.0.a.2 1.0.b1 1.0.rc1 1.0 1.0.1 1.1.a 1.1', '1.0=1=1.0.0', '1.0-rc1=1.0.pre.rc1', '1.9 1.10'],
  nuget: ['1.0.0-alpha 1.0.0-ALPHA.1 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc 1.0.0 1.0.0.1 1.0.1', '1.0=1.0.0=1.0.0.0=01.0.0+x', '1.0.0-RC.1=1.0.0-rc.01'],
  composer: ['1.0.0-dev 1.0.0-alpha1 1.0.0-alpha2 1.0.0-beta1 1.0.0-RC1 1.0.0 1.0.0-p1 1.0.0-p2 1.0.1 1.0.2-dev 1.0.x-dev 1.1 20240101', '1.0=v1.0.0.0=1.0.0-stable', '1.0b1=1.0-beta.1', '1.0pl1=1.0-patch1'],
  go: ['v0.0.0-20210921155107-089bfa567519 v0.0.0-20220314234659-1baeb1ce4c0b v0.0.1 v1.2.3-pre v1.2.3-pre.0.20200101000000-abcdefabcdef v1.2.3 v1.2.4-0.20200101000000-abcdefabcdef v1.2.4', 'v2.0.0=v2.0.0+incompatible=2.0.0=v2', '1.21rc2=1.21.0-rc.2 1.21.0 go1.21.3'],
  numbers: ['1.0 1.0.0 1.0.1 1.2-3 1.2-10 1.10', '1.2-3=1.2.3=01.2.3'],
  generic: ['1.0.1 1.0.2-beta1 1.0.2 1.0.2a 1.0.2k 1.1.0', '1.2=v1.2.0'],
}

for (const scheme of Object.keys(orders) as VersionScheme[]) {
  test(`${scheme}: from old to new`, () => {
    for (const line of orders[scheme]) {
      const steps = line.split(' ').map((step) => step.split('='))
      for (let at = 0; at < steps.length; at++) {
        for (const same of steps[at]!) assert.equal(compare(scheme, steps[at]![0]!, same), 0, `${steps[at]![0]} = ${same}`)
        for (const newer of steps.slice(at + 1).flat()) {
          assert.ok((compare(scheme, steps[at]![0]!, newer) ?? 0) < 0, `${steps[at]![0]} < ${newer}`)
          assert.ok((compare(scheme, newer, steps[at]![0]!) ?? 0) > 0, `${newer} > ${steps[at]![0]}`)
        }
      }
    }
  })
}

test('what the package system takes for no version is null', () => {
  const none: Readonly<Partial<Record<VersionScheme, string>>> = {
    dpkg: 'a:1 : 1- -1 1:-1 99999999999:1', apk: 'v1 1. 1.a 1_x 1-1 1.0_p-1 1-r', semver: '1 1.2 v1.2 01.2.3 1.2.3-01 1.2.3- 1.2.3+ 1.2.3.4 latest', pep440: '1.x 1- 1.0+ 1.0-foo french',
    maven: 'unspecified latest', gem: 'a 1..2 1. 1.0_1', nuget: 'x 1.2.3.4.5 2147483648 1.0-', composer: 'dev-main dev 1.2.3.4.5 1.0-foo', go: 'x v1.2-rc 1.2.3.4 devel', numbers: '1.a 1..2',
    generic: 'unknown',
  }
  for (const [scheme, texts] of Object.entries(none)) {
    for (const text of ['', ' ', ...(scheme === 'generic' ? [] : ['1 2', '1\u00002']), '1'.repeat(300), ...texts.split(' ')]) assert.equal(compare(scheme as VersionScheme, text, text), null, `${scheme} ${text}`)
  }
})

const pieces = ['0', '1', '2', '10', '01', '.', '-', '~', '^', '+', ':', '_', 'a', 'b', 'm', 'rc', 'dev', 'post', 'alpha', 'pre', 'sp', 'ga', 'x', '-r1', '_p1', '.0', '!', 'v', 'snapshot', '.el9', 'Final', 'A']
const text = fc.array(fc.constantFrom(...pieces), { minLength: 0, maxLength: 7 }).map((parts) => parts.join(''))
const version = fc.tuple(fc.constantFrom('0', '1', '1.0', '1.0.0', '1.2', '2.0.0', '1:1'), text).map(([head, tail]) => head + tail)
const label = fc.constantFrom('0', '1', '10', 'a', 'B', 'rc', '-', '-1', 'alpha')
const semantic = fc.tuple(fc.constantFrom('1.0.0', '1.0.1', '2.10.0'), fc.array(label, { maxLength: 4 })).map(([head, labels]) => head + (labels.length > 0 ? `-${labels.join('.')}` : ''))
// Maven's own order goes in circles for texts that nobody writes (1.0alpha, 1.0.0, 1._-r1), and ours goes with it: transitivity
// is asked of what is written.
const written = fc.tuple(fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }), fc.constantFrom('', '-SNAPSHOT', '-alpha-1', '-beta2', '-M1', '-rc1', '.Final', '-jre', '-sp1', '.v20220101', '-1', '-redhat-1'))
  .map(([parts, tail]) => parts.join('.') + tail)
const numeric = fc.tuple(fc.array(fc.constantFrom('0', '1', '2', '10', '01', '007'), { minLength: 1, maxLength: 5 }), fc.constantFrom('.', '-')).map(([parts, by]) => parts.join(by))
const versions: Readonly<Partial<Record<VersionScheme, fc.Arbitrary<string>>>> = { semver: semantic, go: semantic, nuget: semantic, maven: written, numbers: numeric }

for (const scheme of Object.keys(orders) as VersionScheme[]) {
  test(`${scheme}: the order is total`, () => {
    let read = 0
    const any = (versions[scheme] ?? version).filter((text) => compare(scheme, text, text) !== null)
    fc.assert(fc.property(any, any, any, (a, b, c) => {
      const ab = compare(scheme, a, b)
      const bc = compare(scheme, b, c)
      const ac = compare(scheme, a, c)
      if (ab === null || bc === null || ac === null) return true
      read++
      if (Math.sign(ab) + Math.sign(compare(scheme, b, a)!) !== 0 || compare(scheme, a, a) !== 0) return false
      if (ab <= 0 && bc <= 0 && ac > 0) return false
      if (ab >= 0 && bc >= 0 && ac < 0) return false
      return ab !== 0 || Math.sign(ac) === Math.sign(bc)
    }), { numRuns: 10_000 })
    assert.ok(read > 9000, `only ${read} triples were versions`)
    fc.assert(fc.property(version, version, (a, b) => {
      const ab = compare(scheme, a, b)
      return ab === null || Math.sign(ab) + Math.sign(compare(scheme, b, a)!) === 0
    }), { numRuns: 5000 })
  })
}

test('any text is read or refused', () => {
  fc.assert(fc.property(fc.constantFrom(...(Object.keys(orders) as VersionScheme[])), fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 40 }), (scheme, a, b) => {
    const order = compare(scheme, a, `1.0.0${b}`)
    return order === null || Number.isFinite(order)
  }), { numRuns: 20_000 })
})

test('ecosystems have the order of their package system', () => {
  const expected: Readonly<Record<string, VersionScheme>> = {
    'Debian:12': 'dpkg', 'Ubuntu:22.04:LTS': 'dpkg', 'Red Hat:enterprise_linux:9::baseos': 'rpm', 'Rocky Linux:9': 'rpm', 'AlmaLinux:8': 'rpm', 'SUSE:Linux Enterprise Server 15 SP5': 'rpm',
    'openSUSE:Leap 15.5': 'rpm', 'Alpine:v3.20': 'apk', Wolfi: 'apk', Chainguard: 'apk', npm: 'semver', PyPI: 'pep440', Maven: 'maven', RubyGems: 'gem', NuGet: 'nuget', Packagist: 'composer', Go: 'go',
    'crates.io': 'semver', Hex: 'semver', Pub: 'semver', SwiftURL: 'semver', CRAN: 'numbers', Hackage: 'numbers', 'GitHub Actions': 'semver', Bitnami: 'generic', Android: 'generic', 'OSS-Fuzz': 'generic',
    cpe: 'generic', 'retire.js': 'generic',
  }
  for (const [ecosystem, scheme] of Object.entries(expected)) assert.equal(schemeOf(ecosystem), scheme, ecosystem)
  assert.equal(schemeOf('constructor'), 'generic')
  assert.ok(isDistribution('Debian:12') && isDistribution('Red Hat:9') && !isDistribution('npm') && !isDistribution('cpe'))
})
