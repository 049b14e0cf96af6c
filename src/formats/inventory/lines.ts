import { collect, type InventoryRead } from './inventory.ts'
import { sourceRpm } from './package-url.ts'

const mostLines = 200_000
const longestLine = 2000

/**
 * `dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${db:Status-Abbrev}\n'`: later columns may be left out; a name may
 * carry its architecture (`libc6:amd64`). Also the table of `dpkg -l`. What is not installed is no software.
 */
export function readDpkg(text: string, distribution: string): InventoryRead {
  const into = collect('dpkg')
  for (const line of linesOf(text, into.skip)) {
    const table = /^([a-z])([a-z])[a-z ]? +(\S+) +(\S+) +(\S+)/i.exec(line)
    const isTable = table !== null && !line.includes('\t')
    if (!isTable && !line.includes('\t') && (/^(?:Desired=|\||\+\+\+)/.test(line) || line.trim() === '')) continue
    const [name = '', version = '', architecture = '', source = '', sourceVersion = '', status = ''] = isTable ? [table[3], table[4], table[5], '', '', `${table[1]!}${table[2]!}`] : line.split('\t').map((part) => part.trim())
    if (status !== '' && !/^.i/.test(status)) {
      into.skip('not-installed', line)
      continue
    }
    const [plain = '', of = ''] = name.split(':')
    if (!/^[a-z0-9][a-z0-9+.-]*$/i.test(plain) || !/^[0-9A-Za-z.+:~-]+$/.test(version)) into.skip('not-a-line-of-dpkg', line)
    else {
      const arch = architecture === '' ? of : architecture
      // Without them the source is the package of the same name and version: what the tool leaves out means just that.
      into.add({ ecosystem: distribution, name: plain, version, source: source === '' ? plain : source, sourceVersion: sourceVersion === '' ? version : sourceVersion, ...(arch === '' ? {} : { architecture: arch }) })
    }
  }
  return into.done()
}

/**
 * `rpm -qa --qf '%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n'`: later columns may be left out. Also plain `rpm -qa`
 * (`openssl-libs-3.0.7-24.el9.x86_64`), which tells no epoch.
 */
export function readRpm(text: string, distribution: string): InventoryRead {
  const into = collect('rpm')
  for (const line of linesOf(text, into.skip)) {
    if (line.trim() === '') continue
    const [name = '', version = '', architecture = '', from = ''] = line.includes('\t') ? line.split('\t').map((part) => part.trim()) : plainRpm(line.trim())
    if (name === 'gpg-pubkey') into.skip('not-a-package', line)
    else if (!/^[\w+.-]+$/.test(name) || !/^[\w.+:~^()-]+$/.test(version)) into.skip('not-a-line-of-rpm', line)
    else into.add({ ecosystem: distribution, name, version: version.replace(/^(?:0|\(none\)):/, ''), ...sourceRpm(from), ...(architecture === '' || architecture === '(none)' ? {} : { architecture }) })
  }
  return into.done()
}

function plainRpm(line: string): readonly string[] {
  const parts = /^(.{1,250})-([^-\s]{1,100}-[^-\s]{1,100})\.([a-z0-9_]{2,20})$/.exec(line)
  return parts === null ? [line, ''] : [parts[1]!, parts[2]!, parts[3]!]
}

function* linesOf(text: string, skip: (reason: string, example: string) => void): Generator<string> {
  let count = 0
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    const line = text.slice(from, end < 0 ? text.length : end).replace(/\r$/, '')
    from = end < 0 ? text.length : end + 1
    if (++count > mostLines) return skip('too-many', `line ${count}`)
    if (line.length > longestLine) skip('too-long', line.slice(0, 100))
    else yield line
  }
}
