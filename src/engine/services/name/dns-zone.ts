const mostZones = 4

/**
 * Zones worth asking a server for, out of names it or its host goes by: each name and its parents of two labels or more, the
 * nearest first, at most four. What is not a plain host name yields none.
 */
export function zonesOf(names: readonly (string | null | undefined)[]): readonly string[] {
  const zones = new Set<string>()
  for (const name of names) {
    const plain = (name ?? '').toLowerCase().replace(/\.$/, '')
    if (plain.length > 253 || !/^(?=.*[a-z])[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/.test(plain)) continue
    const labels = plain.split('.')
    // The name itself is a zone less often than its parent.
    for (const from of labels.length > 2 ? [1, 0, 2] : [0]) {
      const zone = labels.slice(from)
      if (zone.length >= 2 && zones.size < mostZones) zones.add(zone.join('.'))
    }
  }
  return [...zones]
}
