import { endOfDigits, plainText, type Order } from './order.ts'
import { compareSemantic, readSemantic, type SemanticVersion } from './semver.ts'

/**
 * As golang.org/x/mod/semver: `v1` and `v1.2` are `v1.0.0` and `v1.2.0`; `+incompatible` has no say; a pseudo-version is what
 * comes before a release. The `v` may be missing, as in OSV. The toolchain's own spelling (`go1.21rc2`, `1.21.3`) is read too.
 */
export const go: Order<SemanticVersion> = {
  read(text) {
    const plain = plainText(text)
    if (plain === null) return null
    const bare = plain.startsWith('go') ? plain.slice(2) : plain.startsWith('v') ? plain.slice(1) : plain
    const semantic = readSemantic(bare, 1, 3)
    if (semantic !== null) return semantic.numbers.length < 3 && /[-+]/.test(bare) ? null : semantic
    return plain.startsWith('v') ? null : readToolchain(bare)
  },
  compare: compareSemantic,
}

/** `1.21rc2` comes before `1.21`; what stands after a blank or a dash (a vendor's patch level) is not ours to judge. */
function readToolchain(text: string): SemanticVersion | null {
  for (const word of ['rc', 'beta']) {
    const at = text.indexOf(word)
    if (at <= 0) continue
    const digits = at + word.length
    if (digits === text.length || endOfDigits(text, digits) !== text.length) return null
    const semantic = readSemantic(text.slice(0, at), 2, 3)
    return semantic === null || semantic.before.length > 0 ? null : { numbers: semantic.numbers, before: [word, text.slice(digits)] }
  }
  return null
}
