import type { Software } from '#core/knowledge/affected.ts'
import type { Shapes } from '#core/observation.ts'
import { readDpkg, readRpm } from '#formats/inventory/lines.ts'

type Package = Shapes['package']

export function dpkgPackages(text: string, ecosystem: string, distro: string): readonly Package[] {
  return readDpkg(text, ecosystem).software.map((one) => packageOf(one, distro))
}

export function rpmPackages(text: string, ecosystem: string, distro: string): readonly Package[] {
  return readRpm(text, ecosystem).software.map((one) => packageOf(one, distro))
}

const most = 20_000

/** Records of /lib/apk/db/installed, of which only name, version, architecture and origin were read. Source: https://wiki.alpinelinux.org/wiki/Apk_spec */
export function apkPackages(text: string, ecosystem: string, distro: string): readonly Package[] {
  const packages: Package[] = []
  for (const record of text.split('\n\n')) {
    const field = (letter: string): string => new RegExp(`^${letter}:([A-Za-z0-9._+~-]{1,200})$`, 'm').exec(record.slice(0, 2000))?.[1] ?? ''
    const [name, version, architecture, source] = [field('P'), field('V'), field('A'), field('o')]
    if (name === '' || version === '' || packages.length >= most) continue
    packages.push(packageOf({ ecosystem, name, version, source: source === '' ? name : source, sourceVersion: version, ...(architecture === '' ? {} : { architecture }) }, distro))
  }
  return packages
}

/** `/usr/local/lib/node_modules/npm/package.json:  "version": "10.2.3",` */
export function npmPackages(text: string): readonly Package[] {
  return text.split('\n').slice(0, 2000).flatMap((line) => {
    const [, name, version] = /\/node_modules\/((?:@[\w.-]{1,100}\/)?[\w.-]{1,200})\/package\.json:\s*"version":\s*"([0-9A-Za-z.+-]{1,100})"/.exec(line.slice(0, 1000)) ?? []
    return name === undefined || version === undefined ? [] : [{ ecosystem: 'npm', name, version }]
  })
}

/** `/usr/local/lib/python3.11/dist-packages/Jinja2-3.1.2.dist-info` */
export function pythonPackages(text: string): readonly Package[] {
  return text.split('\n').slice(0, 5000).flatMap((line) => {
    const [, name, version] = /\/([A-Za-z0-9][\w.]{0,150})-([0-9][0-9A-Za-z.!+_]{0,80})\.dist-info$/.exec(line.slice(0, 1000)) ?? []
    return name === undefined || version === undefined ? [] : [{ ecosystem: 'PyPI', name, version }]
  })
}

function packageOf({ ecosystem, name, version, source, sourceVersion, architecture }: Software, distro: string): Package {
  return {
    ecosystem, name, version, distro, ...(source === undefined ? {} : { source }), ...(sourceVersion === undefined ? {} : { sourceVersion }), ...(architecture === undefined ? {} : { architecture }),
  }
}
