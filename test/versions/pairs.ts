import type { VersionScheme } from '#core/knowledge/affected.ts'

/** Versions as they are found in the wild, and the pieces that near-misses are made of. */
export const seeds: Readonly<Record<VersionScheme, Readonly<{ real: readonly string[]; pieces: readonly string[] }>>> = {
  dpkg: {
    real: words(`1:9.2p1-2+deb12u3 1:9.2p1-2+deb12u10 2.4.62-1~deb12u2 3.0.15-1~deb12u1 3.0.15-1 5.10.226-1 6.1.119-1 6.1.119-1~bpo11+1 1.1.1w-0+deb11u2 2:1.02.185-2
      1:8.9p1-3ubuntu0.10 2.35-0ubuntu3.8 1.34.1+dfsg-1ubuntu0.1.22.04.1 0.0~git20210315.0000000-1 20230311+deb12u1 2.36-9+deb12u14 1.2.3~rc1-1 1.2.3~~-1 7.88.1-10+deb12u8
      4:12.2.0-3 9.0.1378-2+deb12u2 1.0.0~alpha.1+git20200101.abcdef-2build1 2024a-0+deb12u1 10.42-1 2.12.1+dfsg+~1.0-3 1.18.3 0`),
    pieces: words('0 1 2 9 10 00 01 ~ ~~ . - + : a z A Z p rc deb12u1 +b1 ubuntu0.1 ~bpo11+1 ~rc1 .0 -0 -1 1: 0:'),
  },
  rpm: {
    real: words(`8.7p1-38.el9_4.4 8.7p1-43.el9 1:1.1.1k-12.el8_9 3.0.7-28.el9_4 5.14.0-427.42.1.el9_4 4.18.0-553.el8_10 2:4.9-6.el8 0:1.2.3-1 1.0~rc1-1.fc40 1.0^20240101git-2
      7.61.1-34.el8_10.2 2.34-100.el9_4.3 1.8.0.412.b08-2.el8 20230731-1.git94f0e2c.el9_3.1 2.4.57-11.el9_4.1 32:9.16.23-18.el9_4.6 3.6.8-62.el8_10 10.0.1-1.module_el8+123+abc`),
    pieces: words('0 1 2 9 10 00 01 ~ ^ . - + _ : a z A Z rc el8 el9_4 .0 -1 1: 0: ~rc1 ^git1 fc40 module'),
  },
  apk: {
    real: words(`1.2.3-r0 1.36.1-r29 3.1.4-r5 2.9.14_p1-r0 1.0_rc1-r0 1.0_alpha2 9.3_p2-r3 20230506-r0 1.1.1w-r1 8.5.0-r0 0.9.28.3.2-r1 5.2.4_git20210814-r0 2.38_pre1 1.0_beta1_p2-r1 1.2.4a-r0
      6.4_p20240420-r0 1.01 1.0 1.00 0.1.0_alpha_pre2 13.0.2_git20211005~abcdef0-r1`),
    pieces: words('0 1 2 9 10 00 01 .0 .1 .10 a b z _p _p1 _rc _rc1 _alpha _beta2 _pre _git _git20210101 _cvs _hg _svn -r0 -r1 -r10 ~abc ~0def'),
  },
  semver: {
    real: words(`1.2.3 0.0.1 4.17.21 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 18.0.0-rc.0-next-fe905f152-20220107 7.0.0-0 2.0.0+build.5 v3.1.4
      10.0.0-20231101.1 5.0.0-next.1 1.0.0--1 1.0.0-0a 1.0.0-x.7.z.92 16.13.1 0.30.2`),
    pieces: words('0 1 2 9 10 .0 .1 -0 -1 -alpha -beta.2 -rc.1 .x .A .a +build +1 -next .01 v - a Z'),
  },
  pep440: {
    real: words(`1.0 1.0.0 1.0a1 1.0b2 1.0rc1 1.0.dev1 1.0a1.dev2 1.0.post1 1.0.post1.dev3 1.0+local.1 1.0+ubuntu-1 2!1.0 2024.1 2.0.0rc3 4.2.16 1.0-1 v1.0 1.0.alpha-2 1.0_beta 1.0.c3 1.0.rev4 0.0.0
      3.0.0a1.post2.dev1 20.4b0 1.26.4 2.31.0 0.9.0.dev20240101`),
    pieces: words('0 1 2 9 10 00 .0 .1 a b rc c alpha beta pre preview .post .dev - _ -1 r rev 1! 0! + +a +1 +a.1 .z post1 dev0 v'),
  },
  maven: {
    real: words(`1.0 1.0.0 1.0-SNAPSHOT 1.0-alpha-1 1.0-alpha1 1.0a1 1.0-beta2 1.0-M1 1.0-rc1 1.0-CR2 1.0.Final 1.0.0.RELEASE 2.17.1 5.3.18 2.9.10.8 1.0-sp1 31.1-jre 31.1-android 3.2.0-b05 2.0.0-M10
      9.4.48.v20220622 1.2.17-redhat-1 20230227 4.1.94.Final 1.0.0-ga 2.12.7.1 1-1 1-a 1.x 1.0.1-20230101.120000-3`),
    pieces: words('0 1 2 9 10 00 01 . - .0 -0 -1 a b m x A rc cr sp ga final release snapshot alpha beta milestone Final -SNAPSHOT .v2022 jre _ +'),
  },
  gem: {
    real: words(`1.0 1.0.0 1.0.0.rc1 1.0.0.pre 1.0.0.beta.2 7.0.8.4 2.2.6.4 1.13.0.rc4 1.0.a 1.0-rc1 3.1.4.pre1 0.0.1 2020.5.1 1.0.0.alpha1 6.1.7.10 1.16.5-x86 5.0.0.beta1.1 1.0.0.0`),
    pieces: words('0 1 2 9 10 00 01 .0 .1 .a .b .rc .rc1 .pre -1 -rc a Z .A z1 - .'),
  },
  nuget: {
    real: words(`1.0.0 1.0.0.0 4.3.0 13.0.1 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 6.0.0-preview.7.21377.19 2.1.0-rc1-final 5.0.17 1.0.1-Alpha 1.0.1-alpha 4.7.2.1 1.0 1.0.0+build 8.0.0-rc.2.23480.2 01.2.03 12.0.0-b`),
    pieces: words('0 1 2 9 10 00 01 .0 .1 .0.0 -a -A -beta -BETA -rc.1 .01 -01 +b -0 - x Z 2147483648'),
  },
  composer: {
    real: words(`1.0.0 v1.0 1.0.0-beta1 1.0.0-RC2 2.0.0-alpha.3 1.0.0-p1 1.0.0-patch2 6.4.15 10.48.22 2.x-dev 1.0.x-dev 1.0-dev 2024.01.05 20240105 1.0.0.0 1.0.0-stable 3.0.0-beta.4-dev 5.4.0-RC1 1.0pl2 1.0b1 0.9.1.2
      2010-01-02.5 1.2.3.4-a 7.4.0-BETA1`),
    pieces: words('0 1 2 9 10 00 01 .0 .1 -dev .x-dev -beta -beta2 -RC1 rc -alpha a b -p1 -pl patch -stable @dev +build v _ - . -RC-1 20240101'),
  },
  go: {
    real: words(`v1.2.3 1.2.3 v0.0.0-20210921155107-089bfa567519 v0.0.0-20220314234659-1baeb1ce4c0b v1.8.1-0.20240101000000-abcdefabcdef v2.0.0+incompatible v2.0.0-rc.1+incompatible v1.21.0-0 1.21.0 v1.21.0-rc.2
      v0.1.0-alpha v1 v1.2 v1.2.3-pre v1.2.3-pre.0.20200101000000-abcdefabcdef v3.2.1+incompatible 0.38.0`),
    pieces: words('0 1 2 9 10 .0 .1 -0 -rc.1 -0.2021 -2021 +incompatible .01 v -pre - a Z -alpha.beta'),
  },
  numbers: {
    real: words('1.0 1.0.0 1.2-3 0.9.1 2.14.1.1 1.10 3.5.0-2 20230101 0.0.1 1.01'),
    pieces: words('0 1 2 9 10 00 01 . - .0 -0 .1'),
  },
  generic: {
    real: words('2.4.52 1.0.2k 9.2p1 8.0.36-0ubuntu0.22.04.1 7.0-rc2 10.0.0-M1 4.96 2.4 1.3.5e 9.11.4-P2 12.2.1.4.0 15.2(4)M3 6.0.8.2_beta'),
    pieces: words('0 1 2 9 10 .0 .1 a b p1 rc1 -1 -P2 ~ _u1 beta'),
  },
}

/**
 * Pairs of versions of a scheme: seeds beside seeds, and seeds beside what they become when a piece is put in, taken out,
 * swapped or doubled. The same for the same arguments; some are no versions at all, which must be told as well. `more`: further
 * real versions.
 */
export function versionPairs(scheme: VersionScheme, count: number, seed: number, more: readonly string[] = []): readonly (readonly [string, string])[] {
  const { real, pieces } = seeds[scheme]
  const all = [...real, ...more]
  const random = generator(seed)
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const change = (text: string): string => {
    const at = Math.floor(random() * (text.length + 1))
    const length = Math.floor(random() * 4)
    switch (Math.floor(random() * 5)) {
      case 0: return text.slice(0, at) + one(pieces) + text.slice(at)
      case 1: return text.slice(0, at) + text.slice(at + length)
      case 2: return text.slice(0, at) + one(pieces) + text.slice(at + length)
      case 3: return text.slice(0, at) + text.slice(at).replace(/\d+/, (digits) => String(BigInt(digits) + 1n))
      default: return text + one(pieces)
    }
  }
  const pairs: (readonly [string, string])[] = []
  while (pairs.length < count) {
    const base = one(all)
    const a = random() < 0.4 ? base : change(base)
    const b = random() < 0.2 ? one(all) : random() < 0.6 ? change(a) : change(change(a))
    if (a.length > 0 && b.length > 0) pairs.push([a, b])
  }
  return pairs
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
