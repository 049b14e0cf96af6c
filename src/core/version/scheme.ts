import type { VersionScheme } from '../knowledge/affected.ts'
import { apk } from './apk.ts'
import { composer } from './composer.ts'
import { dpkg } from './dpkg.ts'
import { gem } from './gem.ts'
import { compareVersions, parseVersion, type Version } from './generic.ts'
import { go } from './go.ts'
import { maven } from './maven.ts'
import { nuget } from './nuget.ts'
import { numbers } from './numbers.ts'
import type { Order } from './order.ts'
import { pep440 } from './pep440.ts'
import { rpm } from './rpm.ts'
import { semver } from './semver.ts'

const generic: Order<Version> = { read: parseVersion, compare: compareVersions }

const orders: Readonly<Record<VersionScheme, Order<unknown>>> = {
  apk: erased(apk), composer: erased(composer), dpkg: erased(dpkg), gem: erased(gem), generic: erased(generic), go: erased(go),
  maven: erased(maven), nuget: erased(nuget), numbers: erased(numbers), pep440: erased(pep440), rpm: erased(rpm), semver: erased(semver),
}

/**
 * The order of a scheme, for whoever reads a version once and compares it often. Versions read by one scheme go into that
 * scheme's `compare` only.
 */
export function orderOf(scheme: VersionScheme): Order<unknown> {
  return orders[scheme]
}

/** Negative when `a` is older, positive when it is newer; null when one of them is no version of that scheme. */
export function compare(scheme: VersionScheme, a: string, b: string): number | null {
  const order = orders[scheme]
  const one = order.read(a)
  const other = order.read(b)
  return one === null || other === null ? null : order.compare(one, other)
}

function erased<V>(order: Order<V>): Order<unknown> {
  return order
}
