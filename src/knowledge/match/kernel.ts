import type { Software } from '#core/knowledge/affected.ts'

/** Packages of these names are the kernel itself or code that runs in it. */
const runs = [
  /^linux-(?:image|modules)(?:-|$)/,
  /^linux-(?:lts|virt|edge|rpi\d?|stable|hardened)$/,
  /^kernel(?:-(?:core|modules|rt|debug|64k|zfcpdump|default|azure|uek|lt|ml|plus|kvmsmall|automotive)|$)/,
]
const never = /-(?:headers?|devel|dev|docs?|tools|dbg|dbgsym|debuginfo|debugsource|abi-stablelists|abi-whitelists|macros|source)(?:-|$)/
const sources = /^(?:linux|kernel)(?:-|$)/
/** Sources that only begin like a kernel's. */
const others = [
  /^linux-(?:base|firmware|firmware-[a-z0-9-]+|pam|atm|igd|sound-base|patch-[a-z0-9-]+|minidisc|wlan-ng|show-player|console-tools)$/,
  /^kernel-(?:wedge|package|handbook|srpm-macros|firmware[a-z0-9-]*)$/,
]

/**
 * Whether the package is built from the kernel's source and holds nothing of what runs: headers, documentation, tools, names
 * that pull in the newest. Advisories of the kernel speak of its source; taken by the letter, a compiler's headers had five
 * thousand vulnerabilities.
 */
export function isPartOfKernelOnly({ name, source }: Pick<Software, 'name' | 'source'>): boolean {
  const from = source === undefined || source === '' ? name : source
  if (!sources.test(from) || others.some((form) => form.test(from))) return false
  if (/^linux-meta(?:-|$)/.test(from)) return true
  return !runs.some((form) => form.test(name)) || never.test(name)
}
