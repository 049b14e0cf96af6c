import type { Criteria, OvalDocument } from './document.ts'

/** What criteria come to: one package, in what release and module, and below which version; without one whatever is installed. */
export type Leaf = Readonly<{ names: readonly string[]; below: string | null; architectures: string | null; release: string | null; module: Readonly<{ name: string; stream: string }> | null; comment: string }>

const mostLeaves = 50_000

/**
 * The packages that criteria name. Conditions beside them (the release is installed, the module is enabled) go with all that stands in the same AND.
 * Signatures of packages and running kernels do not narrow what is vulnerable. `lost` counts what is negated or compares otherwise.
 */
export function leavesOf(criteria: Criteria | null, document: Pick<OvalDocument, 'tests'>, releaseOf: (comment: string) => string | null): Readonly<{ leaves: readonly Leaf[]; lost: ReadonlyMap<string, number> }> {
  const leaves: Leaf[] = []
  const lost = new Map<string, number>()
  const lose = (reason: string): void => void lost.set(reason, (lost.get(reason) ?? 0) + 1)
  if (criteria !== null) walk(criteria, { release: null, module: null })
  return { leaves, lost }

  function walk(node: Criteria, context: Pick<Leaf, 'release' | 'module'>): void {
    if (leaves.length >= mostLeaves) return lose('too-many')
    if (node.negate) {
      // "unless the other release is installed"
      if (node.kind === 'test' && releaseOf(node.comment) !== null) return
      return lose('negated')
    }
    if (node.kind === 'definition') return
    if (node.kind === 'test') return test(node, context)
    const here = node.kind === 'all' ? { release: context.release ?? conditionOf(node.of, releaseIn), module: context.module ?? conditionOf(node.of, moduleIn) } : context
    for (const child of node.of) walk(child, here)
  }

  function test(node: Extract<Criteria, { kind: 'test' }>, context: Pick<Leaf, 'release' | 'module'>): void {
    const asked = document.tests.get(node.test)
    if (asked === undefined || asked.names.length === 0 || releaseOf(node.comment) !== null || moduleOf(node.comment) !== null) return
    // Signed with a key of the vendor: always so on a system that is the vendor's.
    if (asked.operation === 'other') return
    if (asked.below !== null && asked.operation !== 'less than') return lose('operation')
    leaves.push({ names: asked.names, below: asked.below, architectures: asked.architectures, comment: node.comment, ...context })
  }

  function releaseIn(node: Criteria): string | null {
    if (!('of' in node)) return node.negate ? null : releaseOf(node.comment)
    const all = node.of.map(releaseIn)
    // Some alternatives are other editions of the same.
    return all.length > 0 && (node.kind === 'any' ? isOnlyConditions(node) : true) ? (all.find((one) => one !== null) ?? null) : null
  }

  function moduleIn(node: Criteria): Leaf['module'] {
    return node.kind === 'test' && !node.negate ? moduleOf(node.comment) : null
  }

  function isOnlyConditions(node: Criteria): boolean {
    if ('of' in node) return node.of.every(isOnlyConditions)
    return releaseOf(node.comment) !== null || (node.kind === 'test' && document.tests.get(node.test)?.below == null)
  }
}

function conditionOf<T>(nodes: readonly Criteria[], find: (node: Criteria) => T | null): T | null {
  for (const node of nodes) {
    const found = find(node)
    if (found !== null) return found
  }
  return null
}

function moduleOf(comment: string): Leaf['module'] {
  const found = /^Module ([\w.+-]{1,80}):([\w.+-]{1,80}) is enabled$/.exec(comment)
  return found === null ? null : { name: found[1]!, stream: found[2]! }
}
