import { library, says, type Case } from './case.ts'

/** Packages of languages. */
export const packages: readonly Case[] = [
  {
    title: 'the same name in another ecosystem',
    seen: 'grype #431, #558: a gem reported for an npm package of the same name',
    advisories: [says('ghsa', 'CVE-2099-2001', 'npm', 'redis', [{ from: '2.6.0', before: '3.1.1' }])],
    host: [library('PyPI', 'redis', '3.0.1'), library('RubyGems', 'redis', '3.0.1'), library('crates.io', 'redis', '3.0.1'), library('npm', 'redis', '3.0.2')],
    hits: [['redis', 'CVE-2099-2001', '3.1.1']],
  },
  {
    title: 'an advisory that was withdrawn',
    seen: 'grype: withdrawn advisories reported for years',
    advisories: [says('ghsa', 'GHSA-xxxx-2099-0002', 'npm', 'left-pad', [{}], { withdrawn: true })],
    host: [library('npm', 'left-pad', '1.3.0')],
    hits: [],
  },
  {
    title: 'two sources of one vulnerability are one hit, and the first in rank decides',
    seen: 'one vulnerability reported twice, as GHSA and as CVE',
    advisories: [
      says('ghsa', 'CVE-2099-2003', 'PyPI', 'django', [{ from: '4.2', before: '4.2.16' }, { from: '5.0', before: '5.0.9' }]),
      says('osv', 'CVE-2099-2003', 'PyPI', 'django', [{ from: '4.2', before: '4.2.17' }]),
      says('cve', 'CVE-2099-2003', 'PyPI', 'django', [{}]),
    ],
    host: [library('PyPI', 'Django', '4.2.15'), library('PyPI', 'django', '4.2.16'), library('PyPI', 'DJANGO', '3.2.25'), library('PyPI', 'django', '5.0.9rc1')],
    hits: [['Django', 'CVE-2099-2003', '4.2.16'], ['django', 'CVE-2099-2003', '5.0.9']],
  },
  {
    title: 'names are the same as their ecosystem has it',
    seen: 'PEP 503 names, capitals of NuGet, composer and npm',
    advisories: [
      says('osv', 'CVE-2099-2004', 'PyPI', 'ruamel-yaml', [{ before: '0.18' }]), says('ghsa', 'CVE-2099-2005', 'NuGet', 'newtonsoft.json', [{ before: '13.0.1' }]),
      says('ghsa', 'CVE-2099-2006', 'Packagist', 'symfony/http-kernel', [{ before: '6.4.15' }]), says('ghsa', 'CVE-2099-2007', 'npm', 'JSONStream', [{ before: '1.3.6' }]),
      says('ghsa', 'CVE-2099-2008', 'Maven', 'org.apache.logging.log4j:log4j-core', [{ from: '2.0-beta9', before: '2.15.0' }]),
    ],
    host: [
      library('PyPI', 'Ruamel_YAML', '0.17.21'), library('NuGet', 'Newtonsoft.Json', '12.0.3'), library('Packagist', 'Symfony/Http-Kernel', 'v6.4.14'), library('npm', 'jsonstream', '1.0.3'),
      library('npm', 'JSONStream', '1.3.5'), library('Maven', 'org.apache.logging.log4j/log4j-core', '2.14.1'), library('Maven', 'org.apache.logging.log4j:log4j-api', '2.14.1'),
      library('Maven', 'org.apache.logging.log4j:log4j-core', '2.15.0'),
    ],
    hits: [
      ['Ruamel_YAML', 'CVE-2099-2004', '0.18'], ['Newtonsoft.Json', 'CVE-2099-2005', '13.0.1'], ['Symfony/Http-Kernel', 'CVE-2099-2006', '6.4.15'], ['JSONStream', 'CVE-2099-2007', '1.3.6'],
      ['org.apache.logging.log4j/log4j-core', 'CVE-2099-2008', '2.15.0'],
    ],
  },
  {
    title: 'Go: modules by their whole path, pseudo-versions, the standard library',
    seen: 'osv-scanner: pseudo-versions taken for releases; the Go toolchain missed',
    advisories: [
      says('osv', 'CVE-2099-2009', 'Go', 'golang.org/x/crypto', [{ before: '0.0.0-20220314234659-1baeb1ce4c0b' }]), says('osv', 'CVE-2099-2010', 'Go', 'stdlib', [{ before: '1.21.12' }, { from: '1.22.0-0', before: '1.22.5' }]),
      says('osv', 'CVE-2099-2011', 'Go', 'github.com/example/lib', [{ before: '1.9.0' }]), says('osv', 'CVE-2099-2012', 'Go', 'github.com/example/old', [{ before: '2.3.0+incompatible' }]),
    ],
    host: [
      library('Go', 'golang.org/x/crypto', 'v0.0.0-20210921155107-089bfa567519'), library('Go', 'golang.org/x/crypto', 'v0.0.0-20220411220226-7b82a4e95df4'), library('Go', 'std', 'go1.22.4'),
      library('Go', 'stdlib', '1.22rc1'), library('Go', 'stdlib', '1.21.12'), library('Go', 'github.com/example/lib/v2', 'v2.0.0'), library('Go', 'github.com/example/lib/sub', 'v1.0.0'),
      library('Go', 'github.com/example/old', 'v2.2.0+incompatible'), library('Go', 'github.com/example/old', 'v2.3.0+incompatible'),
    ],
    hits: [
      ['golang.org/x/crypto', 'CVE-2099-2009', '0.0.0-20220314234659-1baeb1ce4c0b'], ['std', 'CVE-2099-2010', '1.22.5'], ['stdlib', 'CVE-2099-2010', '1.22.5'],
      ['github.com/example/old', 'CVE-2099-2012', '2.3.0+incompatible'],
    ],
  },
  {
    title: 'what comes before a release is in its range',
    seen: 'release candidates taken for the release',
    advisories: [says('ghsa', 'CVE-2099-2013', 'npm', 'next', [{ from: '14.0.0', before: '14.2.10' }]), says('ghsa', 'CVE-2099-2014', 'RubyGems', 'rails', [{ before: '7.1.4' }])],
    host: [library('npm', 'next', '14.2.10-canary.3'), library('npm', 'next', '14.0.0-rc.1'), library('npm', 'next', '14.2.10'), library('RubyGems', 'rails', '7.1.4.rc1'), library('RubyGems', 'rails', '7.1.4.1')],
    hits: [['next', 'CVE-2099-2013', '14.2.10'], ['rails', 'CVE-2099-2014', '7.1.4']],
  },
  {
    title: 'listed versions, and one that was taken out',
    seen: 'OSV: versions listed one by one; retire.js: versions exempt from a range',
    advisories: [
      says('osv', 'CVE-2099-2015', 'PyPI', 'ctx', [], { versions: ['0.2.2', '0.2.6'] }),
      says('retirejs', 'CVE-2099-2016', 'retire.js', 'jquery', [{ before: '3.5.0' }]), says('retirejs', 'CVE-2099-2016', 'retire.js', 'jquery', [], { status: 'notAffected', versions: ['2.2.4-patched'], fixed: [] }),
    ],
    host: [library('PyPI', 'ctx', '0.2.6'), library('PyPI', 'ctx', '0.2.5'), library('retire.js', 'jquery', '2.2.4-patched'), library('retire.js', 'jquery', '2.2.4')],
    hits: [['ctx', 'CVE-2099-2015', null], ['jquery', 'CVE-2099-2016', '3.5.0']],
  },
  {
    title: 'RustSec speaks first of crates; `_` and `-` are the same there',
    seen: 'crates reported after RustSec took the version out',
    advisories: [says('rustsec', 'CVE-2099-2017', 'crates.io', 'serde-yaml', [{ from: '0.8.0', before: '0.8.4' }]), says('ghsa', 'CVE-2099-2017', 'crates.io', 'serde_yaml', [{ before: '0.9.0' }])],
    host: [library('crates.io', 'serde_yaml', '0.8.3'), library('crates.io', 'serde-yaml', '0.8.26')],
    hits: [['serde_yaml', 'CVE-2099-2017', '0.8.4']],
  },
  {
    title: 'versions that are none of their ecosystem',
    seen: 'GitHub Actions pinned to a branch, a Maven version of words',
    advisories: [says('ghsa', 'CVE-2099-2018', 'GitHub Actions', 'tj-actions/changed-files', [{ before: '46.0.1' }]), says('ghsa', 'CVE-2099-2019', 'Maven', 'org.example:thing', [{ before: '2.0' }])],
    host: [library('GitHub Actions', 'tj-actions/changed-files', 'main'), library('GitHub Actions', 'tj-actions/changed-files', 'v45'), library('GitHub Actions', 'TJ-actions/changed-files', 'v45.0.7'), library('Maven', 'org.example:thing', '${revision}')],
    hits: [['TJ-actions/changed-files', 'CVE-2099-2018', '46.0.1']],
  },
]
