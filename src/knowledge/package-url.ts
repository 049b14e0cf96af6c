/** Ecosystems of OSV by the type of a package URL. */
const ecosystems: Readonly<Record<string, string>> = {
  npm: 'npm', pypi: 'PyPI', gem: 'RubyGems', maven: 'Maven', nuget: 'NuGet', composer: 'Packagist', golang: 'Go', cargo: 'crates.io', hex: 'Hex', pub: 'Pub', deb: 'Debian', rpm: 'Red Hat', apk: 'Alpine',
}

/** `pkg:maven/org.apache/x` → Maven, `org.apache:x`. Empty for a type that has no ecosystem. */
export function packageProducts(purl: string): (readonly [string, string])[] {
  const parts = /^pkg:([a-z0-9.+-]+)\/([^@?#]+)/i.exec(purl)
  const ecosystem = parts === null ? undefined : ecosystems[parts[1]!.toLowerCase()]
  if (parts === null || ecosystem === undefined) return []
  let path: string
  try {
    path = decodeURIComponent(parts[2]!)
  } catch {
    return []
  }
  const isDistribution = ecosystem === 'Debian' || ecosystem === 'Red Hat' || ecosystem === 'Alpine'
  const name = ecosystem === 'Maven' ? path.replace('/', ':') : isDistribution ? path.split('/').at(-1)! : path
  return [[ecosystem, name]]
}
