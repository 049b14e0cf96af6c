import { deb, library, product, rpm, says, type Case } from './case.ts'

/** Packages of distributions. Vulnerabilities are invented; package names and the way versions look are real. */
export const distributions: readonly Case[] = [
  {
    title: 'a fix that was ported back to the stable version',
    seen: 'every scanner that compares upstream versions with Debian packages',
    advisories: [
      says('debian', 'CVE-2099-1001', 'Debian:12', 'openssh', [{ before: '1:9.2p1-2+deb12u3' }]),
      says('nvd', 'CVE-2099-1001', 'cpe', 'openbsd:openssh', [{ from: '8.5', before: '9.8' }], { part: 'a' }),
    ],
    host: [
      deb('Debian:12', 'openssh-server', '1:9.2p1-2+deb12u3', 'openssh'),
      // The same server, as its banner shows it.
      product('openbsd:openssh', '9.2p1'),
    ],
    hits: [],
  },
  {
    title: 'the same package before the fix',
    seen: 'the counterpart',
    advisories: [],
    host: [deb('Debian:12', 'openssh-server', '1:9.2p1-2+deb12u2', 'openssh'), deb('Debian:12', 'openssh-client', '1:9.2p1-2+deb12u2', 'openssh'), product('openbsd:openssh', '9.2p1')],
    hits: [['openssh-server', 'CVE-2099-1001', '1:9.2p1-2+deb12u3'], ['openssh-client', 'CVE-2099-1001', '1:9.2p1-2+deb12u3']],
  },
  {
    title: 'an OpenSSH of no distribution has what upstream says',
    seen: 'the counterpart',
    advisories: [],
    host: [product('openbsd:openssh', '9.2p1'), deb('Debian:12', 'openssl', '3.0.15-1~deb12u1', 'openssl')],
    hits: [['openbsd:openssh', 'CVE-2099-1001', '9.8']],
  },
  {
    title: 'a fixed version with ~deb12u1 comes before the plain one',
    seen: 'Wazuh: versions with a tilde taken for newer',
    advisories: [says('debian', 'CVE-2099-1002', 'Debian:12', 'openssl', [{ before: '3.0.15-1~deb12u1' }])],
    host: [deb('Debian:12', 'openssl', '3.0.15-1~deb12u1', 'openssl'), deb('Debian:12', 'libssl3', '3.0.14-1~deb12u2', 'openssl')],
    hits: [['libssl3', 'CVE-2099-1002', '3.0.15-1~deb12u1']],
  },
  {
    title: 'a fix that came by the security archive, below the version of the next release',
    seen: 'Wazuh #35615: fix in the default security archive ignored',
    advisories: [
      says('debian', 'CVE-2099-1003', 'Debian:11', 'curl', [{ before: '7.74.0-1.3+deb11u13' }]),
      says('debian', 'CVE-2099-1003', 'Debian:12', 'curl', [{ before: '7.88.1-10+deb12u7' }]),
    ],
    host: [deb('Debian:11', 'libcurl4', '7.74.0-1.3+deb11u13', 'curl'), deb('Debian:12.5', 'curl', '7.88.1-10+deb12u6', 'curl')],
    hits: [['curl', 'CVE-2099-1003', '7.88.1-10+deb12u7']],
  },
  {
    title: 'the epoch outweighs everything behind it',
    seen: 'scanners that drop the epoch',
    advisories: [says('debian', 'CVE-2099-1004', 'Debian:12', 'bind9', [{ before: '1:9.18.28-1~deb12u2' }]), says('redhat', 'CVE-2099-1005', 'Red Hat:9', 'openssl-libs', [{ before: '1:3.0.7-28.el9_4' }])],
    host: [
      deb('Debian:12', 'bind9', '1:9.18.28-1~deb12u2', 'bind9'), deb('Debian:12', 'bind9-libs', '1:9.18.24-1', 'bind9'),
      rpm('Red Hat:9', 'openssl-libs', '1:3.0.7-27.el9', 'openssl'),
    ],
    hits: [['bind9-libs', 'CVE-2099-1004', '1:9.18.28-1~deb12u2'], ['openssl-libs', 'CVE-2099-1005', '1:3.0.7-28.el9_4']],
  },
  {
    title: 'an rpm inventory that leaves the epoch out',
    seen: 'grype: packages with an epoch reported as outdated for ever',
    advisories: [],
    host: [rpm('Red Hat:9.4', 'openssl-libs', '3.0.7-28.el9_4', 'openssl')],
    hits: [],
  },
  {
    title: 'headers and documents of the kernel have none of its vulnerabilities',
    seen: 'grype #3126, #3129: 5,194 matches on a package of kernel headers, none after the mending',
    advisories: [
      says('debian', 'CVE-2099-1006', 'Debian:12', 'linux', [{ before: '6.1.119-1' }]),
      says('redhat', 'CVE-2099-1006', 'Red Hat:9', 'kernel', [{ before: '5.14.0-503.11.1.el9_5' }]),
      says('redhat', 'CVE-2099-1006', 'Red Hat:9', 'kernel-core', [{ before: '5.14.0-503.11.1.el9_5' }]),
      says('redhat', 'CVE-2099-1006', 'Red Hat:9', 'kernel-headers', [{ before: '5.14.0-503.11.1.el9_5' }]),
      says('ubuntu', 'CVE-2099-1006', 'Ubuntu:22.04', 'linux', [{ before: '5.15.0-127.137' }]),
    ],
    host: [
      deb('Debian:12', 'linux-libc-dev', '6.1.76-1', 'linux'), deb('Debian:12', 'linux-headers-6.1.0-18-amd64', '6.1.76-1', 'linux'), deb('Debian:12', 'linux-doc-6.1', '6.1.76-1', 'linux'),
      deb('Debian:12', 'linux-kbuild-6.1', '6.1.76-1', 'linux'), rpm('Red Hat:9', 'kernel-headers', '5.14.0-427.42.1.el9_4', 'kernel'), deb('Ubuntu:22.04', 'linux-tools-common', '5.15.0-91.101', 'linux'),
      deb('Ubuntu:22.04', 'linux-image-generic', '5.15.0.91.88', 'linux-meta'),
    ],
    hits: [],
  },
  {
    title: 'the kernel itself is found, though Debian signs it in another source package',
    seen: 'Wazuh #36983: the kernel package missed',
    advisories: [],
    host: [
      deb('Debian:12', 'linux-image-6.1.0-18-amd64', '6.1.76-1', 'linux-signed-amd64', '6.1.76+1'), rpm('Red Hat:9', 'kernel-core', '5.14.0-427.42.1.el9_4', 'kernel'),
      deb('Ubuntu:22.04', 'linux-image-5.15.0-91-generic', '5.15.0-91.101', 'linux-signed'),
    ],
    hits: [['linux-image-6.1.0-18-amd64', 'CVE-2099-1006', '6.1.119-1'], ['kernel-core', 'CVE-2099-1006', '5.14.0-503.11.1.el9_5'], ['linux-image-5.15.0-91-generic', 'CVE-2099-1006', '5.15.0-127.137']],
  },
  {
    title: 'a library that other software carries is no part of the kernel',
    seen: 'grype #2770: a vulnerability of V8 reported on a kernel',
    advisories: [says('nvd', 'CVE-2099-1007', 'cpe', 'google:chrome', [{ before: '131.0.6778.85' }], { part: 'a' }), says('debian', 'CVE-2099-1007', 'Debian:12', 'chromium', [{ before: '131.0.6778.85-1~deb12u1' }])],
    host: [deb('Debian:12', 'linux-image-6.1.0-28-amd64', '6.1.119-1', 'linux-signed-amd64', '6.1.119+1'), product('linux:linux_kernel', '6.1.119', 'o'), deb('Debian:12', 'chromium', '131.0.6778.69-1~deb12u1', 'chromium')],
    hits: [['chromium', 'CVE-2099-1007', '131.0.6778.85-1~deb12u1']],
  },
  {
    title: 'the vendor says that it is not affected',
    seen: 'Wazuh #27597: what the distribution calls not affected reported from NVD',
    advisories: [
      says('ubuntu', 'CVE-2099-1008', 'Ubuntu:22.04', 'nginx', [], { status: 'notAffected' }),
      says('osv', 'CVE-2099-1008', 'Ubuntu:22.04', 'nginx', [{ before: '1.18.0-6ubuntu14.9' }]),
      says('nvd', 'CVE-2099-1008', 'cpe', 'f5:nginx', [{ before: '1.25.3' }], { part: 'a' }),
    ],
    host: [deb('Ubuntu:22.04:LTS', 'nginx-core', '1.18.0-6ubuntu14.4', 'nginx'), product('f5:nginx', '1.18.0')],
    hits: [],
  },
  {
    title: 'the vendor will not mend it',
    seen: 'scanners that hide what has no fix',
    advisories: [says('debian', 'CVE-2099-1009', 'Debian:12', 'busybox', [], { status: 'unfixed', rating: 'no-dsa', fixed: [] }), says('redhat', 'CVE-2099-1009', 'Red Hat:9', 'busybox', [{}], { status: 'unfixed', fixed: [] })],
    host: [deb('Debian:12', 'busybox', '1:1.35.0-4+b3', 'busybox', '1:1.35.0-4'), rpm('Red Hat:9', 'busybox', '1.35.0-4.el9')],
    hits: [['busybox', 'CVE-2099-1009', null], ['busybox', 'CVE-2099-1009', null]],
  },
  {
    title: 'one package name, two module streams',
    seen: 'RHEL 8: fixes of nodejs:20 reported on nodejs:18',
    advisories: [
      says('redhat', 'CVE-2099-1010', 'Red Hat:8', 'nodejs', [{ before: '1:18.20.4-1.module+el8.10.0+22175+52d2bd38' }]),
      says('redhat', 'CVE-2099-1010', 'Red Hat:8', 'nodejs', [{ before: '1:20.16.0-1.module+el8.10.0+22205+ee2f9a8d' }]),
    ],
    host: [rpm('Red Hat:8.10', 'nodejs', '1:18.20.4-1.module+el8.10.0+22175+52d2bd38', 'nodejs')],
    hits: [],
  },
  {
    title: 'and the stream that is not mended',
    seen: 'the counterpart',
    advisories: [],
    host: [rpm('Red Hat:8.10', 'nodejs', '1:20.12.2-2.module+el8.9.0+21743+0b3f1be2', 'nodejs')],
    hits: [['nodejs', 'CVE-2099-1010', '1:20.16.0-1.module+el8.10.0+22205+ee2f9a8d']],
  },
  {
    title: 'both streams in one advisory',
    seen: 'Red Hat’s OVAL: one definition for several streams',
    advisories: [
      says('redhat', 'CVE-2099-1016', 'Red Hat:8', 'nodejs-npm', [
        { before: '1:10.7.0-1.18.20.4.1.module+el8.10.0+22175+52d2bd38' }, { before: '1:11.8.1-1.20.16.0.1.module+el8.10.0+22205+ee2f9a8d' },
      ], { architectures: ['aarch64', 'x86_64'] }),
    ],
    host: [rpm('Red Hat:8', 'nodejs-npm', '1:10.7.0-1.18.20.4.1.module+el8.10.0+22175+52d2bd38'), rpm('Red Hat:8', 'nodejs-npm', '1:11.1.0-1.module+el8.9.0+1+a')],
    hits: [['nodejs-npm', 'CVE-2099-1016', '1:11.8.1-1.20.16.0.1.module+el8.10.0+22205+ee2f9a8d']],
  },
  {
    title: 'a release the advisory does not speak of',
    seen: 'advisories of one release taken for another',
    advisories: [says('alpine', 'CVE-2099-1011', 'Alpine:v3.20', 'expat', [{ before: '2.6.3-r0' }])],
    host: [deb('Alpine:v3.19', 'libexpat', '2.6.2-r0', 'expat'), deb('Alpine:3.20.1', 'libexpat', '2.6.2-r0', 'expat'), deb('Alpine:v3.20', 'expat-dev', '2.6.3-r0', 'expat')],
    hits: [['libexpat', 'CVE-2099-1011', '2.6.3-r0']],
  },
  {
    title: 'a package of the distribution that a language also lists',
    seen: 'Wazuh #21854, trivy: python3-urllib3 of Debian reported by what PyPI says',
    advisories: [says('ghsa', 'CVE-2099-1012', 'PyPI', 'urllib3', [{ before: '1.26.17' }]), says('debian', 'CVE-2099-1012', 'Debian:12', 'python-urllib3', [{ before: '1.26.12-1+deb12u1' }])],
    host: [deb('Debian:12', 'python3-urllib3', '1.26.12-1+deb12u1', 'python-urllib3'), library('PyPI', 'urllib3', '1.26.12')],
    hits: [],
  },
  {
    title: 'a copy beside it that pip installed',
    seen: 'the counterpart',
    advisories: [],
    host: [deb('Debian:12', 'python3-urllib3', '1.26.12-1+deb12u1', 'python-urllib3'), library('PyPI', 'urllib3', '1.26.5')],
    hits: [['urllib3', 'CVE-2099-1012', '1.26.17']],
  },
  {
    title: 'an architecture that the advisory does not name',
    seen: 'RHEL: advisories of s390x reported on x86_64',
    advisories: [says('redhat', 'CVE-2099-1013', 'Red Hat:9', 'kvm-guest', [{ before: '2.0-1.el9' }], { architectures: ['s390x'] })],
    host: [rpm('Red Hat:9', 'kvm-guest', '1.0-1.el9')],
    hits: [],
  },
  {
    title: 'CentOS rebuilds what Red Hat mends',
    seen: 'CentOS hosts without any finding',
    advisories: [says('redhat', 'CVE-2099-1014', 'Red Hat:7', 'sudo', [{ before: '1.8.23-10.el7_9.3' }], { architectures: ['x86_64', 'ppc64le'] })],
    host: [rpm('CentOS:7', 'sudo', '1.8.23-10.el7_9.1'), rpm('Rocky Linux:9', 'sudo', '1.8.23-1.el9')],
    hits: [['sudo', 'CVE-2099-1014', '1.8.23-10.el7_9.3']],
  },
  {
    title: 'a version that is none',
    seen: 'scanners that take what they cannot read for 0',
    advisories: [says('alpine', 'CVE-2099-1015', 'Alpine:v3.20', 'tool', [{ before: '2.0-r0' }])],
    host: [deb('Alpine:v3.20', 'tool', 'unknown', 'tool')],
    hits: [],
  },
]
