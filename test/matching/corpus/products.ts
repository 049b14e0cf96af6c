import { needs, product, says, type Case } from './case.ts'

/** Products by the name CPE gives them: all of these are potential. */
export const products: readonly Case[] = [
  {
    title: 'both sides of an AND must be there',
    seen: 'grype #1349: AND nodes ignored',
    advisories: [says('nvd', 'CVE-2099-3001', 'cpe', 'cisco:anyconnect', [{ before: '4.10' }], { part: 'a', together: [[needs('o', 'microsoft:windows'), needs('o', 'apple:macos')]] })],
    host: [product('cisco:anyconnect', '4.8'), product('linux:linux_kernel', '5.10.1', 'o')],
    hits: [],
  },
  { title: 'with one of the other side', seen: 'the counterpart', advisories: [], host: [product('cisco:anyconnect', '4.8'), product('apple:macos', '14.1', 'o')], hits: [['cisco:anyconnect', 'CVE-2099-3001', '4.10']] },
  {
    title: 'firmware is vulnerable on its own hardware only, in either of two configurations',
    seen: 'NVD: running on',
    advisories: [
      says('nvd', 'CVE-2099-3002', 'cpe', 'acme:router_firmware', [{ before: '2.0' }], { part: 'o', together: [[needs('h', 'acme:r1000')]] }),
      says('nvd', 'CVE-2099-3002', 'cpe', 'acme:router_firmware', [{ before: '1.5' }], { part: 'o', together: [[needs('h', 'acme:r2000')]] }),
    ],
    host: [product('acme:router_firmware', '1.7', 'o'), product('acme:r2000', '', 'h')],
    hits: [],
  },
  { title: 'and on the other', seen: 'the counterpart', advisories: [], host: [product('acme:router_firmware', '1.4', 'o'), product('acme:r2000', '', 'h')], hits: [['acme:router_firmware', 'CVE-2099-3002', '1.5']] },
  {
    title: 'a condition with versions of its own',
    seen: 'NVD: applications in a plugin’s host',
    advisories: [says('nvd', 'CVE-2099-3003', 'cpe', 'example:plugin', [{ upTo: '3.1' }], { part: 'a', fixed: [], together: [[needs('a', 'jenkins:jenkins', [{ before: '2.400' }])]] })],
    host: [product('example:plugin', '3.0'), product('jenkins:jenkins', '2.426')],
    hits: [],
  },
  {
    title: 'made for another platform',
    seen: 'target_sw ignored: WordPress plugins and Windows builds reported anywhere',
    advisories: [
      says('nvd', 'CVE-2099-3004', 'cpe', 'acme:gallery', [{ before: '2.0' }], { part: 'a', cpe: { targetSoftware: 'wordpress' } }),
      says('nvd', 'CVE-2099-3005', 'cpe', 'acme:agent', [{ before: '2.0' }], { part: 'a', cpe: { targetSoftware: 'windows' } }),
    ],
    host: [product('acme:gallery', '1.0'), product('acme:agent', '1.0'), product('linux:linux_kernel', '5.10', 'o')],
    hits: [],
  },
  {
    title: 'made for this platform',
    seen: 'the counterpart',
    advisories: [],
    host: [product('acme:gallery', '1.0'), product('wordpress:wordpress', '6.4'), product('acme:agent', '1.0'), product('microsoft:windows_server_2019', '10.0.17763', 'o')],
    hits: [['acme:gallery', 'CVE-2099-3004', '2.0'], ['acme:agent', 'CVE-2099-3005', '2.0']],
  },
  {
    title: 'an edition nobody can see',
    seen: 'sw_edition ignored: fixes of the weekly line reported on the long-term one',
    advisories: [
      says('nvd', 'CVE-2099-3006', 'cpe', 'jenkins:jenkins', [{ before: '2.442' }], { part: 'a', cpe: { softwareEdition: '-' } }),
      says('nvd', 'CVE-2099-3006', 'cpe', 'jenkins:jenkins', [{ before: '2.426.3' }], { part: 'a', cpe: { softwareEdition: 'lts' } }),
      says('nvd', 'CVE-2099-3007', 'cpe', 'gitlab:gitlab', [{ before: '16.8.1' }], { part: 'a', cpe: { softwareEdition: 'enterprise' } }),
    ],
    host: [product('jenkins:jenkins', '2.426.3'), product('gitlab:gitlab', '15.9.0')],
    hits: [],
  },
  {
    title: 'in every edition there is',
    seen: 'the counterpart',
    advisories: [
      says('nvd', 'CVE-2099-3008', 'cpe', 'gitlab:gitlab', [{ from: '16.0', before: '16.7.4' }], { part: 'a', cpe: { softwareEdition: 'community' } }),
      says('nvd', 'CVE-2099-3008', 'cpe', 'gitlab:gitlab', [{ from: '16.0', before: '16.7.4' }], { part: 'a', cpe: { softwareEdition: 'enterprise' } }),
    ],
    host: [product('jenkins:jenkins', '2.426.2'), product('gitlab:gitlab', '16.7.3')],
    hits: [['jenkins:jenkins', 'CVE-2099-3006', '2.442'], ['gitlab:gitlab', 'CVE-2099-3008', '16.7.4']],
  },
  {
    title: 'updates are part of the version',
    seen: 'p1 and rc1 taken for the release',
    advisories: [
      says('nvd', 'CVE-2099-3009', 'cpe', 'acme:server', [], { part: 'a', versions: ['7.4'], cpe: { update: 'p1' }, fixed: [] }),
      says('nvd', 'CVE-2099-3010', 'cpe', 'acme:server', [], { part: 'a', versions: ['8.0'], fixed: [] }),
      says('nvd', 'CVE-2099-3011', 'cpe', 'acme:server', [{ from: '9.0', before: '9.1' }], { part: 'a' }),
    ],
    host: [product('acme:server', '7.4'), product('acme:server', '7.4p1'), product('acme:server', '8.0p2'), product('acme:server', '8.0.1'), product('acme:server', '9.0rc1'), product('acme:server', '9.1rc1'), product('acme:server', '9.1p1')],
    hits: [['acme:server', 'CVE-2099-3009', null], ['acme:server', 'CVE-2099-3010', null], ['acme:server', 'CVE-2099-3011', '9.1']],
  },
  {
    title: 'a banner cut short may stand for the mended version',
    seen: 'Server: Apache/2.4',
    advisories: [says('nvd', 'CVE-2099-3012', 'cpe', 'apache:http_server', [{ from: '2.4.0', before: '2.4.62' }], { part: 'a' })],
    host: [product('apache:http_server', '2.4'), product('apache:http_server', '2.4.57'), product('apache:http_server', '2.4.62')],
    hits: [['apache:http_server', 'CVE-2099-3012', '2.4.62']],
  },
  {
    title: 'an override of NVD stands for the whole of it',
    seen: 'grype: NVD naming the wrong product for years',
    advisories: [
      says('nvd', 'CVE-2099-3013', 'cpe', 'acme:library', [{ before: '2.0' }], { part: 'a' }), says('nvd-overrides', 'CVE-2099-3013', 'cpe', 'acme:library', [{ from: '1.5', before: '1.6' }], { part: 'a' }),
      says('nvd', 'CVE-2099-3014', 'cpe', 'acme:library', [{ before: '2.0' }], { part: 'a' }), says('nvd-overrides', 'CVE-2099-3014', 'cpe', 'acme:other_library', [{ before: '2.0' }], { part: 'a' }),
    ],
    host: [product('acme:library', '1.4'), product('acme:library', '1.5.3')],
    hits: [['acme:library', 'CVE-2099-3013', '1.6']],
  },
  {
    title: 'a product named without any version, and ranges between commits of git',
    seen: 'CVE records of kernels and browsers: years after the fix still every version',
    advisories: [
      says('vulnrichment', 'CVE-2099-3017', 'cpe', 'google:chrome', [{}], { part: 'a', fixed: [] }),
      says('vulnrichment', 'CVE-2099-3018', 'cpe', 'linux:linux_kernel', [{ from: '1da177e4c3f4', before: '5.10.82' }, { from: '5.16', before: '9404c4145542' }], { part: 'o' }),
    ],
    host: [product('google:chrome', '131.0.6778.85'), product('linux:linux_kernel', '6.1.76', 'o')],
    hits: [],
  },
  {
    title: 'hardware of the same name as an application',
    seen: 'grype #342: part ignored',
    advisories: [says('nvd', 'CVE-2099-3015', 'cpe', 'acme:gateway', [{ before: '5' }], { part: 'h' })],
    host: [product('acme:gateway', '4.0', 'a')],
    hits: [],
  },
  {
    title: 'another vendor’s product of the same name',
    seen: 'grype #1362: products matched by name alone',
    advisories: [says('nvd', 'CVE-2099-3016', 'cpe', 'acme:jira', [{ before: '10' }], { part: 'a' })],
    host: [product('atlassian:jira', '9.0')],
    hits: [],
  },
]
